"""JPEG compression of a batch, on the device it lives on (ITU-T T.81, tables of its Annex K)."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

_LUMA = (
    "16 11 10 16 24 40 51 61 12 12 14 19 26 58 60 55 14 13 16 24 40 57 69 56 14 17 22 29 51 87 80 "
    "62 18 22 37 56 68 109 103 77 24 35 55 64 81 104 113 92 49 64 78 87 103 121 120 101 "
    "72 92 95 98 112 100 103 99"
)
_CHROMA = (
    "17 18 24 47 99 99 99 99 18 21 26 66 99 99 99 99 24 26 56 99 99 99 99 99 47 66 " + "99 " * 38
)
YCC = ((0.299, 0.587, 0.114), (-0.168736, -0.331264, 0.5), (0.5, -0.418688, -0.081312))
"""From RGB to luma and chroma, in rows (ITU-T T.871)."""


def _table(text: str, device: torch.device) -> Tensor:
    return torch.tensor([float(value) for value in text.split()], device=device).view(8, 8)


def _dct(device: torch.device) -> Tensor:
    """(8, 8) orthonormal DCT-II."""
    k, n = torch.arange(8.0)[:, None], torch.arange(8.0)[None]
    basis = torch.cos(math.pi * (2 * n + 1) * k / 16) * math.sqrt(2 / 8)
    basis[0] /= math.sqrt(2)
    return basis.to(device)


def _code(plane: Tensor, table: Tensor) -> Tensor:
    """Quantise centred planes (B, H, W), H and W multiples of 8, with tables (B, 8, 8)."""
    batch, height, width = plane.shape
    dct = _dct(plane.device)
    blocks = plane.view(batch, height // 8, 8, width // 8, 8).permute(0, 1, 3, 2, 4)
    table = table[:, None, None]
    coefficients = torch.round(dct @ blocks @ dct.T / table) * table
    return (dct.T @ coefficients @ dct).permute(0, 1, 3, 2, 4).reshape(batch, height, width)


def jpeg(x: Tensor, quality: Tensor, subsample: Tensor) -> Tensor:
    """x as it comes back from a JPEG file.

    Args:
        quality: (B, 1, 1, 1), 1..100 on the scale of libjpeg.
        subsample: (B, 1, 1, 1) of booleans, whether chroma is halved both ways (4:2:0).
    """
    batch, _, height, width = x.shape
    x = F.pad(x, (0, -width % 16, 0, -height % 16), mode="replicate").clamp(0, 1)
    matrix = torch.tensor(YCC, device=x.device)
    ycc = torch.einsum("ij,bjhw->bihw", matrix, x * 255)
    ycc[:, 0] -= 128

    quality = quality.view(batch, 1, 1).clamp(1, 100)
    scale = torch.where(quality < 50, 50 / quality, 2 - quality / 50)
    luma, chroma = (
        (_table(text, x.device) * scale).round().clamp(1, 255) for text in (_LUMA, _CHROMA)
    )
    y = _code(ycc[:, 0], luma) + 128
    colours = ycc[:, 1:].reshape(batch * 2, 1, *x.shape[-2:])
    both = chroma.repeat_interleave(2, 0)
    full = _code(colours[:, 0], both)
    half = _code(F.avg_pool2d(colours, 2)[:, 0], both)
    half = F.interpolate(half[:, None], scale_factor=2.0, mode="bilinear")[:, 0]
    chosen = torch.where(subsample.view(batch, 1, 1).repeat_interleave(2, 0), half, full)
    ycc = torch.cat([y[:, None], chosen.view(batch, 2, *x.shape[-2:])], 1)
    rgb = torch.einsum("ij,bjhw->bihw", torch.linalg.inv(matrix), ycc) / 255
    return to_8_bit(rgb)[..., :height, :width]


def to_8_bit(x: Tensor) -> Tensor:
    """x clipped to [0, 1] and rounded to 8 bits, as every ordinary picture file is."""
    return (x.clamp(0, 1) * 255).round() / 255
