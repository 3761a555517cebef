"""How a picture is looked at for marks: reduced, then larger and larger, and turned."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from restore.arrays import to_unit
from restore.engine import Engine
from restore.tasks.dewatermark_fit import enlarged, largest_layer
from restore.tasks.dewatermark_layer import Layer
from restore.tasks.dewatermark_mask import within
from restore.tasks.dewatermark_network import told
from restore.tiles import FloatArray, OnProgress

SMALLEST_LOOK = 256
"""Longest side of the first look in pixels: as wide as the network sees, so that it has every mark,
however large, before it as a whole. Each further look is at twice the size."""
LARGEST_LOOK = 1024
"""The last look before the one at full size."""
ENLARGED = (1.0, 1.0, 1.41, 2.0)
"""Up to there each turn is seen in a size of its own, so much larger. Enlarged, a sharp photo
becomes soft and small marks stand out of it; what JPEG has made soft is seen better as it is."""


class Finder:
    """Sees how far each pixel of a picture is covered by a mark."""

    def __init__(self, engine: Engine, multiple: int) -> None:
        self.engine = engine
        self._multiple = multiple

    def look(
        self,
        rgb: NDArray[Any],
        mask: NDArray[np.bool_] | None,
        found: tuple[FloatArray, Layer | None] | None = None,
        on_progress: OnProgress | None = None,
    ) -> FloatArray:
        """The coverage (H, W) of a picture, which is looked at again and again, each time at twice
        the size.

        A large mark is understood on a small picture, where it is seen as a whole; its exact edges
        on the full one. On large pictures only the parts with a mark are gone through in full size.
        """
        size = (rgb.shape[0], rgb.shape[1])
        looks = _looks(size)
        seen, layer = found or (np.zeros((1, 1), np.float32), None)
        if found is not None:
            seen = _resized(seen, looks[0])
        for look in looks:
            glance = partial(self._glance, rgb, mask, seen, layer, look)
            seen = mean_of_turns(max(look), glance, on_progress if look == size else None)
        return seen

    def look_again(
        self,
        rgb: NDArray[Any],
        coverage: FloatArray,
        mask: NDArray[np.bool_],
        given: NDArray[np.bool_] | None,
        on_progress: OnProgress | None,
    ) -> FloatArray:
        """The coverage (H, W) of a picture, seen by what an earlier look tells of how the mark was
        laid."""
        layer = largest_layer(rgb, within(coverage, mask))
        if layer is None and given is None:
            return coverage
        return self.look(rgb, given, (coverage, layer), on_progress)

    def _glance(
        self,
        rgb: NDArray[Any],
        mask: NDArray[np.bool_] | None,
        before: FloatArray,
        layer: Layer | None,
        look: tuple[int, int],
        quarters: int,
        on_progress: OnProgress | None,
    ) -> FloatArray:
        """The coverage of a picture in the size of a look, as it is seen in the picture turned by
        quarters.

        Small looks are at all of it; large ones at the parts where an earlier look has seen
        something, or where there is a user's mask.
        """
        everywhere = max(look) <= LARGEST_LOOK
        scale = ENLARGED[quarters] if everywhere else 1
        shape = (round(scale * look[0]), round(scale * look[1]))
        picture, before = np.rot90(_resized(rgb, shape), quarters), np.rot90(before, quarters)
        given = None
        if mask is not None:
            given = np.rot90(_resized(mask.astype(np.float32), shape), quarters)
        size = (picture.shape[0], picture.shape[1])

        def condition(rows: slice, columns: slice) -> torch.Tensor | None:
            painted = None if given is None else given[rows, columns]
            if painted is None:
                wanted = everywhere or not _empty(before, rows, columns, size)
            else:
                wanted = everywhere or bool(painted.any())
            if not wanted:
                return None
            change = None if layer is None else layer.change(to_unit(picture[rows, columns]))
            return told(
                _batch(enlarged(before, rows, columns, size)),
                None if painted is None else _batch(painted),
                change=None if change is None else _batch(change),
            )

        coverage = self.engine.run(
            picture, condition, multiple=self._multiple, channels=1, on_progress=on_progress
        )
        return _resized(np.rot90(coverage[..., 0], -quarters), look)


def _looks(size: tuple[int, int]) -> list[tuple[int, int]]:
    """Sizes (height, width) to look at a picture in, the last its own."""
    longest = max(size)
    shapes = []
    side = SMALLEST_LOOK
    while side * 1.5 <= longest and side <= LARGEST_LOOK:
        shapes.append(
            (max(round(size[0] * side / longest), 1), max(round(size[1] * side / longest), 1))
        )
        side *= 2
    return [*shapes, size]


def mean_of_turns(
    side: int,
    view: Callable[[int, OnProgress | None], FloatArray],
    on_progress: OnProgress | None,
) -> FloatArray:
    """The mean of what is seen in a picture of this longest side turned by quarters: to the network
    it is another one each time, and its errors are other ones. Large ones are seen once.

    Args:
        view: from the quarters, and whom to tell its progress, to what is seen (h, w, ...), turned
            back.
    """
    if side > LARGEST_LOOK:
        return view(0, on_progress)
    views = [view(quarters, on_progress if quarters == 3 else None) for quarters in range(4)]
    return np.asarray(np.mean(views, 0, dtype=np.float32))


def _empty(
    coverage: FloatArray, rows: slice, columns: slice, size: tuple[int, int], least: float = 0.1
) -> bool:
    """Whether an earlier look found nothing in this part of a picture of `size`, nor beside it."""
    height, width = coverage.shape
    top = max(rows.start * height // size[0] - 8, 0)
    left = max(columns.start * width // size[1] - 8, 0)
    bottom, right = rows.stop * height // size[0] + 8, columns.stop * width // size[1] + 8
    return bool(coverage[top:bottom, left:right].max() < least)


def _resized(picture: NDArray[Any], shape: tuple[int, int]) -> NDArray[Any]:
    if picture.shape[:2] == shape:
        return picture
    smaller = shape[0] < picture.shape[0] or shape[1] < picture.shape[1]
    way = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    resized = cv2.resize(np.ascontiguousarray(picture), shape[::-1], interpolation=way)
    return np.asarray(resized.clip(0, 1) if picture.dtype == np.float32 else resized)


def _batch(maps: NDArray[Any]) -> torch.Tensor:
    """(1, C, H, W) of (H, W, C), or (1, 1, H, W) of (H, W)."""
    channels = np.atleast_3d(maps).transpose(2, 0, 1)
    return torch.from_numpy(np.ascontiguousarray(channels))[None]
