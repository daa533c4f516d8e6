"""One x-feature as a score that any search can ask about."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class XFeature:
    """An x-feature's activation, divided by `scale`.

    Attributes
    ----------
    reads
        Dotted name of the layer whose input is encoded.
    encoder
        (1, D) to (1, L), float32.
    index
        Which x-feature.
    scale
        Its activation for the clean picture: the score is 1 there.
    """

    reads: str
    encoder: nn.Module
    index: int
    scale: float = 1.0

    def __call__(self, outputs: Tensor) -> Tensor:
        """Return (N) for the layer's inputs (N, D).

        Pictures are encoded one by one: how a product of matrices is rounded depends on how many
        rows there are.
        """
        rows = [self.encoder(row[None])[:, self.index] for row in outputs]
        return torch.cat(rows) / self.scale
