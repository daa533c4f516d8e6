"""What a browser says about how well a reaction time could be measured.

A clock must never cost an answer: what can't be right, or can't be read, is missing.
"""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, WrapValidator

LONGEST_MS = 24 * 3_600_000

OnsetMethod = Literal["decoded_two_frames", "two_frames"]


def _missing_when_wrong(value: Any, read: Callable[[Any], Any]) -> Any:
    try:
        return read(value)
    except ValidationError:
        return None


_Measured = WrapValidator(_missing_when_wrong)
Moment = Annotated[float, Field(ge=0, lt=LONGEST_MS)]
Milliseconds = Annotated[Moment | None, _Measured]
# Nearly 25 days: what a column of 32 bits holds.
Waited = Annotated[Annotated[int, Field(ge=0, lt=2**31)] | None, _Measured]


class Timing(BaseModel):
    """The timing record of one answer. Times are milliseconds since the onset of the trial."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    submitted_ms: Milliseconds = Field(
        default=None,
        description="from the picture's paint to the button that sends the answer; with a "
        "confidence rating it is later than rt_ms",
    )
    onset_method: Annotated[OnsetMethod | None, _Measured] = Field(
        default=None,
        description="how the onset was found: decoded_two_frames, all pictures were decoded, then "
        "shown, and two animation frames went by; two_frames, the trial has no picture. Empty: the "
        "onset is not known, nor is any other time",
    )
    refresh_ms: Annotated[Annotated[float, Field(ge=1, le=1000)] | None, _Measured] = Field(
        default=None,
        description="median time between two frames of the screen, measured while pictures load: "
        "no time is finer than that",
    )
    device_pixel_ratio: Annotated[Annotated[float, Field(gt=0, le=20)] | None, _Measured] = Field(
        default=None, description="screen pixels to one CSS pixel when the picture was shown"
    )
    hidden_spans: Annotated[
        Annotated[tuple[tuple[Moment, Moment], ...], Field(max_length=200)] | None, _Measured
    ] = Field(
        default=None,
        description="when the page was not visible (another tab, a locked screen) between onset "
        "and answer: pairs of begin and end in ms since onset; [] means never",
    )
    reloads: Annotated[Annotated[int, Field(ge=0, le=10_000)] | None, _Measured] = Field(
        default=None,
        description="how often the same browser had shown this trial before, by a reload or by "
        "coming back; above 0 the picture was known when the clock started",
    )

    def columns(self) -> dict[str, Any]:
        """Return what is stored: without an onset nothing since it is known."""
        if self.onset_method is None:
            return self.model_dump() | {"submitted_ms": None, "hidden_spans": None}
        return self.model_dump(mode="json")


def meaning(field: str) -> str:
    """Return what a field of the timing record means, for the codebook."""
    return Timing.model_fields[field].description or ""
