"""The card beside a fitted Explanation Neural Network."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from experiments.manifest import Digest, Key
from explainers.methods.xnn.settings import XnnSettings


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Origin(_Frozen):
    """Everything that decides a fit; equal origins give equal x-features."""

    species: Key
    network: Digest
    layer: str = Field(description="whose input is encoded")
    image_set: Digest
    seed: int
    settings: XnnSettings
    x_features: int | Literal["auto"] = Field(description="as asked for")
    version: str = Field(
        default="1", description="of the fit, `fitting.VERSION`; the first cards did not tell it"
    )


class RoundCard(_Frozen):
    """One round of the fit."""

    sparsity: float
    orthogonality: float
    means: tuple[float, ...] = Field(description="contributions to the species' own pictures")
    ratio: float = Field(description="second largest mean contribution over the largest")


class Measures(_Frozen):
    """How good it is on held-out pictures; `metrics.py` defines each number."""

    pictures: int
    rmse: float
    agreement: float
    network_accuracy: float
    xnn_accuracy: float
    reconstructed: float
    correlation: float
    significant: float


class TopPicture(_Frozen):
    """A fitted picture in which an x-feature is strong."""

    key: Key
    contribution: float


class XFeatureCard(_Frozen):
    """What an x-feature stands for."""

    mean_contribution: float = Field(description="to the species' own pictures")
    own: tuple[TopPicture, ...] = Field(description="pictures of the species, strongest first")
    others: tuple[TopPicture, ...] = Field(description="pictures of other species")
    area: float | None = Field(
        default=None,
        description="share of the picture that holds half of the heat, over `own`; "
        "null where Excitation Backprop can't serve the network",
    )
    spread: float | None = Field(
        default=None,
        description="of the heat over the parts of the bird: 0 on one part, 1 on all alike; "
        "null where the parts are not known",
    )


class XnnCard(_Frozen):
    """A fitted Explanation Neural Network of one species."""

    schema_version: Literal["1"] = "1"
    origin: Origin
    licence: str = Field(description="terms of the pictures it was fitted to")
    features: int = Field(ge=1, description="that the layer is given (D)")
    rectified: bool = Field(description="whether these are never negative")
    count: int = Field(ge=2, description="x-features (L)")
    rounds: tuple[RoundCard, ...]
    kept: int = Field(ge=0, description="position of the round that is here")
    accepted: bool
    measures: Measures
    x_features: tuple[XFeatureCard, ...]
    versions: dict[str, str] = {}
