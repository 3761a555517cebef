"""The formats that Pillow writes, 8 bits a channel: JPEG, WebP, AVIF and HEIC."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from restore.arrays import as_rgb, fitting_profile, split_alpha
from restore.formats import heic, jpeg, photoshop
from restore.formats.exif import HEADER
from restore.formats.jpeg import DEFAULT_QUALITY
from restore.metadata import Metadata


def encode(
    array: NDArray[Any],
    metadata: Metadata,
    format: str,
    quality: int | None,
    coding: dict[str, Any] | None,
    *,
    lossless: bool,
) -> tuple[bytes, str]:
    """The bytes of a file, and a note on metadata that did not fit.

    Args:
        array: (H, W) or (H, W, 2..4), uint8, or uint16, which is rounded.
        format: `jpeg`, `webp`, `avif` or `heic`.
        quality: 1..100; None takes `coding`, or 92.
        coding: of a JPEG source, see `restore.formats.jpeg`.
        lossless: of WebP.
    """
    note = ""
    if array.dtype == np.uint16:
        array = np.rint(array / 257).astype(np.uint8)
    exif, xmp = metadata.exif, metadata.xmp_with_recipe()
    if format == "jpeg":
        array = jpeg.on_white(array)
        if exif and len(exif) > jpeg.SEGMENT - len(HEADER):
            exif, note = None, "the EXIF is too long for JPEG and was left out"
        if xmp and len(xmp) > jpeg.SEGMENT - 64:
            xmp = metadata.xmp if metadata.xmp and len(metadata.xmp) < jpeg.SEGMENT - 64 else None
            note = "the XMP is too long for JPEG: it was left out, or has no recipe in it"
    given = {"icc_profile": metadata.icc, "exif": exif, "xmp": xmp, "dpi": metadata.dpi}
    options: dict[str, Any] = {name: value for name, value in given.items() if value}
    if format == "jpeg":
        if exif:
            options["exif"] = HEADER + exif
        options["extra"] = photoshop.segments(metadata.resources or b"") + b"".join(
            jpeg.segment(1, part) for part in metadata.extended_xmp
        )
        if metadata.comment:
            options["comment"] = metadata.comment
        options |= jpeg.save_options(coding, array.ndim == 2, quality)
    elif format == "webp":
        options |= {"lossless": True} if lossless else {"quality": quality or DEFAULT_QUALITY}
        options["exact"] = True  # colours below transparent pixels are part of the picture
    elif format == "avif":
        options |= {"quality": quality or DEFAULT_QUALITY, "subsampling": "4:4:4"}
        options["max_threads"] = 1  # the number of cores must not show in the bytes
    else:
        heic.register()
        options |= {"quality": quality or DEFAULT_QUALITY, "chroma": 444}
    data = _saved(array, format, options)
    in_colour = as_rgb(split_alpha(array)[0])
    if metadata.icc and not fitting_profile(metadata.icc, in_colour) and not _is_gray(data):
        del options["icc_profile"]
        data = _saved(array, format, options)
        left_out = f"the ICC profile is for gray and was left out: {format.upper()} made it RGB"
        note = "; ".join(filter(None, [note, left_out]))
    return data, note


def _is_gray(data: bytes) -> bool:
    with Image.open(io.BytesIO(data)) as image:
        return image.mode in {"L", "LA"}


def _saved(array: NDArray[Any], format: str, options: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, "HEIF" if format == "heic" else format.upper(), **options)
    return buffer.getvalue()


def is_deep_avif(data: bytes) -> bool:
    """Whether a file has 10 or 12 bits a channel, by the record of its codec (AV1 in ISOBMFF, 2.3):
    Pillow gives 8."""
    at = data.find(b"av1C")
    return at >= 0 and len(data) > at + 6 and bool(data[at + 6] & 0x40)


def is_lossy_webp(data: bytes) -> bool:
    """Whether the pixels of a WebP file, of its first frame, are coded with losses."""
    at = 12
    while at + 8 <= len(data):
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        if name in {b"VP8 ", b"VP8L"}:
            return name == b"VP8 "
        at += 24 if name == b"ANMF" else 8 + size + size % 2  # a frame holds chunks of its own
    return True
