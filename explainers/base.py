"""What every explanation method is, and what it gives."""

import json
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from torch import Tensor

from experiments.digest import derive_seed
from experiments.files import write_atomically
from explainers.evaluator import Evaluator
from explainers.networks import Network


@dataclass(frozen=True)
class Explanation:
    """Which parts of a picture speak for a species, as data.

    Attributes
    ----------
    map
        (h, w) at the method's own resolution, float32 in [0, 1]; high is important.
    method, version, parameters, seed
        What made it.
    target
        Position of the explained species among the network's outputs.
    probability
        Of that species for the clean picture, in [0, 1].
    network_digest
        Of the network explained.
    forward, backward
        Pictures that went through the network.
    seconds
        Wall-clock time.
    device
        Where it was computed.
    torch_version
        Which torch computed it.
    """

    map: Tensor
    method: str
    version: str
    parameters: dict[str, Any]
    seed: int
    target: int
    probability: float
    network_digest: str
    forward: int
    backward: int
    seconds: float
    device: str
    torch_version: str

    def facts(self) -> dict[str, Any]:
        """Return everything but the map."""
        return {name: value for name, value in asdict(self).items() if name != "map"}

    def map_bytes(self) -> bytes:
        """Return the map as a safetensors file."""
        return safetensors.torch.save({"map": self.map.contiguous()})

    def save(self, path: Path) -> None:
        """Write `path`.safetensors and `path`.json."""
        write_atomically(path.with_suffix(".safetensors"), self.map_bytes())
        text = json.dumps(self.facts(), indent=2, sort_keys=True) + "\n"
        write_atomically(path.with_suffix(".json"), text.encode())

    @classmethod
    def load(cls, path: Path) -> "Explanation":
        """Read what `save` wrote."""
        heat = safetensors.torch.load_file(path.with_suffix(".safetensors"))["map"]
        facts = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        return cls(map=heat, **facts)


class Explainer(ABC):
    """A method that explains what a network says of a picture.

    A subclass declares its name, version and parameters and computes one map; batches, seeds,
    counts and times are done here.
    """

    name: str
    version: str

    def __init__(self, network: Network) -> None:
        self.network = network

    @abstractmethod
    def parameters(self) -> dict[str, Any]:
        """Return every parameter that decides the result."""

    @abstractmethod
    def compute(
        self, evaluator: Evaluator, image: Tensor, target: int, generator: torch.Generator
    ) -> Tensor:
        """Return the map (h, w) of one picture (3, H, W) in [0, 1]."""

    def attribute(
        self, images: Tensor, target: int | Tensor | None = None, *, seed: int = 0
    ) -> Tensor:
        """Return maps for a batch.

        Parameters
        ----------
        images
            (B, 3, H, W), float32 in [0, 1], not normalised.
        target
            Position of the explained species: one for all, one for each (B), or None for what the
            network predicts.
        seed
            Of the method's randomness.

        Returns
        -------
        Tensor
            (B, 1, h, w), float32 in [0, 1]; high is important.
        """
        explanations = self.explain(images, target, seed=seed)
        return torch.stack([explanation.map for explanation in explanations])[:, None]

    def explain(
        self,
        images: Tensor,
        target: int | Tensor | None = None,
        *,
        seed: int = 0,
        names: Sequence[str] | None = None,
    ) -> list[Explanation]:
        """Return an explanation for each picture of a batch.

        Parameters
        ----------
        images, target, seed
            As in `attribute`.
        names
            What stands for each picture in its seed, such as its digest; a picture then gets the
            same explanation in whichever batch it comes. None: all get the same noise.
        """
        evaluator = Evaluator(self.network)
        with evaluator.session():
            # One at a time: a probability must not depend on the picture's batch mates.
            probabilities = torch.cat([evaluator.probabilities(image[None]) for image in images])
            targets = _targets(target, probabilities)
            return [
                self._explain_one(
                    evaluator,
                    image,
                    chosen,
                    float(row[chosen]),
                    derive_seed(seed, self.name, names[index] if names else ""),
                )
                for index, (image, chosen, row) in enumerate(
                    zip(images, targets, probabilities, strict=True)
                )
            ]

    def _explain_one(
        self, evaluator: Evaluator, image: Tensor, target: int, probability: float, seed: int
    ) -> Explanation:
        before = (evaluator.passes.forward, evaluator.passes.backward)
        begun = time.perf_counter()
        generator = torch.Generator().manual_seed(seed)
        heat = self.compute(evaluator, image, target, generator)
        return Explanation(
            map=heat.detach().float().cpu(),
            method=self.name,
            version=self.version,
            parameters=self.parameters(),
            seed=seed,
            target=target,
            probability=probability,
            network_digest=self.network.digest,
            forward=evaluator.passes.forward - before[0],
            backward=evaluator.passes.backward - before[1],
            seconds=round(time.perf_counter() - begun, 4),
            device=str(evaluator.device),
            torch_version=torch.__version__,
        )


def scaled(heat: Tensor) -> Tensor:
    """Return a map stretched to [0, 1]; a constant one says nothing and becomes zeros."""
    low, high = heat.min(), heat.max()
    if high <= low:
        return torch.zeros_like(heat)
    return (heat - low) / (high - low)


def _targets(target: int | Tensor | None, probabilities: Tensor) -> list[int]:
    if target is None:
        return [int(row) for row in probabilities.argmax(1)]
    if isinstance(target, int):
        return [target] * len(probabilities)
    return [int(row) for row in target]
