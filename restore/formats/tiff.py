"""TIFF: pages of 8 or 16 bits, compressed, with all directories of their EXIF."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from restore.arrays import fitting_profile, join_alpha, split_alpha
from restore.errors import UnsupportedImage
from restore.formats import exif as exif_blocks
from restore.formats import photoshop
from restore.formats.exif import ByteOrder
from restore.metadata import STRUCTURE, XMP_TAG, Metadata

_BITS, _PHOTOMETRIC, _SUBFILE, _EXTRA = 258, 262, 254, 338
_UNNAMED, _PREMULTIPLIED = 0, 1
"""What `_EXTRA` says of a further channel: nothing; alpha that is in the colours already."""
_PREVIEW = 1
# tifffile doesn't write the entries that lead to EXIF and GPS. These two, which mean nothing, hold
# their places in the order of tags until they are renamed.
_STAND_INS = {0x8769: 0x8769 - 1, 0x8825: 0x8825 - 1}


def page_count(image: Image.Image) -> int:
    return int(getattr(image, "n_frames", 1))


def is_whole(data: bytes) -> bool:
    """Whether all pixels that the directories tell of are in the file, whatever they are."""
    import tifffile

    try:
        with tifffile.TiffFile(io.BytesIO(data)) as file:
            ends = [
                offset + count
                for page in file.pages
                for offset, count in zip(page.dataoffsets, page.databytecounts, strict=True)
            ]
    except Exception:  # tifffile meets foreign bytes, and may throw anything
        return False
    return 0 < max(ends, default=0) <= len(data)


def is_preview(image: Image.Image) -> bool:
    """Whether the page is another one of this file in a smaller size."""
    return bool(int(image.tag_v2.get(_SUBFILE, 0)) & _PREVIEW)  # type: ignore[attr-defined]


def is_deep(image: Image.Image) -> bool:
    """Whether the page has 16 bits a channel, which Pillow would cut down to 8.

    Raises:
        UnsupportedImage: it has, but in inks or Lab.
    """
    if image.mode.startswith("I;16"):
        return True
    bits = image.tag_v2.get(_BITS, (8,))  # type: ignore[attr-defined]
    if 16 not in (bits if isinstance(bits, tuple) else (bits,)):
        return False
    if image.tag_v2.get(_PHOTOMETRIC) not in (0, 1, 2):  # type: ignore[attr-defined]
        raise UnsupportedImage("16-bit CMYK or Lab: save it as 16-bit RGB")
    return True


def _extra(image: Image.Image) -> int | None:
    """What the further channel of a page is; None where there is none, or no word on it."""
    found = image.tag_v2.get(_EXTRA, ())  # type: ignore[attr-defined]
    return next(iter(found if isinstance(found, tuple) else (found,)), None)


def left_out(image: Image.Image) -> str:
    """A note where a page has a channel that is neither colour nor alpha."""
    if _extra(image) != _UNNAMED:
        return ""
    return "a channel that is neither colour nor transparency was left out"


def read_deep(image: Image.Image, data: bytes, page: int) -> NDArray[Any]:
    """A page of 16 bits a channel, (H, W) or (H, W, 2..4), black at zero, colours apart from
    alpha."""
    array, alpha = split_alpha(_stored(data, page))
    if image.tag_v2.get(_PHOTOMETRIC) == 0:  # type: ignore[attr-defined]
        array = 65535 - array
    if alpha is not None and _extra(image) == _UNNAMED:
        alpha = None
    elif alpha is not None and _extra(image) == _PREMULTIPLIED:
        share = np.maximum(alpha, 1) / np.float32(65535)
        whole = np.rint(array / (share if array.ndim == 2 else share[..., None]))
        array = np.minimum(whole, 65535).astype(np.uint16)
    return np.ascontiguousarray(join_alpha(array, alpha))


def _stored(data: bytes, page: int) -> NDArray[Any]:
    """(H, W) or (H, W, 2..4) uint16 as it is in the file, not turned upright."""
    import tifffile

    with tifffile.TiffFile(io.BytesIO(data)) as file:
        stored = file.pages[page]
        assert isinstance(stored, tifffile.TiffPage)
        planes = stored.planarconfig == tifffile.PLANARCONFIG.SEPARATE
        # OpenCV knows all compressions, but makes noise of planes.
        array = None if planes else _by_opencv(_unturned(data, stored), page)
        if array is None:
            try:
                array = stored.asarray()
            except ValueError as error:  # a compression that wants a further package
                raise UnsupportedImage(
                    "16-bit pixels in planes, compressed: save it interleaved, or uncompressed"
                ) from error
            if array.ndim == 3 and "S" in stored.axes and stored.axes.index("S") == 0:
                array = np.moveaxis(array, 0, -1)
    if array.dtype != np.uint16 or array.shape[2:] not in {(), (2,), (3,), (4,)}:
        raise UnsupportedImage("16-bit pixels in an unusual arrangement: save it as 16-bit RGB")
    return array


def _by_opencv(data: bytes, page: int) -> NDArray[Any] | None:
    """The page; None if it has two channels, or is too large, or something else ails it."""
    import cv2

    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)  # we say it in one line
    try:
        buffer = np.frombuffer(data, np.uint8)
        good, pages = cv2.imdecodemulti(buffer, cv2.IMREAD_UNCHANGED, range=(page, page + 1))
    except cv2.error:
        return None
    array = pages[0] if good and pages else None
    if array is None or array.dtype != np.uint16 or array.shape[2:] not in {(), (3,), (4,)}:
        return None
    if array.ndim == 3:
        array = array[..., [2, 1, 0, *range(3, array.shape[2])]]
    return np.asarray(array)


def _unturned(data: bytes, page: Any) -> bytes:
    """The file without the orientation of a page, which OpenCV would turn it by."""
    tag = page.tags.get(exif_blocks.ORIENTATION)
    if tag is None or tag.value == 1:
        return data
    file = bytearray(data)
    form = "I" if tag.dtype == 4 else "H"
    struct.pack_into(page.parent.byteorder + form, file, tag.valueoffset, 1)
    return bytes(file)


def encode(pages: Sequence[tuple[NDArray[Any], Metadata]]) -> bytes:
    """All pages in one file, deflated with a predictor."""
    import tifffile

    order: ByteOrder = next(
        (
            exif_blocks.byte_order(metadata.exif)
            for _, metadata in pages
            if metadata.exif and exif_blocks.is_sound(metadata.exif)
        ),
        "<",
    )
    buffer = io.BytesIO()
    size = sum(array.nbytes for array, _ in pages)
    directories: list[bytes] = []
    with tifffile.TiffWriter(buffer, byteorder=order, bigtiff=size > 3 << 30) as writer:
        for array, metadata in pages:
            gray, alpha = split_alpha(array)
            if array.dtype == np.uint16 and alpha is not None and gray.ndim == 2:
                array = np.dstack([gray, gray, gray, alpha])  # few read gray with alpha, deep
            tags, block = _tags(metadata, order)
            directories.append(block)
            writer.write(
                array,
                photometric="minisblack" if array.ndim == 2 or array.shape[2] == 2 else "rgb",
                planarconfig=None if array.ndim == 2 else "contig",
                extrasamples=None if alpha is None else ["unassalpha"],
                compression="zlib",
                predictor=True,
                metadata=None,
                software=False,
                iccprofile=fitting_profile(metadata.icc, array),
                resolution=metadata.dpi,
                resolutionunit="inch" if metadata.dpi else None,
                extratags=tags,
                contiguous=False,
            )
    return _with_directories(buffer.getvalue(), order, directories)


Tag = tuple[int, int, int, Any, bool]


def _tags(metadata: Metadata, order: ByteOrder) -> tuple[list[Tag], bytes]:
    """What of the metadata becomes tags of a page, and the block that two of these will lead to."""
    tags: list[Tag] = []
    block = b""
    exif = metadata.exif
    if exif and exif_blocks.is_sound(exif) and exif_blocks.byte_order(exif) == order:
        for entry in exif_blocks.entries(exif):
            if entry.tag in _STAND_INS:
                tags.append((_STAND_INS[entry.tag], 4, 1, 0, True))
                block = exif
            elif entry.tag not in STRUCTURE | exif_blocks.DIRECTORIES:
                value = exif[entry.value : entry.value + entry.size]
                tags.append((entry.tag, entry.kind, entry.length, value, True))
    xmp = metadata.xmp_with_recipe()
    if xmp:
        tags.append((XMP_TAG, 1, len(xmp), xmp, True))
    if metadata.resources:
        resources = metadata.resources
        tags.append((photoshop.RESOURCES_TAG, 1, len(resources), resources, True))
    return tags, block


def _with_directories(data: bytes, order: ByteOrder, blocks: Sequence[bytes]) -> bytes:
    """The file with the EXIF block of each page behind it, and the pages leading there."""
    if not any(blocks) or struct.unpack_from(order + "H", data, 2) != (42,):
        return data  # nothing to add, or so large that its offsets are of another kind
    file = bytearray(data)
    (page,) = struct.unpack_from(order + "I", file, 4)
    for block in blocks:
        (count,) = struct.unpack_from(order + "H", file, page)
        if block:
            file += bytes(len(file) % 2)
            moved, found = exif_blocks.moved(block, len(file))
            file += moved
            for place in range(page + 2, page + 2 + 12 * count, 12):
                (tag,) = struct.unpack_from(order + "H", file, place)
                if tag + 1 in found:
                    struct.pack_into(order + "H", file, place, tag + 1)
                    struct.pack_into(order + "I", file, place + 8, found[tag + 1])
        (page,) = struct.unpack_from(order + "I", file, page + 2 + 12 * count)
    return bytes(file)
