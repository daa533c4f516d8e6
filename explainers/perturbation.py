"""Hiding parts of a picture: baselines and masks."""

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812  torch's own convention

# The strong blur of Qi, Khorram & Li (2020): kernel 51, sigma 50 at 224 pixels.
_BLUR_KERNEL, _BLUR_SIGMA, _BLUR_SIZE = 51, 50.0, 224


def blurred(image: Tensor) -> Tensor:
    """Return the strongly blurred picture (3, H, W), the baseline "nothing to see".

    Kernel and sigma grow with the picture, so that the same share of it is mixed at every size.
    """
    size = image.shape[-1]
    kernel = max(3, round(_BLUR_KERNEL * size / _BLUR_SIZE) | 1)
    sigma = _BLUR_SIGMA * size / _BLUR_SIZE
    places = torch.arange(kernel, dtype=image.dtype, device=image.device) - kernel // 2
    weights = (-(places**2) / (2 * sigma**2)).exp()
    weights = weights / weights.sum()
    pad = kernel // 2
    padded = F.pad(image[:, None], (pad, pad, pad, pad), mode="reflect")
    across = F.conv2d(padded, weights.view(1, 1, 1, -1))
    return F.conv2d(across, weights.view(1, 1, -1, 1))[:, 0]


def upsampled(masks: Tensor, size: int) -> Tensor:
    """Return masks (N, 1, h, w) at picture size (N, 1, size, size), bilinear, corners aligned."""
    return F.interpolate(masks, (size, size), mode="bilinear", align_corners=True)


def in_squares(masks: Tensor, size: int) -> Tensor:
    """Return masks (N, 1, h, w) at picture size (N, 1, size, size), each cell with sharp edges."""
    return F.interpolate(masks, (size, size), mode="nearest")


def composed(image: Tensor, baseline: Tensor, masks: Tensor) -> Tensor:
    """Return pictures (N, 3, H, W) that show `image` where a mask (N, 1, H, W) is 1.

    Phi(I, M) = I * M + baseline * (1 - M); I-GOS, equation 1.
    """
    return image * masks + baseline * (1 - masks)
