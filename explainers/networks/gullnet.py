"""A small network of our own: it learns drawn gulls from nothing in about a minute."""

import torch
from torch import Tensor, nn

SIZE = 160
_HALVING = (16, 32, 64)
_KEEPING = (64, 96)


class GullNet(nn.Module):
    """Three halving blocks, two more at 20x20 cells, and a linear head over their mean and maximum.

    The mean sees large marks such as the mantle; the maximum sees small ones, such as the ring of a
    bill, that a mean over the picture drowns.

    Parameters
    ----------
    num_classes
        Number of species.
    """

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        widths = (3, *_HALVING, *_KEEPING)
        strides = (2,) * len(_HALVING) + (1,) * len(_KEEPING)
        self.features = nn.Sequential(
            *(
                _block(before, after, stride)
                for before, after, stride in zip(widths, widths[1:], strides, strict=False)
            )
        )
        self.dropout = nn.Dropout(0.2)
        self.classifier = nn.Linear(2 * widths[-1], num_classes)

    def forward(self, images: Tensor) -> Tensor:
        """Return logits (B, num_classes) of normalised pictures (B, 3, H, W)."""
        features = self.features(images)
        pooled = torch.cat([features.mean((2, 3)), features.amax((2, 3))], 1)
        logits: Tensor = self.classifier(self.dropout(pooled))
        return logits


def _block(before: int, after: int, stride: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(before, after, 3, stride=stride, padding=1, bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(),
    )
