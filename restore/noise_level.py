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

    Flat places tell the noise from the picture better than texture, which is why it weights them.
    """

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(12, width, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(width, width, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(width, 2 * width, 3, stride=2, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(2 * width, 2 * width, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(2 * width, 2 * width, 3, stride=2, padding=1),
            nn.ReLU(inplace=True),
        )
        self.level = nn.Conv2d(2 * width, 1, 1)
        self.weight = nn.Conv2d(2 * width, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Noise level (B,) of the pictures (B, 3, H, W) in [0, 1], in 8-bit units, at least 0."""
        height, width = x.shape[-2:]
        x = F.pad(x, (0, -width % 8, 0, -height % 8), mode="replicate")
        features = self.features(F.pixel_unshuffle(x, 2)).float()
        weight = self.weight(features).flatten(1).softmax(1)
        level = (self.level(features).flatten(1) * weight).sum(1)
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
