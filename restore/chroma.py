"""Small chroma onto large lightness: guided upsampling, and colours that keep their lightness.

The guided filter of He, Sun and Tang (TPAMI 2013) takes chroma, within a small window, for a linear
function of lightness; what it finds at a moderate size holds at full size (He and Sun, "Fast
Guided Filter", 2015), so that chroma ends where objects do, at the cost of a multiplication.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from restore.box_filter import box_mean
from restore.colour import srgb_from_lab


@dataclass(frozen=True)
class ChromaMap:
    """Chroma of a picture as slope * lightness + offset, stored small."""

    slope: Tensor
    """(2, h, w), for a* and b*."""
    offset: Tensor
    """(2, h, w)"""
    size: tuple[int, int]
    """Height and width of the picture."""

    def rows(self, top: int, lightness: Tensor) -> Tensor:
        """Chroma (2, rows, W) of some rows of the picture.

        Args:
            top: the first of them.
            lightness: (rows, W), L* in 0..100.
        """
        slope, offset = _stretched(
            torch.cat([self.slope, self.offset]), self.size, top, len(lightness)
        ).chunk(2)
        return offset.addcmul_(slope, lightness)

    def at(self, x: int, y: int, lightness: Tensor) -> Tensor:
        """Chroma (2,) of one pixel, of the lightness of its row (W,)."""
        return self.rows(y, lightness[None])[:, 0, x]


def _stretched(small: Tensor, size: tuple[int, int], top: int, rows: int) -> Tensor:
    """Rows from `top` of small (C, h, w) enlarged bilinearly to a height and width."""
    place = (torch.arange(top, top + rows, dtype=torch.float64) + 0.5) * small.shape[1] / size[0]
    place = (place - 0.5).clamp(0, small.shape[1] - 1)
    upper = place.long()
    share = (place - upper).to(small).view(1, -1, 1)
    lower = (upper + 1).clamp(max=small.shape[1] - 1)
    mixed = torch.lerp(small[:, upper], small[:, lower], share)
    return F.interpolate(mixed[None], (rows, size[1]), mode="bilinear", align_corners=False)[0]


def guided(
    chroma: Tensor, lightness: Tensor, size: tuple[int, int], radius: int, epsilon: float
) -> ChromaMap:
    """The chroma of a large picture from that of a small one.

    Args:
        chroma: (2, h, w)
        lightness: (h, w), the picture's own at that size.
        size: height and width of the large one.
        radius: of the windows, in pixels of the small one.
        epsilon: standard deviation of lightness below which a window is taken for flat.
    """
    guide = lightness[None, None]
    target = chroma[:, None]
    side = 2 * radius + 1
    mean_guide, mean_target = box_mean(guide, side), box_mean(target, side)
    covariance = box_mean(guide * target, side) - mean_guide * mean_target
    variance = (box_mean(guide * guide, side) - mean_guide**2).clamp(min=0)
    slope = covariance / (variance + epsilon**2)
    offset = mean_target - slope * mean_guide
    return ChromaMap(box_mean(slope, side)[:, 0], box_mean(offset, side)[:, 0], size)


def within_gamut(lab: Tensor) -> Tensor:
    """sRGB (3, H, W) of CIELAB; colours that sRGB can't show lose chroma.

    They keep lightness and hue, which clipping would change.
    """
    rgb = srgb_from_lab(lab, clip=False)
    outside = (rgb.amin(0) < -1e-4) | (rgb.amax(0) > 1 + 1e-4)
    if outside.any():
        colours = lab[:, outside][:, :, None]
        share = torch.zeros_like(colours[:1])
        for power in range(1, 13):
            tried = share + 0.5**power
            shown = srgb_from_lab(torch.cat([colours[:1], tried * colours[1:]]), clip=False)
            inside = (shown.amin(0) >= -1e-4) & (shown.amax(0) <= 1 + 1e-4)
            share = torch.where(inside, tried, share)
        rgb[:, outside] = srgb_from_lab(torch.cat([colours[:1], share * colours[1:]]))[..., 0]
    return rgb.clamp_(0, 1)
