"""What a picture file holds beside pixels: ICC profile, EXIF, XMP, resolution, all as bytes."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import Any

from PIL import Image

_EXIF_HEADER = b"Exif\x00\x00"
_ORIENTATION = 0x0112
_XMP_TAG = 700
EXIF_DIRECTORIES = {0x8769, 0x8825}
"""Tags of the EXIF block that point to further directories: EXIF proper, and GPS."""
_XMP_PNG = "XML:com.adobe.xmp"
# TIFF tags that describe how this file stores its pixels; another file stores them otherwise.
_STRUCTURE = {
    *range(254, 260), 262, 266, 273, *range(277, 285), 296, 317, 320, *range(322, 326), 338, 339,
    _XMP_TAG, 34675,
}  # fmt: skip


@dataclass(frozen=True)
class Metadata:
    icc: bytes | None = None
    exif: bytes | None = None
    """The whole EXIF block from its TIFF header on, orientation set to upright."""
    xmp: bytes | None = None
    dpi: tuple[float, float] | None = None
    orientation: int = 1
    """As found, 1..8; the pixels of a `Picture` are already turned."""


def read_metadata(image: Image.Image) -> Metadata:
    """The metadata of an opened file. The bytes stay as they are, but for the orientation."""
    exif = image.info.get("exif")
    if exif is None and image.format == "TIFF":
        block = image.getexif()
        for tag in _STRUCTURE & set(block):
            del block[tag]
        exif = block.tobytes() if len(block) else None
        orientation = image.getexif().get(_ORIENTATION, 1)
    else:
        orientation = 1
    if isinstance(exif, bytes):
        exif, found = _upright(exif.removeprefix(_EXIF_HEADER))
        orientation = found if found != 1 else orientation
    xmp = image.info.get("xmp") or image.info.get(_XMP_PNG)
    if isinstance(xmp, str):
        xmp = xmp.encode()
    if xmp:
        xmp = re.sub(rb'(tiff:Orientation(?:="|>))[2-8]', rb"\g<1>1", bytes(xmp))
    dpi = image.info.get("dpi")
    return Metadata(
        icc=image.info.get("icc_profile") or None,
        exif=exif or None,
        xmp=xmp or None,
        dpi=(float(dpi[0]), float(dpi[1])) if dpi and dpi[0] and dpi[1] else None,
        orientation=orientation if orientation in range(1, 9) else 1,
    )


def _upright(exif: bytes) -> tuple[bytes, int]:
    """An EXIF block with its orientation set to 1, nothing else touched; and what it was.

    Writing the block anew would move maker notes, whose inner offsets nobody can mend.
    """
    try:
        order = {b"II": "<", b"MM": ">"}[exif[:2]]
        (start,) = struct.unpack_from(order + "I", exif, 4)
        (count,) = struct.unpack_from(order + "H", exif, start)
        for place in range(start + 2, start + 2 + 12 * count, 12):
            if struct.unpack_from(order + "H", exif, place) == (_ORIENTATION,):
                (found,) = struct.unpack_from(order + "H", exif, place + 8)
                upright = struct.pack(order + "H", 1)
                return exif[: place + 8] + upright + exif[place + 10 :], found
    except (KeyError, struct.error):
        pass
    return exif, 1


def save_options(metadata: Metadata, format: str) -> dict[str, Any]:
    """Arguments for `Image.save` that write the metadata into a PNG, JPEG, TIFF or WebP file."""
    from PIL.PngImagePlugin import PngInfo

    options: dict[str, Any] = {}
    if metadata.icc:
        options["icc_profile"] = metadata.icc
    if metadata.exif and format != "TIFF":
        # WebP stores the bare block; the others expect the marker that JPEG has before it.
        options["exif"] = (b"" if format == "WEBP" else _EXIF_HEADER) + metadata.exif
    if metadata.dpi and format != "WEBP":
        options["dpi"] = metadata.dpi
    if metadata.xmp:
        if format == "PNG":
            text = PngInfo()
            text.add_itxt(_XMP_PNG, metadata.xmp.decode("utf-8", "replace"))
            options["pnginfo"] = text
        elif format != "TIFF":
            options["xmp"] = metadata.xmp
    if format == "TIFF" and (metadata.exif or metadata.xmp):  # there all of it are tags
        block = Image.Exif()
        if metadata.exif:
            block.load(metadata.exif)
        if metadata.xmp:
            block[_XMP_TAG] = metadata.xmp
        options["exif"] = block
    return options
