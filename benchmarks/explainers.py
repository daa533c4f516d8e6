"""What explanations cost: beside bare passes of the network, and beside released programs.

Run: python -m benchmarks.explainers NETWORK [--images gulls:8] [--pictures 4] [--share 0.1]

The released programs' counts of passes for one picture were measured on a ResNet-18 at 224 pixels;
here as many passes are run, in their batches and in float32, on the network that is given. Compare
figures of one run only.
"""

import argparse
import copy
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import fmean

import torch
from torch import Tensor, nn

from explainers.asking import Ask, Probability, Told
from explainers.base import Explanation
from explainers.errors import ExplainersError
from explainers.evaluator import Evaluator, Passes
from explainers.images import picture_digest
from explainers.imagesets import open_image_set
from explainers.networks import Network, load_network
from explainers.quality.curves import measure_curves
from explainers.registry import METHODS, create


@dataclass(frozen=True)
class Released:
    """Passes of a released program for one picture."""

    forward: int
    backward: int
    batch: int
    wanted: float


RELEASED = {
    "igos": Released(484, 300, batch=1, wanted=4),
    "igospp": Released(7500, 1200, batch=15, wanted=10),
    "sag": Released(7191, 0, batch=1, wanted=20),
}


class Counting(Evaluator):
    """Counts pictures by the kind of their pass."""

    def __init__(self, network: Network) -> None:
        super().__init__(network)
        self.kinds: Counter[tuple[bool, bool]] = Counter()

    def answer(self, asks: Sequence[Ask]) -> list[Told]:
        for ask in asks:
            self.kinds[ask.gradient, ask.exact] += len(ask.pictures)
        return super().answer(asks)


@dataclass
class Measured:
    """A method's explanations, and the seconds they took.

    Attributes
    ----------
    tensors, explanations
        Of the pictures that the method did not refuse.
    kinds
        Pictures of its passes: (with gradients, exact) -> number.
    """

    tensors: Tensor
    explanations: list[Explanation]
    seconds: float
    in_network: float
    kinds: Counter[tuple[bool, bool]]

    @property
    def each(self) -> float:
        return self.seconds / len(self.explanations)


def main() -> None:
    """Print the table."""
    args = _arguments()
    network = load_network(args.network)
    images = open_image_set(args.images, seed=args.seed)
    chosen = images.of_split("test")[:: max(1, len(images.of_split("test")) // args.pictures)]
    pictures = [images.open(record) for record in chosen[: args.pictures]]
    tensors = torch.stack([network.to_tensor(picture) for picture in pictures])
    names = [picture_digest(picture) for picture in pictures]
    print(f"{network.architecture}, {tensors.shape[-1]} px, {len(tensors)} pictures, ", end="")
    print(f"{torch.get_num_threads()} threads, {Evaluator(network).precision}")
    print(
        f"{'method':22}{'s/picture':>10}{'forward':>9}{'backward':>9}{'distinct':>9}"
        f"{'outside':>9}{'to bare':>9}{'released':>10}{'deletion':>9}{'insertion':>10}"
    )
    for name in args.methods.split(","):
        measured = measure(name, network, tensors, names)
        if measured.explanations:
            print(_line(name, measured, network, args.share), flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("network", type=Path)
    parser.add_argument("--images", default="gulls:10")
    parser.add_argument("--pictures", type=int, default=4)
    parser.add_argument("--methods", default=",".join(METHODS))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--share", type=float, default=0.1, help="of the released programs' passes that is run"
    )
    return parser.parse_args()


def measure(name: str, network: Network, tensors: Tensor, names: list[str]) -> Measured:
    evaluator = Counting(network)
    explainer = create(name, network, evaluator)
    with evaluator.session():
        evaluator.answer([Ask(tensors[:1], Probability(0), gradient=True)])
    evaluator.passes = Passes()
    evaluator.kinds.clear()
    begun = time.perf_counter()
    outcomes = dict(explainer.explain_each(tensors, names=names))
    seconds = time.perf_counter() - begun
    served = _served(name, outcomes)
    if 0 < len(served) < len(tensors):
        # What was asked about the others would count as passes for these.
        return measure(name, network, tensors[list(served)], [names[n] for n in served])
    kinds, passes = evaluator.kinds, evaluator.passes
    # What another library differentiates is not asked in questions.
    kinds[True, True] += passes.backward - kinds[True, True] - kinds[True, False]
    kinds[False, True] += passes.forward - kinds.total()
    explanations = list(served.values())
    return Measured(tensors[list(served)], explanations, seconds, passes.seconds, kinds)


def _served(name: str, outcomes: dict[int, Explanation | Exception]) -> dict[int, Explanation]:
    """Explanations by picture, in order; pictures that the method refuses are told and left out."""
    served = {}
    for number, outcome in sorted(outcomes.items()):
        if isinstance(outcome, ExplainersError):
            print(f"{name} leaves out picture {number}: {outcome}")
        elif isinstance(outcome, Exception):
            raise outcome
        else:
            served[number] = outcome
    return served


def _line(name: str, measured: Measured, network: Network, share: float) -> str:
    tensors = measured.tensors
    forward, backward = (
        sum(getattr(one, kind) for one in measured.explanations) for kind in ("forward", "backward")
    )
    distinct = [one.distinct for one in measured.explanations if one.distinct is not None]
    bare = _bare(network, tensors, measured.kinds)
    curves = _curves(network, tensors, measured.explanations)
    count = len(tensors)
    cells = [
        f"{name:22}{measured.each:10.2f}{forward / count:9.0f}{backward / count:9.0f}",
        f"{fmean(distinct):9.0f}" if distinct else f"{'-':>9}",
        f"{1 - measured.in_network / measured.seconds:9.1%}",
        f"{measured.seconds / bare:9.2f}",
        _against_released(name, measured.each, network, tensors, share),
        f"{curves[0]:9.3f}{curves[1]:10.3f}",
    ]
    return "".join(cells)


def _bare(network: Network, tensors: Tensor, kinds: Counter[tuple[bool, bool]]) -> float:
    """Seconds that as many passes take in full batches, with nothing around them."""
    evaluator = Evaluator(network)
    shown = network.normalise(tensors[torch.arange(evaluator.batch) % len(tensors)])
    seconds = 0.0
    with evaluator.session():
        for (gradient, exact), count in kinds.items():
            dtype = torch.float32 if exact else getattr(torch, evaluator.precision)
            laid_out = {"dtype": dtype, "memory_format": torch.channels_last}
            module = copy.deepcopy(network.module).eval().requires_grad_(False).to(**laid_out)
            each = _timed(partial(_pass, module, shown.to(**laid_out), gradient))
            seconds += count / len(shown) * each
    return seconds


def _pass(module: nn.Module, shown: Tensor, gradient: bool) -> None:
    with torch.set_grad_enabled(gradient):
        asked = shown.requires_grad_(gradient)
        scores = module(asked).softmax(1)[:, 0]
        if gradient:
            torch.autograd.grad(scores.sum(), asked)


def _timed(call: Callable[[], object]) -> float:
    """Seconds of one call, the middle of five."""
    seconds = []
    for _ in range(5):
        begun = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - begun)
    return sorted(seconds)[2]


def _against_released(
    name: str, each: float, network: Network, tensors: Tensor, share: float
) -> str:
    if name not in RELEASED:
        return f"{'-':>10}"
    return f"{_released_seconds(RELEASED[name], network, tensors, share) / each:9.1f}x"


def _released_seconds(released: Released, network: Network, tensors: Tensor, share: float) -> float:
    """Seconds of a released program's bare passes: float32, channels first, its own batches."""
    module = copy.deepcopy(network.module).eval().requires_grad_(False)
    batch = network.normalise(tensors[torch.arange(released.batch) % len(tensors)])
    backward = round(released.backward * share / released.batch) or bool(released.backward)
    forward = round((released.forward - released.backward) * share / released.batch) or 1
    begun = time.perf_counter()
    with torch.no_grad():
        for _ in range(forward):
            module(batch)
    middle = time.perf_counter()
    for _ in range(backward):
        asked = batch.clone().requires_grad_()
        torch.autograd.grad(module(asked).softmax(1)[:, 0].sum(), asked)
    end = time.perf_counter()
    plain = (middle - begun) / forward * (released.forward - released.backward)
    sloped = (end - middle) / max(backward, 1) * released.backward
    return (plain + sloped) / released.batch


def _curves(network: Network, tensors: Tensor, explanations: list[Explanation]) -> list[float]:
    evaluator = Evaluator(network)
    with evaluator.session():
        curves = [
            measure_curves(evaluator, image, one.map, one.target)
            for image, one in zip(tensors, explanations, strict=True)
        ]
    return [fmean(c.deletion_area for c in curves), fmean(c.insertion_area for c in curves)]


if __name__ == "__main__":
    main()
