"""Image quality of batches of pictures (B, C, H, W) in [0, 1], in double precision on the CPU, for
not every device has that."""

from __future__ import annotations

import torch
from torch import Tensor


def psnr(restored: Tensor, truth: Tensor) -> Tensor:
    """Peak signal-to-noise ratio (B,) in dB, at most 100 (identical pictures)."""
    error = (restored.cpu().double() - truth.cpu().double()).square().mean((1, 2, 3))
    return -10 * torch.log10(error.clamp(min=1e-10))


def colourfulness(pictures: Tensor) -> Tensor:
    """Colourfulness (B,) of Hasler and Suesstrunk, "Measuring colorfulness in natural images"
    (SPIE 2003): 0 for gray, about 33 for moderately and 82 for highly colourful pictures."""
    red, green, blue = (255 * pictures.cpu().double()).unbind(1)
    opponents = torch.stack([red - green, (red + green) / 2 - blue], 1).flatten(2)
    spread = opponents.std(2, correction=0).norm(dim=1)
    total: Tensor = spread + 0.3 * opponents.mean(2).norm(dim=1)
    return total
