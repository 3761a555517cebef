"""Image quality of batches of pictures (B, C, H, W) in [0, 1]."""

from __future__ import annotations

import torch
from torch import Tensor


def psnr(restored: Tensor, truth: Tensor) -> Tensor:
    """Peak signal-to-noise ratio (B,) in dB, at most 100 (identical pictures)."""
    error = (restored.double() - truth.double()).square().mean((1, 2, 3))
    return -10 * torch.log10(error.clamp(min=1e-10))
