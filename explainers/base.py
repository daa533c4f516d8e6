"""What every explanation method is, and what it gives."""

import json
from abc import ABC, abstractmethod
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, fields
from functools import partial
from pathlib import Path
from typing import Any, Self

import safetensors.torch
import torch
from PIL import Image
from torch import Tensor

from experiments.digest import derive_seed
from experiments.files import write_atomically
from explainers.asking import Ask, Direct, Finding, Probability, Search
from explainers.errors import ExplainersError
from explainers.evaluator import Evaluator
from explainers.networks import Network
from explainers.rendering.alt import describe_heat
from explainers.rendering.layer import DrawLayer, heat_layer
from explainers.rendering.part import Part
from explainers.rendering.still import heat_still
from explainers.scheduler import Cost, run_searches
from explainers.settings import changed, names_of


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
        Pictures that the network was asked about.
    distinct
        Masked pictures among them that differ from each other; None where nothing was hidden.
    seconds
        Wall-clock time; of a pass that several pictures shared, each has its part.
    device, precision
        Where it was computed, and with which numbers.
    torch_version
        Which torch computed it.
    own
        The method's own part as JSON holds it: a graph, concepts.
    tensors
        The method's own part as arrays, by name.
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
    distinct: int | None
    seconds: float
    device: str
    precision: str
    torch_version: str
    own: dict[str, Any] = field(default_factory=dict)
    tensors: dict[str, Tensor] = field(default_factory=dict)

    def facts(self) -> dict[str, Any]:
        """Return everything but the arrays."""
        arrays = ("map", "tensors")
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name not in arrays}

    def map_bytes(self) -> bytes:
        """Return the map, and the method's own arrays, as a safetensors file."""
        arrays = {"map": self.map, **self.tensors}
        return safetensors.torch.save({name: array.contiguous() for name, array in arrays.items()})

    def save(self, path: Path) -> None:
        """Write `path`.safetensors and `path`.json."""
        write_atomically(path.with_name(f"{path.name}.safetensors"), self.map_bytes())
        text = json.dumps(self.facts(), indent=2, sort_keys=True) + "\n"
        write_atomically(path.with_name(f"{path.name}.json"), text.encode())

    @classmethod
    def load(cls, path: Path) -> "Explanation":
        """Read what `save` wrote."""
        arrays = safetensors.torch.load_file(path.with_name(f"{path.name}.safetensors"))
        facts = json.loads(path.with_name(f"{path.name}.json").read_text(encoding="utf-8"))
        return cls.of(arrays, facts)

    @classmethod
    def of(cls, arrays: dict[str, Tensor], facts: dict[str, Any]) -> "Explanation":
        """Return the explanation with these arrays and, among other things, these facts."""
        tensors = {name: array for name, array in arrays.items() if name != "map"}
        own = {f.name: facts[f.name] for f in fields(cls) if f.name not in ("map", "tensors")}
        return cls(map=arrays["map"], tensors=tensors, **own)


@dataclass(frozen=True)
class Case:
    """One picture, and what of it is to be explained.

    Attributes
    ----------
    image
        (3, H, W), float32 in [0, 1], not normalised.
    target
        Position of the explained species among the network's outputs.
    probability
        Of that species, in [0, 1].
    generator
        The randomness of this picture alone.
    """

    image: Tensor
    target: int
    probability: float
    generator: torch.Generator


class Explainer(ABC):
    """A method that explains what a network says of a picture.

    A subclass declares its name, version and parameters and searches one picture; batches, seeds,
    counts and times are done here.

    Parameters
    ----------
    network
        Whose decisions are explained.
    evaluator
        Asks the network; methods that explain the same network may share one.
    """

    name: str
    version: str
    # Whether hidden parts show the strongly blurred picture. Where that keeps the answer, the
    # method has nothing to find.
    hides_by_blur: bool = False

    def __init__(self, network: Network, evaluator: Evaluator | None = None) -> None:
        self.network = network
        self.evaluator = evaluator or Evaluator(network)

    @classmethod
    def of_resolution(
        cls, network: Network, evaluator: Evaluator | None, cells: int | None
    ) -> Self:
        """Return the method with masks of so many cells, or with its own choice for None.

        Raises
        ------
        ExplainersError
            When the method has no resolution to choose.
        """
        if cells is not None:
            raise ExplainersError(
                f"{cls.name} has no resolution to choose: write {cls.name} alone."
            )
        return cls(network, evaluator)

    @classmethod
    def with_choices(
        cls,
        network: Network,
        evaluator: Evaluator | None,
        cells: int | None,
        choices: Sequence[str],
    ) -> Self:
        """Return the method as its name spells it, such as `sag:14:zero`.

        Raises
        ------
        ExplainersError
            When the method has no such choice.
        """
        if choices:
            raise ExplainersError(
                f"{cls.name} has no choice {', '.join(choices)}: a number after the colon sets the "
                "resolution, such as igos:56."
            )
        return cls.of_resolution(network, evaluator, cells)

    def with_settings(self, given: Mapping[str, Any]) -> Self:
        """Return the method with some parameters changed, by name; values may be texts.

        Raises
        ------
        ExplainersError
            When the method has no such parameter, or none that can be set, or not of this value.
        """
        if not given:
            return self
        settings = getattr(self, "settings", None)
        if settings is None:
            raise ExplainersError(f"{self.name} has no parameters that can be set.")
        return type(self)(self.network, self.evaluator, changed(settings, given, self.name))  # type: ignore[call-arg]

    def as_recorded(self, parameters: Mapping[str, Any]) -> Self:
        """Return the method as it was when its `parameters` were recorded."""
        settings = getattr(self, "settings", None)
        names = [] if settings is None else names_of(settings)
        return self.with_settings({name: parameters[name] for name in names if name in parameters})

    @abstractmethod
    def parameters(self) -> dict[str, Any]:
        """Return every parameter that decides the result."""

    def parameters_for(self, target: int) -> dict[str, Any]:
        """Return the parameters of explanations of one species, where species differ in them."""
        return self.parameters()

    def require_targets(self, targets: Sequence[int]) -> None:
        """Refuse species that the method could not explain, before any is explained.

        Raises
        ------
        ExplainersError
            Naming them, and the remedy.
        """
        return

    @abstractmethod
    def search(self, case: Case) -> Search:
        """Ask what must be known of one picture, and return what was found."""

    def still(self, explanation: Explanation, picture: Image.Image) -> Image.Image:
        """Return an explanation as one picture for a page or a slide, with its legend."""
        return heat_still(picture, explanation.map)

    def svg(self, explanation: Explanation, picture: Image.Image) -> str | None:
        """Return the same as a drawing that needs no other file, where the method has one."""
        return None

    def alt(self, explanation: Explanation) -> str:
        """Return what the layer over the picture shows, in words that name no species."""
        return describe_heat(explanation.map)

    def parts(
        self, explanation: Explanation, picture: Image.Image, draw: DrawLayer = heat_layer
    ) -> list[Part]:
        """Return the parts of an explanation that has several, as layers over its picture.

        The picture may be another than the explained one: a placebo shows it under foreign parts.
        Parts that are maps are drawn by `draw`.
        """
        return []

    def structure(self, explanation: Explanation) -> dict[str, Any] | None:
        """Return how the parts belong together, as JSON that participants' browsers may see."""
        return None

    def told(self, explanation: Explanation) -> list[str]:
        """Return lines about an explanation, for a terminal."""
        return []

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

        Raises
        ------
        Exception
            What stopped the first picture that could not be explained.
        """
        found: dict[int, Explanation] = {}
        # Closed at once where a picture stops it: the evaluator's session is open until then.
        with closing(self.explain_each(images, target, seed=seed, names=names)) as outcomes:
            for number, outcome in outcomes:
                if isinstance(outcome, Exception):
                    raise outcome
                found[number] = outcome
        return [found[number] for number in range(len(images))]

    def explain_each(
        self,
        images: Iterable[Tensor],
        target: int | Tensor | None = None,
        *,
        seed: int = 0,
        names: Sequence[str] | None = None,
    ) -> Generator[tuple[int, Explanation | Exception]]:
        """Explain pictures as they are taken, and give each as soon as it is done.

        Parameters
        ----------
        images, target, seed, names
            As in `explain`; the pictures may come from a generator.

        Yields
        ------
        tuple
            Position of the picture, and its explanation or what stopped it.
        """
        cases: dict[int, tuple[Case, int]] = {}

        def begin(number: int, image: Tensor) -> Search:
            own_seed = derive_seed(seed, self.name, names[number] if names else "")
            case = yield from _ask_case(image, _target(target, number), own_seed)
            cases[number] = case, own_seed
            return (yield from self.search(case))

        searches = (partial(begin, number, image) for number, image in enumerate(images))
        with self.evaluator.session():
            for number, outcome, cost in run_searches(self.evaluator, searches):
                if isinstance(outcome, Exception):
                    yield number, outcome
                else:
                    case, own_seed = cases.pop(number)
                    yield number, self._explanation(case, own_seed, outcome, cost)

    def _explanation(self, case: Case, seed: int, finding: Finding, cost: Cost) -> Explanation:
        return Explanation(
            map=finding.map.detach().float().cpu(),
            method=self.name,
            version=self.version,
            parameters=self.parameters_for(case.target),
            seed=seed,
            target=case.target,
            probability=case.probability,
            network_digest=self.network.digest,
            forward=cost.forward,
            backward=cost.backward,
            distinct=finding.distinct,
            seconds=round(cost.seconds, 4),
            device=str(self.evaluator.device),
            precision=self.evaluator.precision,
            torch_version=torch.__version__,
            own=finding.own,
            tensors={name: tensor.detach().cpu() for name, tensor in finding.tensors.items()},
        )


def scaled(heat: Tensor) -> Tensor:
    """Return a map stretched to [0, 1]; a constant one says nothing and becomes zeros."""
    low, high = heat.min(), heat.max()
    if high <= low:
        return torch.zeros_like(heat)
    return (heat - low) / (high - low)


def _ask_case(image: Tensor, target: int | None, seed: int) -> Generator[Ask | Direct, Any, Case]:
    """Ask what the network says of a picture, exactly."""
    if target is None:
        row = yield Direct(lambda evaluator: evaluator.outputs(image[None])[0])
        target = int(row.argmax())
    told = yield Ask(image[None], Probability(target), exact=True)
    return Case(image, target, float(told.scores[0]), torch.Generator().manual_seed(seed))


def _target(target: int | Tensor | None, number: int) -> int | None:
    return int(target[number]) if isinstance(target, Tensor) else target
