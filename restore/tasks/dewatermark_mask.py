"""From how likely each pixel is part of a mark to the mask of the mark."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from restore.tiles import FloatArray

DILATION = 2
"""Pixels around a mark that are restored with it: its faint edge, and what JPEG made of it."""


def found_mask(
    probability: FloatArray, sensitivity: float, *, rim: bool = True
) -> NDArray[np.bool_]:
    """(H, W): what is taken for a mark; specks are not, and the mark's rim is if wanted."""
    # At sensitivity 0.5 what is more likely than not; hysteresis as in Canny's edges: faint parts
    # count where they touch a certain one.
    threshold = 1 - sensitivity
    likely = (probability > min(max(threshold, 0.02), 0.98)).astype(np.uint8)
    count, found, stats, _ = cv2.connectedComponentsWithStats(likely, connectivity=8)
    labels = found.astype(np.intp)
    surest = np.zeros(count, np.float32)
    np.maximum.at(surest, labels.ravel(), probability.ravel())
    smallest = max(12, probability.size // 20000)
    kept = (surest > 1 - 0.5 * sensitivity) & (stats[:, cv2.CC_STAT_AREA] >= min(smallest, 200))
    kept[0] = False
    mask = kept[labels]
    if not rim:
        return mask
    # An edge is as soft as the picture is large.
    reach = DILATION + max(probability.shape) // 2000
    shape = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    return np.asarray(cv2.dilate(mask.astype(np.uint8), shape), bool)
