"""TensorFlow's padding in torch: where an odd pixel is left over, it goes right and bottom.

Networks converted from TensorFlow were trained with it. torch pads both sides alike, which
shifts every feature map after a convolution of stride 2 by half a cell.
"""

from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own convention


class SamePaddedConv2d(nn.Conv2d):
    """A convolution padded as TensorFlow's "SAME", with the parameters of a plain one."""

    def forward(self, input: Tensor) -> Tensor:
        """Pad, then convolve (B, C, H, W) without further padding."""
        vertical, horizontal = (self._same(input.shape[-2 + axis], axis) for axis in (0, 1))
        padded = F.pad(input, (*horizontal, *vertical))
        return F.conv2d(padded, self.weight, self.bias, self.stride, 0, self.dilation, self.groups)

    def _same(self, pixels: int, axis: int) -> tuple[int, int]:
        stride, dilation = self.stride[axis], self.dilation[axis]
        reach = dilation * (self.kernel_size[axis] - 1) + 1
        outputs = -(-pixels // stride)
        total = max((outputs - 1) * stride + reach - pixels, 0)
        return total // 2, total - total // 2


def use_tensorflow_padding(module: nn.Module) -> nn.Module:
    """Turn every padded convolution of stride 2 into one padded as TensorFlow does.

    Parameter names and values stay the same. The module is changed in place and returned.
    """
    for child in module.modules():
        if type(child) is nn.Conv2d and max(child.stride) > 1 and _is_padded(child):
            child.__class__ = SamePaddedConv2d
    return module


def _is_padded(convolution: nn.Conv2d) -> bool:
    return not isinstance(convolution.padding, str) and max(convolution.padding) > 0
