"""What every part of a protocol is made of."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Key = Annotated[
    str,
    Field(
        pattern=r"^[a-z0-9][a-z0-9_:.-]*$",
        max_length=100,
        description="lower-case letters, digits, and _ : . - inside",
    ),
]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
Text = Annotated[str, Field(min_length=1)]
RecruitmentStage = Literal["pilot", "main"]


class Declared(BaseModel):
    """A part of a protocol: frozen, and without fields that nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid")
