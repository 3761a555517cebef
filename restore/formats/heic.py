"""HEIC and HEIF, by pillow-heif, an extra."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from restore.errors import MissingExtra


def register() -> None:
    """Teach Pillow the format.

    Raises:
        MissingExtra: pillow-heif is not installed.
    """
    try:
        import pillow_heif
    except ModuleNotFoundError as error:
        raise MissingExtra(
            'HEIC needs pillow-heif: pip install "restore-studio[heic]", or convert to another '
            "format"
        ) from error
    pillow_heif.register_heif_opener()


def is_heic(data: bytes) -> bool:
    """By its brand; AVIF, of the same family, has others."""
    return data[4:8] == b"ftyp" and data[8:12] in {
        b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1",
    }  # fmt: skip


def read_deep(data: bytes) -> NDArray[Any]:
    """The pixels of a file with 10 or 12 bits a channel: (H, W, 3) or (H, W, 4), uint16."""
    import pillow_heif

    image = pillow_heif.open_heif(data, convert_hdr_to_8bit=False)
    array = np.asarray(image)
    # The low bits are empty: repeated from the high ones, white is 65535 and not 65472.
    bits = int(image.info["bit_depth"])
    return np.asarray(array | (array >> bits), np.uint16)
