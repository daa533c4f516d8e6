"""The one owner of the network: methods ask it, and never call the network themselves."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch
from torch import Tensor

from explainers.hooks import captured_output
from explainers.networks import Network

BATCH = 8


@dataclass
class Passes:
    """How many pictures went through the network."""

    forward: int = 0
    backward: int = 0


@dataclass
class Evaluator:
    """Asks a network about pictures in [0, 1].

    fp32 results depend on the number of pictures in a pass in their last digit, so a caller asks
    about variants of one picture at a time: they are split in the same way whenever they are asked,
    and an explanation does not depend on its batch mates.

    Attributes
    ----------
    network
        Its training mode and gradient flags are left as they were found.
    batch
        Pictures in one pass, at most.
    passes
        Counted since the evaluator was made.
    """

    network: Network
    batch: int = BATCH
    passes: Passes = field(default_factory=Passes)

    @property
    def device(self) -> torch.device:
        """Where the network lives."""
        return next(self.network.module.parameters()).device

    @contextmanager
    def session(self) -> Iterator["Evaluator"]:
        """Put the network into evaluation mode without weight gradients, and back afterwards.

        Denormal numbers are flushed to zero meanwhile: where a probability underflows, they make
        a backward pass fifty times slower.
        """
        module = self.network.module
        was_training = module.training
        flags = [(parameter, parameter.requires_grad) for parameter in module.parameters()]
        torch.set_flush_denormal(True)
        try:
            module.eval().requires_grad_(False)
            yield self
        finally:
            torch.set_flush_denormal(False)
            module.train(was_training)
            for parameter, flag in flags:
                parameter.requires_grad_(flag)

    def probabilities(self, images: Tensor) -> Tensor:
        """Return the softmax probabilities (N, species) of pictures (N, 3, H, W)."""
        with torch.no_grad():
            return torch.cat([self._logits(chunk).softmax(1) for chunk in self._chunks(images)])

    def log_odds(self, images: Tensor, species: int, other: int) -> Tensor:
        """Return log(p(species) / p(other)) (N) of pictures (N, 3, H, W).

        It is taken from the logits, so that it stays exact where a probability underflows.
        """
        with torch.no_grad():
            logits = torch.cat([self._logits(chunk) for chunk in self._chunks(images)])
        return logits[:, species] - logits[:, other]

    def probability_gradient(self, images: Tensor, target: int) -> Tensor:
        """Return d p(target) / d picture for each picture, (N, 3, H, W)."""
        return torch.cat(
            [
                self._gradient(chunk, lambda logits: logits.softmax(1)[:, target].sum())
                for chunk in self._chunks(images)
            ]
        )

    def feature_gradient(self, image: Tensor, target: int, layer: str) -> tuple[Tensor, Tensor]:
        """Return a layer's activations and d logit(target) / d activations, each (C, h, w)."""
        with captured_output(self.network.module, layer) as outputs, torch.enable_grad():
            logits = self._logits(image[None].requires_grad_())
            (gradient,) = torch.autograd.grad(logits[0, target], outputs[0])
        self.passes.backward += 1
        return outputs[0][0].detach(), gradient[0]

    def _gradient(self, chunk: Tensor, score: Callable[[Tensor], Tensor]) -> Tensor:
        with torch.enable_grad():
            asked = chunk.detach().clone().requires_grad_()
            (gradient,) = torch.autograd.grad(score(self._logits(asked)), asked)
        self.passes.backward += len(chunk)
        return gradient

    def _logits(self, images: Tensor) -> Tensor:
        self.passes.forward += len(images)
        logits: Tensor = self.network.module(self.network.normalise(images))
        return logits

    def _chunks(self, images: Tensor) -> tuple[Tensor, ...]:
        return tuple(images.split(self.batch))
