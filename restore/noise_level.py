"""Estimate of the noise level of a picture, by a small network of its own.

Classical estimators (median of wavelet coefficients, say) assume white noise. Camera noise has gone
through demosaicing, sharpening and JPEG: it is smooth, and they miss most of it. A network that was
trained on such noise sees it. As in CBDNet (Guo et al., CVPR 2019) it comes before the denoiser.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from restore.arrays import to_unit

WINDOW = 256
"""Side of the windows that a large picture is looked at through, in pixels."""
MAX_WINDOWS = 24
"""More windows than this do not change the estimate of a picture noticeably."""


class NoiseLevelNet(nn.Module):
    """sigma of a picture: local estimates, averaged with weights that the network gives itself.

    Learned filters, the logarithm of their local energy, and a few layers that read a level from
    it: the classical estimate (high-pass, spread, scale) with everything in it learned. Flat places
    tell the noise from the picture better than texture, which is why each place has a weight too.
    """

    def __init__(self, filters: int = 48, width: int = 64) -> None:
        super().__init__()
        self.filters = nn.Conv2d(12, filters, 3, bias=False)  # 6x6 pixels, all three channels
        self.reading = nn.Sequential(
            nn.Conv2d(filters, width, 1),
            nn.ReLU(inplace=True),
            nn.Conv2d(width, width, 3, padding=1, padding_mode="replicate"),
            nn.ReLU(inplace=True),
            nn.Conv2d(width, 2, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Noise level (B,) of the pictures (B, 3, H, W) in [0, 1], in 8-bit units, at least 0."""
        height, width = x.shape[-2:]
        # At least one place for the pooling below, whatever the size; a whole number of patches.
        right, bottom = max(20 - width, width % 2), max(20 - height, height % 2)
        x = F.pad(x, (0, right, 0, bottom), mode="replicate")
        with torch.autocast(x.device.type, enabled=False):  # squares need the range of float32
            energy = self.filters(F.pixel_unshuffle(x.float() * 16, 2)).square()
            energy = F.avg_pool2d(energy, 8, stride=4)
            level, weight = self.reading(torch.log(energy + 1e-4)).flatten(2).unbind(1)
        level = (level * weight.softmax(1)).sum(1)
        # softplus of the level is log(1 + sigma): relative precision for high, absolute for low.
        return torch.expm1(F.softplus(level).clamp(max=5.5))

    @torch.inference_mode()
    def estimate(self, picture: NDArray[Any], device: torch.device) -> float:
        """Noise level of one picture (H, W, 3) of any accepted type and size, in 8-bit units."""
        levels = [
            float(self(torch.from_numpy(to_unit(window)).to(device).permute(2, 0, 1)[None]))
            for window in _windows(picture)
        ]
        return float(np.median(levels))


def _windows(picture: NDArray[Any]) -> list[NDArray[Any]]:
    """The picture itself, or evenly spread windows of it where it is large."""
    height, width = picture.shape[:2]
    if height * width <= 4 * WINDOW**2:
        return [picture]
    rows, columns = -(-height // WINDOW), -(-width // WINDOW)
    while rows * columns > MAX_WINDOWS:
        if rows >= columns:
            rows -= 1
        else:
            columns -= 1
    tops = np.linspace(0, max(height - WINDOW, 0), rows).round().astype(int)
    lefts = np.linspace(0, max(width - WINDOW, 0), columns).round().astype(int)
    return [picture[y : y + WINDOW, x : x + WINDOW] for y in tops for x in lefts]
