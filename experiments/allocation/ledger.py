"""The allocation ledger: who got which place and why, each entry chained to the one before.

An entry's digest is the SHA-256 of its content and of the digest before it; the first one follows
the digest of the frozen protocol. Whoever changes, drops or inserts an entry breaks the chain.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

from experiments.digest import sha256_json

EntryKind = Literal["claim", "release", "close", "reopen"]


@dataclass(frozen=True)
class Entry:
    """One entry.

    Attributes
    ----------
    number
        From 1 within the study, without gaps.
    kind
        One of `EntryKind`.
    stratum
        Of a claim or release that of the person; of a closed or reopened cell that of its slots.
    slot, session
        Index of the slot and code of the session; None for a cell.
    reason
        Why; empty for a claim.
    at
        ISO 8601, UTC.
    """

    number: int
    kind: str
    recruitment_stage: str
    arm: str
    stratum: str
    slot: int | None
    session: str | None
    reason: str
    at: str

    def digest(self, previous: str) -> str:
        """Return the digest of this entry after another."""
        return sha256_json({"previous": previous, **asdict(self)})


def broken_link(first: str, entries: Iterable[tuple[Entry, str]]) -> int | None:
    """Return the number of the first entry whose digest or number is not right, or None.

    Parameters
    ----------
    first
        Digest that the first entry follows.
    entries
        Each with the digest stored beside it, in order.
    """
    previous = first
    for place, (entry, digest) in enumerate(entries, start=1):
        if entry.number != place or entry.digest(previous) != digest:
            return place
        previous = digest
    return None
