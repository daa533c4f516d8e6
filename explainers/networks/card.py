"""The card beside a network's weights: what it is, what it learnt from, how good it is."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from experiments.manifest import Digest, Species

Colour = Annotated[tuple[float, float, float], Field(description="red, green, blue; in [0, 1]")]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PreprocessingCard(_Frozen):
    """What happens to a picture before the first layer."""

    size: int = Field(ge=8, description="pixels, both directions")
    mean: Colour
    std: Colour
    tensorflow_padding: bool = False


class TrainingCard(_Frozen):
    """How the network was fitted."""

    image_set: str = Field(description="kind: cub, folder or gulls")
    image_set_digest: Digest
    licence: str = Field(description="terms of the pictures")
    seed: int
    head_only: bool
    epochs: int = Field(ge=0, description="run")
    most_epochs: int | None = Field(default=None, ge=1, description="allowed; null for a head")
    batch: int | None = Field(default=None, ge=1, description="null for a head")
    learning_rate: float | None = Field(default=None, gt=0, description="null for a head")
    weights_origin_sha256: Digest | None = Field(
        default=None, description="of the file the weights started from; null when from nothing"
    )


class Evaluation(_Frozen):
    """How often the network is right on the held-out split."""

    accuracy: float = Field(ge=0, le=1)
    pictures: int = Field(ge=1)
    confusion: tuple[tuple[int, ...], ...] = Field(
        description="rows: true species; columns: predicted species; in the order of `species`"
    )


class Card(_Frozen):
    """Everything about a network except its weights."""

    schema_version: Literal["1"] = "1"
    architecture: str
    species: tuple[Species, ...] = Field(min_length=2)
    preprocessing: PreprocessingCard
    evaluation: Evaluation | None = None
    training: TrainingCard | None = None
    versions: dict[str, str] = Field(default_factory=dict, description="torch, torchvision")
