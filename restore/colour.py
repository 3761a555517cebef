"""sRGB and CIELAB, and how far two colours are apart.

CIELAB (CIE 15:2004) for the white of sRGB (D65, IEC 61966-2-1): L* from 0 (black) to 100 (white),
a* from green to red and b* from blue to yellow, each within about -108..98. Pictures are tensors
(..., 3, H, W) of floats, RGB in [0, 1].
"""

from __future__ import annotations

import torch
from torch import Tensor

# Linear sRGB to XYZ with the white point at (1, 1, 1), so that equal RGB has a = b = 0 exactly.
_TO_XYZ = (
    (0.412390799 / 0.950455927, 0.357584339 / 0.950455927, 0.180480788 / 0.950455927),
    (0.212639006, 0.715168679, 0.072192315),
    (0.019330819 / 1.089057751, 0.119194780 / 1.089057751, 0.950532152 / 1.089057751),
)
_DELTA = 6 / 29


def lab_from_srgb(rgb: Tensor) -> Tensor:
    """CIELAB of sRGB-encoded pictures; values outside of [0, 1] are clipped."""
    rgb = rgb.clamp(0, 1)
    linear = torch.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    x, y, z = _curve(_mixed(_matrix(linear), linear)).unbind(-3)
    return torch.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], -3)


def srgb_from_lab(lab: Tensor, *, clip: bool = True) -> Tensor:
    """sRGB-encoded pictures of CIELAB.

    Args:
        clip: to [0, 1], which changes the lightness of colours that sRGB can't show. Else these
            come out below 0 or above 1, by a curve that goes on with the slope of its ends.
    """
    lightness, a, b = lab.unbind(-3)
    y = (lightness + 16) / 116
    xyz = torch.stack([y + a / 500, y, y - b / 200], -3)
    xyz = torch.where(xyz > _DELTA, xyz**3, 3 * _DELTA**2 * (xyz - 4 / 29))
    linear = _mixed(torch.linalg.inv(_matrix(xyz)), xyz)
    if clip:
        linear = linear.clamp(0, 1)
    # Where a power is not taken its base is kept from 0, or its gradient would be infinite there.
    curve = 1.055 * linear.clamp(min=0.0031308) ** (1 / 2.4) - 0.055
    return torch.where(linear <= 0.0031308, 12.92 * linear, curve)


def _matrix(like: Tensor) -> Tensor:
    matrix = torch.tensor(_TO_XYZ, dtype=torch.float64)
    matrix = matrix / matrix.sum(1, keepdim=True)
    return matrix.to(like.device, like.dtype)


def _mixed(matrix: Tensor, picture: Tensor) -> Tensor:
    return torch.einsum("ij,...jhw->...ihw", matrix, picture)


def _curve(t: Tensor) -> Tensor:
    root = t.clamp(min=_DELTA**3) ** (1 / 3)
    return torch.where(t > _DELTA**3, root, t / (3 * _DELTA**2) + 4 / 29)
