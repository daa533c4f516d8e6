"""The one owner of the network: methods ask it, and never call the network themselves."""

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from explainers.asking import Ask, Score, Told
from explainers.errors import ExplainersError
from explainers.hooks import captured_output
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

        Where a probability underflows, they make a backward pass fifty times slower.
        """
        torch.set_flush_denormal(True)
        try:
            yield self
        finally:
            torch.set_flush_denormal(False)

    def answer(self, asks: Sequence[Ask]) -> list[Told]:
        """Answer several questions in shared passes.

        Questions of one kind (with or without gradients, exact or not) share their passes.
        """
        told: dict[int, Told] = {}
        for kind in ((False, False), (False, True), (True, False), (True, True)):
            chosen = [i for i, ask in enumerate(asks) if (ask.gradient, ask.exact) == kind]
            if chosen:
                answers = self._answer_kind([asks[index] for index in chosen])
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

    def feature_gradient(self, image: Tensor, score: Score, layer: str) -> tuple[Tensor, Tensor]:
        """Return a layer's activations and d score / d activations, each (C, h, w), exact."""
        with captured_output(self._exact, layer) as outputs, torch.enable_grad():
            logits = self._through(self._exact, image[None].requires_grad_())
            (gradient,) = torch.autograd.grad(score(logits)[0], outputs[0])
        self.passes.backward += 1
        return outputs[0][0].detach().cpu(), gradient[0].cpu()

    def function(self, score: Score) -> Callable[[Tensor], Tensor]:
        """Return pictures (N, 3, H, W) -> scores (N), exact and differentiable, its passes counted.

        For methods of other libraries, which differentiate themselves.
        """

        def scores(pictures: Tensor) -> Tensor:
            if pictures.requires_grad:
                self.passes.backward += len(pictures)
            return score(self._through(self._exact, pictures))

        return scores

    def _answer_kind(self, asks: list[Ask]) -> list[Told]:
        module = self._exact if asks[0].exact else self._fast
        pictures = torch.cat([ask.pictures for ask in asks])
        owners = [ask.score for ask in asks for _ in range(len(ask.pictures))]
        scores, gradients = [], []
        for start in range(0, len(pictures), self.batch):
            part = slice(start, start + self.batch)
            one = self._scored(module, pictures[part], owners[part], gradient=asks[0].gradient)
            scores.append(one.scores)
            gradients.append(one.gradients)
        lengths = [len(ask.pictures) for ask in asks]
        found = torch.cat(scores).split(lengths)
        if not asks[0].gradient:
            return [Told(values) for values in found]
        slopes = torch.cat([part for part in gradients if part is not None]).split(lengths)
        return [Told(*pair) for pair in zip(found, slopes, strict=True)]

    def _scored(
        self, module: nn.Module, pictures: Tensor, owners: list[Score], *, gradient: bool
    ) -> Told:
        with torch.set_grad_enabled(gradient):
            asked = pictures.detach().clone().requires_grad_(gradient)
            outputs = self._through(module, asked)
            values = torch.cat([score(outputs[rows]) for score, rows in _runs(owners)])
            if not gradient:
                return Told(values)
            (slopes,) = torch.autograd.grad(values.sum(), asked)
        self.passes.backward += len(pictures)
        return Told(values.detach(), slopes)

    def _through(self, module: nn.Module, images: Tensor) -> Tensor:
        """Return outputs (N, species) in float32 of one pass, filled up to a multiple of four."""
        missing = -len(images) % GRAIN
        filled = torch.cat([images, images[-1:].detach().expand(missing, -1, -1, -1)])
        shown = self.network.normalise(filled.to(self.device))
        dtype = next(module.parameters()).dtype
        outputs: Tensor = module(shown.to(dtype).contiguous(memory_format=torch.channels_last))
        self.passes.forward += len(images)
        self.passes.padding += missing
        return outputs[: len(images)].float().to(images.device)


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
