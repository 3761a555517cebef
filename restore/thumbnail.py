"""Small pictures for reports."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from restore.formats.jpeg import on_white

_SIDE = 480


def thumbnail(array: NDArray[Any], side: int = _SIDE) -> bytes:
    """A JPEG of at most `side` pixels a side, of an array as `restore.picture.Picture` has it."""
    step = max(1, max(array.shape[:2]) // (4 * side))  # a first reduction that costs nothing
    array = array[::step, ::step]
    if array.dtype == np.uint16:
        array = (array >> 8).astype(np.uint8)
    image = Image.fromarray(on_white(np.ascontiguousarray(array)))
    image.thumbnail((side, side), Image.Resampling.BOX)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=80)
    return buffer.getvalue()
