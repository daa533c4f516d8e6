"""What a power simulation found: written by `python -m analysis power`, read by the freeze dossier.

The record names the protocol by the digest of its canonical JSON, so that a reader can tell
whether it is of the plan at hand: `of_protocol` gives that digest.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from experiments.digest import sha256_json
from experiments.schema import Protocol

Share = Annotated[float, Field(ge=0, le=1)]
Number = Annotated[float, Field(allow_inf_nan=False)]


class PowerRecordError(Exception):
    """A power record can't be read. The message says why and what to do."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Rate(_Frozen):
    """A share of simulated studies, with its 95 % interval (Wilson 1927)."""

    share: Share
    low: Share
    high: Share


class ProtocolCard(_Frozen):
    """Which plan was simulated."""

    slug: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$", description="of the protocol's canonical JSON")


class Assumptions(_Frozen):
    """What the simulated studies take for granted."""

    respondents: str = Field(description="name or file of the response model")
    parameters: dict[str, Number] = Field(description="of the response model, in its own units")
    accuracy: Share = Field(description="of attentive people in arms without the effect")
    shares_of_effect: dict[str, Number] = Field(
        description="how much of the effect each arm has; arms that are not named have none"
    )
    statements: tuple[str, ...] = Field(description="the same in sentences")


class PowerRow(_Frozen):
    """One contrast at one point: how many of the simulated studies call it significant."""

    participants: int = Field(ge=1, description="who consent, over all arms")
    pictures: int = Field(ge=1, description="that one participant meets in the assessment")
    effect: Number = Field(description="difference of accuracies that the arms with effect have")
    logits: Number = Field(description="the same on the scale of the response model")
    arm: str
    against: str
    difference: Number = Field(description="true difference of accuracies of this contrast")
    studies: int = Field(ge=1)
    significant: Rate
    wrong_direction: int = Field(ge=0, description="significant, and against the true difference")
    unanswered: int = Field(ge=0, description="studies in which the test has no answer")
    analysed: Number = Field(description="mean number of participants left by the exclusions")


class FamilyRow(_Frozen):
    """How often any contrast without a true difference is called significant."""

    participants: int = Field(ge=1)
    pictures: int = Field(ge=1)
    effect: Number
    studies: int = Field(ge=1)
    any_false: Rate


class DetectableRow(_Frozen):
    """The smallest difference of accuracies that is found with the wanted power."""

    participants: int = Field(ge=1)
    pictures: int = Field(ge=1)
    arm: str
    against: str
    difference: Number | None = Field(
        description="None where the simulated effects don't bracket it"
    )
    low: Number | None
    high: Number | None
    note: str = ""


class PowerRecord(_Frozen):
    """A whole power simulation."""

    schema_version: Literal["1"] = "1"
    larus_version: str
    protocol: ProtocolCard
    test: str = Field(description="the confirmatory test that was simulated")
    alpha: Share
    correction: str
    seed: int
    wanted_power: Share
    assumptions: Assumptions
    rows: tuple[PowerRow, ...]
    families: tuple[FamilyRow, ...]
    detectable: tuple[DetectableRow, ...]


def of_protocol(protocol: Protocol) -> str:
    """Return the digest by which a record names a protocol."""
    return sha256_json(protocol.model_dump(mode="json"))


def read_power_record(path: Path) -> PowerRecord:
    """Read a record from a file.

    Raises
    ------
    PowerRecordError
        When it isn't one.
    """
    try:
        return power_record_in(path.read_bytes(), str(path))
    except OSError as error:
        raise PowerRecordError(f"{path} can't be read: {error.strerror}.") from error


def power_record_in(text: bytes, name: str) -> PowerRecord:
    """Return the record that a JSON text is.

    Parameters
    ----------
    name
        What the text is called in an error.

    Raises
    ------
    PowerRecordError
        When it isn't one.
    """
    try:
        return PowerRecord.model_validate_json(text)
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(map(str, problem["loc"])) or "the file"
        raise PowerRecordError(
            f"{name} is no power record: {where}: {problem['msg']}. "
            "`python -m analysis power` writes one."
        ) from error
