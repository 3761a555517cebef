"""JPEG coding: a source's own quantisation tables, where they are good enough to be kept."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, JpegImagePlugin

from restore.arrays import split_alpha

DEFAULT_QUALITY = 92
SEGMENT = 65533
"""Bytes that a marker segment holds; EXIF and XMP have to fit into one each."""


def coding_of(image: Image.Image) -> dict[str, Any] | None:
    """Quantisation tables and chroma subsampling of a JPEG file."""
    if not isinstance(image, JpegImagePlugin.JpegImageFile):
        return None
    subsampling = JpegImagePlugin.get_sampling(image)
    return {"qtables": image.quantization, "subsampling": 0 if subsampling < 0 else subsampling}


def save_options(coding: dict[str, Any] | None, gray: bool, quality: int | None) -> dict[str, Any]:
    """Arguments for `Image.save`."""
    if quality is not None or coding is None:
        return {"quality": quality or DEFAULT_QUALITY, "subsampling": 0}
    # A coarse source is coded finer: its own tables would bring back what was just removed.
    if sum(coding["qtables"][0]) > _coarseness(DEFAULT_QUALITY):
        return {"quality": DEFAULT_QUALITY, "subsampling": coding["subsampling"]}
    if gray:
        return {"qtables": {0: coding["qtables"][0]}}
    if len(coding["qtables"]) < 2:  # it was gray and has colours now
        return {"qtables": {0: coding["qtables"][0], 1: coding["qtables"][0]}, "subsampling": 0}
    return dict(coding)


def _coarseness(quality: int) -> int:
    """Sum of libjpeg's luminance table at a quality: the higher, the coarser."""
    buffer = io.BytesIO()
    Image.new("L", (8, 8)).save(buffer, "JPEG", quality=quality)
    with Image.open(buffer) as image:
        assert isinstance(image, JpegImagePlugin.JpegImageFile)
        return sum(image.quantization[0])


def on_white(array: NDArray[Any]) -> NDArray[Any]:
    """Colours as they look on white paper, for files that hold no alpha."""
    colour, alpha = split_alpha(array)
    if alpha is None:
        return array
    share = alpha.astype(np.float32) / 255
    if colour.ndim == 3:
        share = share[..., None]
    return np.rint(colour * share + 255 * (1 - share)).astype(np.uint8)
