"""Camera RAW, developed by LibRaw (rawpy, an extra)."""

from __future__ import annotations

import io
from typing import Any

from numpy.typing import NDArray
from PIL import Image

from restore.errors import MissingExtra, UnsupportedImage
from restore.formats import exif as exif_blocks
from restore.metadata import STRUCTURE

SUFFIXES = {
    ".3fr", ".arw", ".cr2", ".cr3", ".crw", ".dcr", ".dng", ".erf", ".fff", ".iiq", ".kdc", ".mef",
    ".mos", ".mrw", ".nef", ".nrw", ".orf", ".pef", ".raf", ".raw", ".rw2", ".rwl", ".sr2", ".srf",
    ".srw", ".x3f",
}  # fmt: skip
# The mosaic, and the private tags of DNG.
_SENSOR = {33421, 33422, *range(37393, 37400), *range(50706, 52600)}


def read(data: bytes, max_pixels: int) -> NDArray[Any]:
    """The picture as the camera saw it, upright: (H, W, 3) uint16, sRGB.

    White balance is the camera's; brightness is as exposed, so that a series stays even.

    Raises:
        MissingExtra: rawpy is not installed.
        UnsupportedImage: too large.
        ValueError: not a RAW file, or damaged.
    """
    try:
        import rawpy
    except ModuleNotFoundError as error:
        raise MissingExtra(
            'camera RAW needs rawpy: pip install "restore-studio[raw]", or develop it elsewhere'
        ) from error
    try:
        with rawpy.imread(io.BytesIO(data)) as file:
            if file.sizes.width * file.sizes.height > max_pixels:
                raise UnsupportedImage(
                    f"{file.sizes.width} x {file.sizes.height} pixels: "
                    "more than --max-pixels allows"
                )
            array: NDArray[Any] = file.postprocess(
                use_camera_wb=True, no_auto_bright=True, output_bps=16
            )
            return array
    except rawpy.LibRawError as error:
        reason = error.args[0] if error.args else error
        text = reason.decode() if isinstance(reason, bytes) else str(reason)
        raise ValueError(f"not a RAW file that can be developed: {text}") from error


def exif_of(data: bytes) -> bytes | None:
    """The EXIF of a file that is TIFF outside, as most are; without what is about the sensor.

    Its orientation is set to upright, as LibRaw has turned the pixels.
    """
    if data[:4] not in {b"II*\0", b"MM\0*"}:
        return None
    block = Image.Exif()
    try:
        block.load(data)
        for tag in [tag for tag in block if tag in STRUCTURE or tag in _SENSOR]:
            del block[tag]
        return exif_blocks.for_new_pixels(block.tobytes().removeprefix(exif_blocks.HEADER))[0]
    except Exception:  # Pillow's parser meets foreign bytes, and may throw anything
        return None
