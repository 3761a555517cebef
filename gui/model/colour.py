"""CIELAB and sRGB (D65), for choosing colours that a lightness allows.

The same as `restore.colour`, in numpy: the process of the window does without torch, whose import
takes seconds. A test holds the two together.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

_TO_XYZ = np.array(
    [
        [0.412390799, 0.357584339, 0.180480788],
        [0.212639006, 0.715168679, 0.072192315],
        [0.019330819, 0.119194780, 0.950532152],
    ]
)
_FROM_XYZ = np.linalg.inv(_TO_XYZ)
_WHITE = _TO_XYZ.sum(1)
_EDGE = 6 / 29


def lab_to_rgb(lab: ArrayLike) -> tuple[Floats, NDArray[np.bool_]]:
    """sRGB in [0, 1], (..., 3), and whether each colour exists there, (...); CIE 15."""
    values = np.asarray(lab, float)
    y = (values[..., 0] + 16) / 116
    f = np.stack([y + values[..., 1] / 500, y, y - values[..., 2] / 200], -1)
    xyz = np.where(f > _EDGE, f**3, 3 * _EDGE**2 * (f - 4 / 29)) * _WHITE
    linear = xyz @ _FROM_XYZ.T
    exists = ((linear >= -1e-3) & (linear <= 1 + 1e-3)).all(-1)
    linear = linear.clip(0, 1)
    rgb = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return rgb, exists


def rgb_to_lab(rgb: ArrayLike) -> Floats:
    """CIELAB (..., 3) of sRGB in [0, 1]."""
    values = np.asarray(rgb, float)
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    t = linear @ _TO_XYZ.T / _WHITE
    f = np.where(t > _EDGE**3, np.cbrt(t), t / (3 * _EDGE**2) + 4 / 29)
    return np.stack(
        [116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], -1
    )


def nearest_colour(lightness: float, a: float, b: float) -> tuple[int, int, int]:
    """The colour of a lightness (0..100) nearest to a, b on the way to gray, in 8-bit sRGB."""
    shares = np.linspace(1, 0, 101)
    lab = np.stack([np.full_like(shares, lightness), a * shares, b * shares], -1)
    rgb, exists = lab_to_rgb(lab)
    index = int(np.argmax(exists)) if exists.any() else len(shares) - 1
    red, green, blue = (int(value) for value in np.rint(rgb[index] * 255))
    return red, green, blue
