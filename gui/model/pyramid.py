"""A picture at full size and at halves of it, so that what is drawn never exceeds the screen."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from restore.gui.engine.messages import Box

Pixels = NDArray[np.uint8]

SMALLEST = 256


def display_pixels(array: NDArray[Any]) -> Pixels:
    """(H, W, 3), or (H, W, 4) where there is alpha, uint8, of anything `read_picture` gives."""
    if array.dtype == np.uint16:
        # x / 257 rounded, in integers and band by band: a float copy would be four times as large.
        array = np.concatenate(
            [((band.astype(np.uint32) * 255 + 32767) // 65535).astype(np.uint8)
             for band in np.array_split(array, max(1, len(array) // 256))]
        )  # fmt: skip
    if array.ndim == 2:
        return cv2.cvtColor(array, cv2.COLOR_GRAY2RGB)  # type: ignore[return-value]
    if array.shape[2] == 2:
        return np.ascontiguousarray(array[..., [0, 0, 0, 1]])
    return np.ascontiguousarray(array)


class Pyramid:
    """Levels of a picture, each half as large as the one before, rounded up."""

    def __init__(self, pixels: Pixels) -> None:
        self.levels = [pixels]
        while max(self.levels[-1].shape[:2]) > SMALLEST:
            self.levels.append(_halved(self.levels[-1]))

    @property
    def size(self) -> tuple[int, int]:
        """Height and width."""
        height, width = self.levels[0].shape[:2]
        return height, width

    def level_for(self, scale: float) -> int:
        """The smallest level that still has a pixel for each of the screen's, at a scale."""
        level = 0
        while level + 1 < len(self.levels) and scale * 2 ** (level + 1) <= 1:
            level += 1
        return level

    @classmethod
    def of_mask(cls, mask: Pixels) -> Pyramid:
        """Of a mask (H, W), which stays the lowest level; quick where most of it is zero."""
        made = cls.__new__(cls)
        made.levels = [mask]
        while max(shape := made.levels[-1].shape) > SMALLEST:
            made.levels.append(np.zeros((-(-shape[0] // 2), -(-shape[1] // 2)), np.uint8))
        left, top, width, height = cv2.boundingRect(mask)
        made.refresh((top, top + height, left, left + width))
        return made

    def paste(self, part: Pixels, box: Box) -> None:
        """Replace a part of the picture, on all levels."""
        top, bottom, left, right = box
        self.levels[0][top:bottom, left:right] = part
        self.refresh(box)

    def refresh(self, box: Box) -> None:
        """Make the smaller levels anew where the lowest has changed."""
        top, bottom, left, right = box
        if bottom <= top or right <= left:
            return
        for fine, coarse in zip(self.levels, self.levels[1:], strict=False):
            top, left = top // 2, left // 2
            bottom, right = -(-bottom // 2), -(-right // 2)
            coarse[top:bottom, left:right] = _halved(
                fine[2 * top : 2 * bottom, 2 * left : 2 * right]
            )


def _halved(pixels: Pixels) -> Pixels:
    height, width = pixels.shape[:2]
    if height % 2 or width % 2:
        pixels = cv2.copyMakeBorder(pixels, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)  # type: ignore[assignment]
    half = (-(-width // 2), -(-height // 2))
    return cv2.resize(pixels, half, interpolation=cv2.INTER_AREA)  # type: ignore[return-value]
