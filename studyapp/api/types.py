"""What the player and the server say to each other. `docs/openapi.json` is made from these."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from experiments.timing import Milliseconds, Timing, Waited
from studyapp.api.events import EventIn
from studyapp.api.explanations import AdviceOut, ExplanationOut
from studyapp.api.said import Said as _Said

Lease = Literal["held", "elsewhere"]


class BlockRequest(_Said):
    """Asks for the trials that may be answered now."""

    device: UUID = Field(description="the random number by which this browser is known")
    take_over: bool = Field(default=False, description="the participant said: continue here")


class MediaOut(_Said):
    """A file to load before the trial begins."""

    sha256: str
    url: str
    bytes: int


class ChoiceOut(_Said):
    """An answer as offered: a species, a word, a picture, or a layer over the trial's own."""

    key: str
    name: str
    picture: str | None
    layer: str | None


class TrialOut(_Said):
    """One question to a trial: no truth, no arm, no condition, no telling name."""

    uid: UUID
    asking: str = Field(description="names the question: the uid, with `:first` where it is that")
    is_first: bool = Field(description="asked before the explanation is shown; it is asked again")
    asks_again: bool = Field(description="asked before already, now with the explanation")
    key: UUID = Field(description="idempotency key for the answer to this trial")
    title: str
    question: str
    prediction: str | None = Field(description="the network's answer, where the task tells it")
    picture: str | None
    width: int
    height: int
    explanation: ExplanationOut | None
    advice: AdviceOut | None
    media: tuple[MediaOut, ...]
    viewing_seconds: int | None
    choices: tuple[ChoiceOut, ...]
    instruction: str | None
    confidence_question: str | None
    confidence_levels: tuple[str, ...]
    number: int
    total: int
    page: str = Field(description="the same as HTML: what a browser without JavaScript is sent")


class Block(_Said):
    """Trials up to the next break, feedback or end of the stage; none when another page is due."""

    lease: Lease = Field(
        description="elsewhere: another device holds the session, ask to take over"
    )
    trials: tuple[TrialOut, ...]
    expected: int = Field(description="answers the whole session needs")
    counted: int = Field(description="answers the server has")


class AnswerIn(_Said):
    """An answer. Send it again until it is answered 200, 201 or 409."""

    device: UUID
    key: UUID = Field(description="idempotency key: the trial's, kept with the answer")
    trial: UUID
    is_first: bool = Field(default=False, description="as in the block")
    choice: Annotated[str, Field(max_length=100)]
    confidence: int | None = None
    rt_ms: Milliseconds = Field(
        default=None, description="from the picture's paint to the choice; null when not known"
    )
    timing: Timing = Timing()
    waited_ms: Waited = Field(
        default=None,
        description="how long the browser had kept the answer when it sent this; null: not known",
    )


class ReceiptOut(_Said):
    """What became of an answer."""

    outcome: Literal["new", "same", "conflict"] = Field(
        description="conflict: another answer to this trial counts; this one is kept and flagged"
    )
    receipt: str = Field(description="SHA-256 of the stored answer, as experiments.receipts says")
    lease: Lease
    expected: int
    counted: int


class EventsIn(_Said):
    """Events in any order, each stored once."""

    device: UUID | None = Field(default=None, description="asks whether it still has the lease")
    events: Annotated[tuple[EventIn, ...], Field(max_length=200)]


class EventsOut(_Said):
    """How many of the events sent are stored, now or before."""

    stored: int
    lease: Lease


class State(_Said):
    """What the server has counted, so that a browser can send again what is missing."""

    lease: Lease
    expected: int
    counted: int
    unanswered: tuple[str, ...] = Field(
        description="what was asked of a browser and is not answered, by `asking`"
    )


class Problem(_Said):
    """What is wrong with a request, and where."""

    field: str
    message: str


class Problems(_Said):
    """Why nothing was stored."""

    problems: tuple[Problem, ...]
