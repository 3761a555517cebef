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
    return (matrix @ picture.flatten(-2)).view(picture.shape)


def _curve(t: Tensor) -> Tensor:
    root = t.clamp(min=_DELTA**3) ** (1 / 3)
    return torch.where(t > _DELTA**3, root, t / (3 * _DELTA**2) + 4 / 29)


def ciede2000(one: Tensor, other: Tensor) -> Tensor:
    """Colour difference (..., H, W) of CIELAB pictures by CIEDE2000 (CIE 142-2001).

    In the notation of Sharma, Wu and Dalal (Color Research and Application, 2005). A difference of
    1 is about the least that is seen.
    """
    (l1, a1, b1), (l2, a2, b2) = one.unbind(-3), other.unbind(-3)
    mean_chroma7 = ((torch.hypot(a1, b1) + torch.hypot(a2, b2)) / 2) ** 7
    stretch = 1.5 - 0.5 * torch.sqrt(mean_chroma7 / (mean_chroma7 + 25.0**7))
    a1, a2 = a1 * stretch, a2 * stretch
    c1, c2 = torch.hypot(a1, b1), torch.hypot(a2, b2)
    h1, h2 = torch.atan2(b1, a1), torch.atan2(b2, a2)
    gray = c1 * c2 == 0
    turn = torch.remainder(h2 - h1 + torch.pi, 2 * torch.pi) - torch.pi
    # A half turn counts as positive: remainder makes -pi of it.
    turn = torch.where(turn == -torch.pi, -turn, turn).masked_fill(gray, 0)
    hue_difference = 2 * torch.sqrt(c1 * c2) * torch.sin(turn / 2)
    lightness, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    hue = torch.where(gray, h1 + h2, h1 + turn / 2)
    weight = (
        1
        - 0.17 * torch.cos(hue - torch.pi / 6)
        + 0.24 * torch.cos(2 * hue)
        + 0.32 * torch.cos(3 * hue + torch.pi / 30)
        - 0.20 * torch.cos(4 * hue - 63 * torch.pi / 180)
    )
    square = (lightness - 50) ** 2
    of_lightness = (l2 - l1) / (1 + 0.015 * square / torch.sqrt(20 + square))
    of_chroma = (c2 - c1) / (1 + 0.045 * chroma)
    of_hue = hue_difference / (1 + 0.015 * chroma * weight)
    # Blue is turned: there chroma and hue are seen together.
    degrees = torch.rad2deg(torch.remainder(hue, 2 * torch.pi))
    angle = torch.pi / 3 * torch.exp(-(((degrees - 275) / 25) ** 2))
    rotation = -2 * torch.sqrt(chroma**7 / (chroma**7 + 25.0**7)) * torch.sin(angle)
    total = of_lightness**2 + of_chroma**2 + of_hue**2 + rotation * of_chroma * of_hue
    return total.clamp(min=0).sqrt()
