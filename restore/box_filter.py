"""Means over square windows."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F


def box_mean(x: Tensor, side: int) -> Tensor:
    """(B, C, H, W), the mean over a window of an odd `side` around each pixel, at the borders over
    what there is of it; along one axis, then along the other."""
    for window in ((side, 1), (1, side)):
        padding = (window[0] // 2, window[1] // 2)
        x = F.avg_pool2d(x, window, stride=1, padding=padding, count_include_pad=False)
    return x
