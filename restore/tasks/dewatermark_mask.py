"""From how likely each pixel is part of a mark to the mask of the mark."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from restore.tiles import FloatArray

DILATION = 1
"""Pixels around a mark that are restored with it: its faint edge, and what JPEG made of it."""
WIDER = 0.006
"""A second look is told of what the first has found, and so much around it, as a share of the
longest side."""
READIER = 0.4
"""What the first look has found is believed though in doubt: this times the doubt that is allowed
for otherwise. The next one, shown what that would mean, drops what was none."""
APART = 0.02
"""Letters are parts of one mark if nearer to each other than this share of the longest side."""
BESIDE = 0.7
"""Next to a letter that is certain another need not be as certain: a "1" alone is but a line."""
ODDS, SURER = 2.0, 1.5
"""The network has to allow for there being no mark. Where one is, the odds of coverage are higher
than it says by a factor, and farther from even by a power. These, and DILATION, were chosen on
photos that were held out of training."""


def found_mask(
    probability: FloatArray, sensitivity: float, *, rim: bool = True
) -> NDArray[np.bool_]:
    """(H, W): what is taken for a mark; specks are not, and the mark's rim is if wanted."""
    # Hysteresis as in Canny's edges: faint parts count where they touch a certain one, or are next
    # to it. Overlap with the truth is largest where faint is well below one half.
    likely = (probability > max(0.6 * (1 - sensitivity), 0.02)).astype(np.uint8)
    count, found, stats, _ = cv2.connectedComponentsWithStats(likely, connectivity=8)
    parts = found.astype(np.intp)
    smallest = max(12, probability.size // 20000)
    large = stats[:, cv2.CC_STAT_AREA] >= min(smallest, 200)
    certain = 1 - 0.8 * sensitivity
    letters = (large & (_surest(probability, parts, count) > BESIDE * certain))[parts]
    marks, count = separate_marks(letters)
    mask = (_surest(probability, marks, count) > certain)[marks]
    if not rim:
        return mask
    # An edge is as soft as the picture is large.
    reach = DILATION + max(probability.shape) // 2000
    shape = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    return np.asarray(cv2.dilate(mask.astype(np.uint8), shape), bool)


def separate_marks(mask: NDArray[Any]) -> tuple[NDArray[np.intp], int]:
    """(H, W): the number of the mark that each pixel of a mask belongs to, 0 outside; and how many
    numbers there are, with 0."""
    marked = mask.astype(np.uint8)
    side = 2 * (1 + round(APART * max(mask.shape) / 2)) + 1
    near = cv2.dilate(marked, np.ones((side, side), np.uint8))
    count, numbers = cv2.connectedComponents(near, connectivity=8)
    return np.where(marked, numbers, 0).astype(np.intp), count


def _surest(probability: FloatArray, numbers: NDArray[np.intp], count: int) -> FloatArray:
    """(count,): the largest probability of each of the areas that pixels are numbered by; 0, which
    is outside of them, has none."""
    surest = np.zeros(count, np.float32)
    np.maximum.at(surest, numbers.ravel(), probability.ravel())
    surest[0] = 0
    return surest


def readily(sensitivity: float) -> float:
    """The sensitivity for the first look, see `READIER`."""
    return 1 - READIER * (1 - sensitivity)


def widened(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(H, W): the mask as a user would have painted it, see `WIDER`."""
    side = 2 * max(round(WIDER * max(mask.shape)), 1) + 1
    return cv2.dilate(mask.astype(np.uint8), np.ones((side, side), np.uint8)) > 0


def within(coverage: FloatArray, mask: NDArray[np.bool_]) -> FloatArray:
    """The coverage (H, W) in [0, 1] of the mark in a mask, 0 outside; see `ODDS`."""
    inside = np.zeros_like(coverage)
    found = coverage[mask]
    surer = (ODDS * found) ** SURER
    inside[mask] = surer / ((1 - found) ** SURER + surer)
    return inside
