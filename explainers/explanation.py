"""An explanation as data: the map, and everything needed to make it again."""

import io
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from PIL import Image
from safetensors import SafetensorError
from torch import Tensor

from experiments.digest import canonical_json
from experiments.files import write_atomically
from explainers.errors import ExplainersError
from explainers.evaluator import Passes
from explainers.perturbation import Grid
from explainers.rendering.layer import heat_layer


@dataclass(frozen=True, eq=False)
class Explanation:
    """Where the evidence for one species lies in one picture, according to one method.

    Attributes
    ----------
    heat
        (h, w), float32, in [0, 1] at the method's own resolution; high is important.
    grid
        Whether the outermost values lie on the outermost pixels or at cell centres.
    method, version, parameters, seed
        Of the method; the seed is the build's, the picture's own is derived from it.
    picture
        Digest of the picture, from which its randomness is derived.
    target
        Position of the explained species among the network's outputs.
    probability
        Of that species for the whole picture.
    baseline
        Name of what replaces removed parts; `none` when nothing is removed.
    network_digest
        Of the network explained.
    passes
        Network images, forward and backward.
    seconds
        Wall-clock time it took.
    versions
        Of the libraries that computed it.
    """

    heat: Tensor
    grid: Grid
    method: str
    version: str
    parameters: dict[str, Any]
    seed: int
    picture: str
    target: int
    probability: float
    baseline: str
    network_digest: str
    passes: Passes
    seconds: float
    versions: dict[str, str] = field(default_factory=lambda: {"torch": torch.__version__})

    def facts(self) -> dict[str, Any]:
        """Return everything but the map, as JSON can hold it."""
        return {name: value for name, value in asdict(self).items() if name != "heat"}

    def map_bytes(self) -> bytes:
        """Return the map as safetensors; equal maps give equal bytes."""
        return map_to_bytes(self.heat)

    def save(self, stem: Path) -> None:
        """Write `stem.safetensors` (the map) and then `stem.json` (all the rest)."""
        write_atomically(stem.with_suffix(".safetensors"), self.map_bytes())
        write_atomically(stem.with_suffix(".json"), canonical_json(self.facts()))

    @classmethod
    def load(cls, stem: Path) -> "Explanation":
        """Read what `save` wrote.

        Raises
        ------
        ExplainersError
            When a file is missing or damaged.
        """
        try:
            facts = json.loads(stem.with_suffix(".json").read_text(encoding="utf-8"))
            heat = map_from_bytes(stem.with_suffix(".safetensors").read_bytes())
            return cls.from_facts(heat, facts)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ExplainersError(f"{stem} is not a saved explanation: {error}") from error

    @classmethod
    def from_facts(cls, heat: Tensor, facts: dict[str, Any]) -> "Explanation":
        """Join a map with the facts that `facts` gave."""
        return cls(heat=heat, **{**facts, "passes": Passes(**facts["passes"])})

    def to_png(self, size: tuple[int, int]) -> bytes:
        """Return the transparent heat layer at (width, height) as a PNG file."""
        stream = io.BytesIO()
        self.layer(size).save(stream, format="PNG")
        return stream.getvalue()

    def layer(self, size: tuple[int, int]) -> Image.Image:
        """Return the transparent heat layer at (width, height)."""
        return heat_layer(self.heat, size, self.grid)


def map_to_bytes(heat: Tensor) -> bytes:
    """Return a map as a safetensors file.

    It carries no metadata: their order in the header would vary from one run to the next.
    """
    return safetensors.torch.save({"map": heat.cpu().float().contiguous()})


def map_from_bytes(content: bytes) -> Tensor:
    """Return the map of a safetensors file.

    Raises
    ------
    ValueError
        When it holds none.
    """
    try:
        return safetensors.torch.load(content)["map"]
    except (SafetensorError, KeyError) as error:
        raise ValueError(f"no map in these bytes: {error}") from error
