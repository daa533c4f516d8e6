"""The one owner of the network: methods ask it, and never call the network themselves."""

import copy
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields
from typing import ClassVar

import torch
from torch import Tensor, nn

from explainers.asking import Ask, Score, Told
from explainers.errors import ExplainersError
from explainers.hooks import captured_input, captured_output
from explainers.memory import DEFAULT_MEMORY, GRAIN, fitting_batch
from explainers.networks import Network


@dataclass
class Passes:
    """How many pictures went through the network, and how long that took.

    Attributes
    ----------
    forward, backward
        Pictures that were asked about.
    padding
        Pictures that only filled a batch up.
    seconds
        Inside the network.
    """

    forward: int = 0
    backward: int = 0
    padding: int = 0
    seconds: float = 0.0


class Evaluator:
    """Asks a network about pictures in [0, 1].

    It works on copies, so the caller's network keeps its mode, gradient flags and hooks: one in
    float32, and one in bfloat16 where the processor computes with it. Weights are channels-last.

    Every pass holds a multiple of four pictures, filled up where need be: the results of such
    passes do not depend, to the last digit, on how many pictures there are nor on which ones they
    are. An explanation can so share its batches with any others.

    Parameters
    ----------
    network
        What is asked.
    memory
        Bytes that a pass with its gradients may take.
    device
        `cpu`, `cuda`, or `auto` for a GPU where there is one.

    Attributes
    ----------
    batch
        Pictures in one pass, at most.
    precision
        Of passes that need not be exact: `bfloat16` or `float32`.
    passes
        Counted since the evaluator was made.
    """

    _sessions: ClassVar[int] = 0

    def __init__(
        self, network: Network, *, memory: int = DEFAULT_MEMORY, device: str = "auto"
    ) -> None:
        self.network = network
        self.device = _device(device)
        self.passes = Passes()
        exact = copy.deepcopy(network.module).eval().requires_grad_(False).to(self.device)
        self._exact = exact.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.precision = _fast_precision(exact, self.device)
        self._fast = self._exact
        if self.precision == "bfloat16":
            self._fast = copy.deepcopy(self._exact).to(torch.bfloat16)
        size = network.preprocessing.size
        self.batch = fitting_batch(self._exact, size, memory, self.device)

    @contextmanager
    def session(self) -> Iterator["Evaluator"]:
        """Flush denormal numbers to zero meanwhile.

        Where a probability underflows, they make a backward pass fifty times slower. Sessions may
        be opened inside each other: the processor's setting is one for all evaluators.
        """
        Evaluator._sessions += 1
        torch.set_flush_denormal(True)
        try:
            yield self
        finally:
            Evaluator._sessions -= 1
            torch.set_flush_denormal(Evaluator._sessions > 0)

    def answer(self, asks: Sequence[Ask]) -> list[Told]:
        """Answer several questions in shared passes.

        Questions of one kind (gradients or not, a layer, exact or not, what the score reads) share
        their passes.
        """
        kinds: dict[_Kind, list[int]] = {}
        for index, ask in enumerate(asks):
            kind = _Kind(ask.gradient, ask.layer, ask.exact, ask.score.reads)
            kinds.setdefault(kind, []).append(index)
        told: dict[int, Told] = {}
        for kind, chosen in kinds.items():
            answers = self._answer_kind(kind, [asks[index] for index in chosen])
            told.update(zip(chosen, answers, strict=True))
        return [told[index] for index in range(len(asks))]

    def probabilities(self, images: Tensor) -> Tensor:
        """Return the exact softmax probabilities (N, species) of pictures (N, 3, H, W)."""
        return self.outputs(images).softmax(1)

    def log_odds(self, images: Tensor, species: int, other: int) -> Tensor:
        """Return log(p(species) / p(other)) (N) of pictures (N, 3, H, W).

        It is taken from the logits, so that it stays exact where a probability underflows.
        """
        logits = self.outputs(images)
        return logits[:, species] - logits[:, other]

    def outputs(self, images: Tensor) -> Tensor:
        """Return the exact outputs (N, species) of pictures (N, 3, H, W)."""
        with torch.no_grad():
            return torch.cat(
                [self._through(self._exact, chunk) for chunk in images.split(self.batch)]
            )

    def read(self, images: Tensor, layer: str) -> tuple[Tensor, Tensor]:
        """Return what a layer is given for pictures (N, 3, H, W), and the outputs, both exact.

        Parameters
        ----------
        images
            (N, 3, H, W), not normalised.
        layer
            Dotted name of a layer that is given (N, D).

        Returns
        -------
        tuple
            Inputs (N, D) of the layer, and outputs (N, species).
        """
        features, outputs = [], []
        for chunk in images.split(self.batch):
            with torch.no_grad(), captured_input(self._exact, layer) as given:
                outputs.append(self._through(self._exact, chunk))
                features.append(given[0][: len(chunk)].to(images.device))
        return torch.cat(features), torch.cat(outputs)

    def function(self, score: Score) -> Callable[[Tensor], Tensor]:
        """Return pictures (N, 3, H, W) -> scores (N), exact and differentiable, its passes counted.

        For methods of other libraries, which differentiate themselves.
        """

        def scores(pictures: Tensor) -> Tensor:
            if pictures.requires_grad:
                self.passes.backward += len(pictures)
            return score(self._through(self._exact, pictures))

        return scores

    def _answer_kind(self, kind: "_Kind", asks: list[Ask]) -> list[Told]:
        pictures = torch.cat([ask.pictures for ask in asks])
        owners = [ask.score for ask in asks for _ in range(len(ask.pictures))]
        parts = [
            self._scored(kind, pictures[start : start + self.batch], owners[start:])
            for start in range(0, len(pictures), self.batch)
        ]
        lengths = [len(ask.pictures) for ask in asks]
        columns = [
            _split([getattr(part, field.name) for part in parts], lengths) for field in fields(Told)
        ]
        return [Told(*row) for row in zip(*columns, strict=True)]

    def _scored(self, kind: "_Kind", pictures: Tensor, owners: list[Score]) -> Told:
        module = self._exact if kind.exact else self._fast
        with ExitStack() as stack:
            stack.enter_context(torch.set_grad_enabled(kind.gradient))
            seen = stack.enter_context(captured_output(module, kind.layer)) if kind.layer else []
            asked = pictures.detach().clone().requires_grad_(kind.gradient)
            given = stack.enter_context(captured_input(module, kind.reads)) if kind.reads else []
            outputs = self._through(module, asked)
            if given:
                outputs = given[0][: len(pictures)].float().to(pictures.device)
            scores = torch.cat(
                [score(outputs[rows]) for score, rows in _runs(owners[: len(pictures)])]
            )
            slopes = self._slopes(scores, seen[0] if seen else asked) if kind.gradient else None
        count = len(pictures)
        return Told(
            scores.detach(),
            None if slopes is None else slopes[:count].float().to(pictures.device),
            seen[0].detach()[:count].float().to(pictures.device) if seen else None,
        )

    def _slopes(self, scores: Tensor, by: Tensor) -> Tensor:
        begun = time.perf_counter()
        (slopes,) = torch.autograd.grad(scores.sum(), by)
        self.passes.seconds += time.perf_counter() - begun
        self.passes.backward += len(scores)
        return slopes

    def _through(self, module: nn.Module, images: Tensor) -> Tensor:
        """Return outputs (N, species) in float32 of one pass, filled up to a multiple of four."""
        missing = -len(images) % GRAIN
        filled = torch.cat([images, images[-1:].detach().expand(missing, -1, -1, -1)])
        shown = self.network.normalise(filled.to(self.device))
        dtype = next(module.parameters()).dtype
        begun = time.perf_counter()
        outputs: Tensor = module(shown.to(dtype).contiguous(memory_format=torch.channels_last))
        self.passes.seconds += time.perf_counter() - begun
        self.passes.forward += len(images)
        self.passes.padding += missing
        return outputs[: len(images)].float().to(images.device)


@dataclass(frozen=True)
class _Kind:
    """What questions must have in common to share a pass."""

    gradient: bool
    layer: str | None
    exact: bool
    reads: str | None


def _split(parts: list[Tensor | None], lengths: list[int]) -> Sequence[Tensor | None]:
    whole = [part for part in parts if part is not None]
    return torch.cat(whole).split(lengths) if whole else [None] * len(lengths)


def _runs(owners: list[Score]) -> Iterator[tuple[Score, slice]]:
    """Neighbouring pictures with the same score, as slices."""
    start = 0
    for end in range(1, len(owners) + 1):
        if end == len(owners) or owners[end] != owners[start]:
            yield owners[start], slice(start, end)
            start = end


def _device(name: str) -> torch.device:
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if name == "cuda" and not torch.cuda.is_available():
        raise ExplainersError("No GPU was found by torch. Use --device cpu, or auto.")
    return torch.device(name)


def _fast_precision(module: nn.Module, device: torch.device) -> str:
    # torchvision's attention is seven times slower in bfloat16 with gradients (pytorch #126973).
    if any(isinstance(child, nn.MultiheadAttention) for child in module.modules()):
        return "float32"
    on_processor = torch.cpu._is_avx512_bf16_supported()
    return "bfloat16" if device.type == "cuda" or on_processor else "float32"
