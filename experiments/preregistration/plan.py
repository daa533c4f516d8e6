"""What a preregistration is written from."""

from dataclasses import dataclass

from experiments.duration import Duration
from experiments.manifest import Manifest
from experiments.power_record import PowerRecord
from experiments.schema import Protocol


@dataclass(frozen=True)
class Plan:
    """All that is known before the first participant.

    Attributes
    ----------
    digest
        SHA-256 of the frozen study; None while it is a draft.
    begun
        Participants of the main stage who have consented: it should be none.
    power
        Of this very protocol.
    """

    protocol: Protocol
    manifest: Manifest
    duration: Duration
    digest: str | None = None
    begun: int = 0
    power: PowerRecord | None = None
