"""What all types of the API have in common."""

from pydantic import BaseModel, ConfigDict


class Said(BaseModel):
    """Never changed, and with no field that is not declared."""

    model_config = ConfigDict(frozen=True, extra="forbid")
