"""One picture under masks: what a network says of it when parts are hidden."""

import hashlib
from collections.abc import Callable, Generator
from functools import cache
from typing import Any

import torch
from torch import Tensor

from explainers.asking import Ask, Score, Told
from explainers.perturbation import blurred, composed, upsampled

Asking = Generator[Ask, Told, Tensor]


class MaskedPicture:
    """A picture, what replaces its hidden parts, and every answer about it so far.

    No mask is scored twice; slopes are asked for anew each time.

    Parameters
    ----------
    image
        (3, H, W) in [0, 1].
    score
        What is asked.
    baseline
        What hidden parts show, (3, H, W); the strongly blurred picture unless given.
    enlarged
        Brings masks to the picture's size; slopes are those of bilinear ones.

    Attributes
    ----------
    distinct
        Masked pictures asked about so far, equal ones counted once.
    """

    def __init__(
        self,
        image: Tensor,
        score: Score,
        baseline: Tensor | None = None,
        enlarged: Callable[[Tensor, int], Tensor] = upsampled,
    ) -> None:
        self.image, self.score, self._enlarged = image, score, enlarged
        self.baseline = blurred(image) if baseline is None else baseline
        self._known: dict[tuple[bytes, bool], Tensor] = {}
        self._sloped: set[bytes] = set()
        self._noisy = 0

    @property
    def distinct(self) -> int:
        """Masked pictures asked about so far, equal ones counted once; noise makes all differ."""
        return len(self._sloped | {mask for mask, _ in self._known}) + self._noisy

    def shown(self, masks: Tensor) -> Tensor:
        """Return the picture (N, 3, H, W) under masks (N, 1, h, w): 1 keeps, 0 hides."""
        return composed(self.image, self.baseline, self._enlarged(masks, self.image.shape[-1]))

    def scores(self, masks: Tensor, *, exact: bool = False) -> Asking:
        """Ask for the scores (N) under masks (N, 1, h, w)."""
        keys = [(_name(mask), exact) for mask in masks]
        first = {key: row for row, key in reversed(list(enumerate(keys))) if key not in self._known}
        if first:
            fresh = masks[sorted(first.values())]
            told = yield Ask(self.shown(fresh), self.score, exact=exact)
            ordered = sorted(first, key=first.__getitem__)
            self._known.update(zip(ordered, told.scores, strict=True))
        return torch.stack([self._known[key] for key in keys])

    def slopes(self, masks: Tensor, noise: Tensor | None = None) -> Asking:
        """Ask for d score / d mask (N, 1, h, w) under masks, with noise on the pictures."""
        pictures = self.shown(masks)
        if noise is None:
            self._sloped |= {_name(mask) for mask in masks}
        else:
            self._noisy += len(masks)
            pictures += noise
        told = yield Ask(pictures, self.score, gradient=True)
        assert told.gradients is not None
        by_pixel = (told.gradients * (self.image - self.baseline)).sum(1, keepdim=True)
        return _downsampled(by_pixel, masks.shape[-2:])


def _name(mask: Tensor) -> bytes:
    return hashlib.blake2b(mask.contiguous().numpy().tobytes(), digest_size=16).digest()


def _downsampled(by_pixel: Tensor, cells: Any) -> Tensor:
    """Return what a slope by pixel (N, 1, H, W) is by mask cell: the transpose of `upsampled`."""
    rows, columns = (_enlarging(count, by_pixel.shape[-1]) for count in cells)
    return rows.T @ by_pixel @ columns


@cache
def _enlarging(cells: int, size: int) -> Tensor:
    """Return (size, cells): what each pixel of a column takes of each cell."""
    columns = torch.eye(cells)[:, None, :, None].expand(-1, -1, -1, cells)
    return upsampled(columns, size)[:, 0, :, 0].T.contiguous()
