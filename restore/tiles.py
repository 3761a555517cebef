"""Large pictures in overlapping tiles, blended so that no seam can be seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

OVERLAP = 64
"""Pixels that neighbouring tiles share; see `docs/design.md` for what less costs."""

FloatArray = NDArray[np.float32]
OnProgress = Callable[[float], None]
"""Called with the share that is done, in [0, 1], now and then; may raise to call the work off."""
Window = tuple[int, int, int, int]
"""top, bottom, left, right of a part of a picture, in pixels."""


@dataclass(frozen=True)
class Span:
    """Where a tile lies along one axis, and how much it counts there."""

    start: int
    stop: int
    weight: FloatArray
    """(stop - start,): the weights of all spans at one place add up to 1."""


def spans(length: int, tile: int, overlap: int, multiple: int) -> list[Span]:
    """Spans of nearly equal size, at most `tile` long, that cover [0, length).

    They start at multiples of `multiple`, the network's own grid, so that a pixel is at the same
    phase of that grid in its tile as in the whole picture: otherwise tiles would differ everywhere.
    """
    overlap = -(-overlap // multiple) * multiple
    if tile <= 0 or length <= max(tile, 2 * overlap):
        return [Span(0, length, np.ones(length, np.float32))]
    stride = max(tile // multiple * multiple - overlap, multiple)
    count = -(-(length - overlap) // stride)
    stride = -(-(length - overlap) // (count * multiple)) * multiple
    starts = range(0, length - overlap, stride)
    ramp = _ramp(overlap)
    found = []
    for start in starts:
        stop = min(start + stride + overlap, length)
        weight = np.ones(stop - start, np.float32)
        if start > 0:
            weight[:overlap] *= ramp
        if stop < length:
            weight[-overlap:] *= ramp[::-1]
        found.append(Span(start, stop, weight))
    return found


def _ramp(overlap: int) -> FloatArray:
    """(overlap,) rising from 0 to 1; the outer quarter is 0: there a tile lacks surroundings."""
    place = (np.arange(overlap, dtype=np.float32) + 0.5) / overlap
    return np.asarray(np.sin(np.pi / 2 * np.clip(place * 2 - 0.5, 0, 1)) ** 2, np.float32)


def restore_tiles(
    restore_tile: Callable[[int, int, int, int], FloatArray],
    size: tuple[int, int],
    *,
    tile: int,
    multiple: int,
    channels: int = 3,
    overlap: int = OVERLAP,
    on_progress: OnProgress | None = None,
    window: Window | None = None,
) -> FloatArray:
    """The picture (H, W, channels) that the tiles make together, or the part in a window.

    Args:
        restore_tile: called with top, bottom, left, right; returns that part (h, w, channels).
        size: height and width of the picture.
        tile: largest side of a tile in pixels; 0 takes the picture whole.
        window: what is wanted. Tiles outside it are left out, the others lie where they always do,
            so that the result is exactly that part of the whole.
    """
    height, width = size
    rows, columns = (spans(length, tile, overlap, multiple) for length in size)
    top, bottom, left, right = window or (0, height, 0, width)
    if len(rows) == len(columns) == 1:
        return restore_tile(0, height, 0, width)[top:bottom, left:right]
    rows = [row for row in rows if row.start < bottom and row.stop > top]
    columns = [column for column in columns if column.start < right and column.stop > left]
    y, x = rows[0].start, columns[0].start
    blended = np.zeros((rows[-1].stop - y, columns[-1].stop - x, channels), np.float32)
    for number, row in enumerate(rows):
        for place, column in enumerate(columns):
            part = restore_tile(row.start, row.stop, column.start, column.stop)
            part *= row.weight[:, None, None]
            part *= column.weight[None, :, None]
            blended[row.start - y : row.stop - y, column.start - x : column.stop - x] += part
            if on_progress is not None:
                done = number * len(columns) + place + 1
                on_progress(done / (len(rows) * len(columns)))
    return blended[top - y : bottom - y, left - x : right - x]


def part_of(on_progress: OnProgress | None, index: int, count: int) -> OnProgress | None:
    """Whom one of several parts of the work tells its progress, to be told on as that of all."""
    if on_progress is None:
        return None
    on_progress(index / count)
    return lambda share: on_progress((index + share) / count)
