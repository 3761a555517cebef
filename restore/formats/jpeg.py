"""JPEG: a source's own quantisation tables, where they are good enough to be kept, and segments."""

from __future__ import annotations

import io
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, JpegImagePlugin, MpoImagePlugin

from restore.arrays import split_alpha

DEFAULT_QUALITY = 92
SEGMENT = 65533
"""Bytes that a marker segment holds; EXIF and XMP have to fit into one each."""
_EXTENSION = b"http://ns.adobe.com/xmp/extension/\0"
_GAIN_MAP = b"urn:iso:std:iso:ts:21496:-1\0"
_GAIN_MAP_OF_APPLE = b"http://ns.apple.com/HDRGainMap/"


def coding_of(image: Image.Image) -> dict[str, Any] | None:
    """Quantisation tables and chroma subsampling of a JPEG file."""
    if not isinstance(image, JpegImagePlugin.JpegImageFile):
        return None
    subsampling = JpegImagePlugin.get_sampling(image)
    return {"qtables": image.quantization, "subsampling": 0 if subsampling < 0 else subsampling}


def extended_xmp_of(image: Image.Image) -> tuple[bytes, ...]:
    """The segments, without their markers, of XMP that was too long for the first one.

    (Adobe, "XMP Specification Part 3", 1.1.3.1.)
    """
    return tuple(data for name, data in _segments_of(image) if data.startswith(_EXTENSION))


def unfit_in(image: Image.Image) -> list[str]:
    """Notes on what a restored picture can't have, as it is about the pixels before."""
    notes = []
    found = _segments_of(image)
    if any(name == "APP11" and b"c2pa" in data for name, data in found):
        notes.append(
            "credentials (C2PA) are not kept once pixels change: they are for the old ones"
        )
    if any(
        (name == "APP1" and b"hdrgm:Version" in data)
        or (name == "APP2" and data.startswith(_GAIN_MAP))
        for name, data in found
    ) or _has_gain_map_of_apple(image):
        notes.append("the gain map (HDR) is not kept once pixels change: it is for the old ones")
    return notes


def _has_gain_map_of_apple(image: Image.Image) -> bool:
    """Whether one of the further pictures in the file says so of itself."""
    if not isinstance(image, MpoImagePlugin.MpoImageFile) or image.fp is None:
        return False
    place = image.fp.tell()
    image.fp.seek(0)
    found = _GAIN_MAP_OF_APPLE in image.fp.read()
    image.fp.seek(place)
    return found


def _segments_of(image: Image.Image) -> list[tuple[str, bytes]]:
    """Names (`APP1`) and contents; none of another format."""
    return image.applist if isinstance(image, JpegImagePlugin.JpegImageFile) else []


def segment(number: int, data: bytes) -> bytes:
    """A marker segment (APP0..APP15) of at most `SEGMENT` bytes."""
    return b"\xff" + struct.pack(">BH", 0xE0 + number, 2 + len(data)) + data


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
