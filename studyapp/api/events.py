"""What a browser may tell of what happened in it, and which figures belong to it."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from experiments.structures import PartKey
from experiments.timing import Milliseconds, Moment
from studyapp.api.said import Said

EventKind = Literal[
    "picked",
    "opacity_changed",
    "colours_switched",
    "part_shown",
    "part_left",
    "children_opened",
    "children_closed",
    "graph_panned",
    "guide_shown",
    "guide_left",
    "page_hidden",
    "page_shown",
    "pictures_hidden",
    "help_opened",
    "offline",
    "online",
    "loading_failed",
]
_MOST = 10**12
Detail = (
    Annotated[str, Field(max_length=100)]
    | Annotated[int, Field(ge=-_MOST, le=_MOST)]
    | Annotated[float, Field(ge=-_MOST, le=_MOST, allow_inf_nan=False)]
    | bool
    | None
)
Percent = Annotated[int, Field(ge=0, le=100)]


class Figures(Said):
    """What belongs to every event of a trial: whether it was before the first answer."""

    is_first: bool = False


class OpacityChanged(Figures):
    """How much of the colours is left."""

    percent: Percent


class Switched(Figures):
    """Whether what lies over the picture is shown now."""

    shown: bool


class Part(Figures):
    """A concept or a node."""

    part: PartKey


class PartLeft(Part):
    """How long it was shown while the page was visible; null when that is not known."""

    dwell_ms: Moment | None


class Panned(Figures):
    """Where the visible part of a graph begins."""

    percent: Percent


class GuideShown(Figures):
    """Whether the participant opened it now, or it had stayed open."""

    stayed: bool


class GuideLeft(Figures):
    """How long the guide was open while the page was visible; null when that is not known."""

    dwell_ms: Moment | None


class Network(Figures):
    """When the network went or came back, in ms since the page was loaded; null when not known."""

    page_ms: Milliseconds = None


_DATA: Mapping[str, type[Figures]] = {
    "opacity_changed": OpacityChanged,
    "colours_switched": Switched,
    "part_shown": Part,
    "part_left": PartLeft,
    "children_opened": Part,
    "children_closed": Part,
    "graph_panned": Panned,
    "guide_shown": GuideShown,
    "guide_left": GuideLeft,
    "offline": Network,
    "online": Network,
}


class EventIn(Said):
    """Something that happened in the browser. What a participant did with an explanation has
    figures of its own.
    """

    key: UUID = Field(description="idempotency key")
    kind: EventKind
    trial: UUID | None = None
    since_onset_ms: Milliseconds = None
    data: Annotated[dict[Annotated[str, Field(max_length=40)], Detail], Field(max_length=10)] = (
        Field(default={}, validate_default=True)
    )

    @field_validator("data")
    @classmethod
    def _fits_the_kind(cls, data: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
        declared = _DATA.get(info.data.get("kind", ""))
        if declared is None:
            return data
        try:
            return declared.model_validate(data).model_dump(exclude_unset=True)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            name = ".".join(map(str, first["loc"]))
            message = first["msg"].replace("{", "(").replace("}", ")")
            raise PydanticCustomError("event_data", f"{name}: {message}") from error
