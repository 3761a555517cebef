"""PNG: 16 bits a channel, and the chunks that hold metadata (W3C, 3rd edition)."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from restore.metadata import PNG_XMP, RECIPE_KEYWORD, Metadata

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOUR = {b"gAMA", b"cHRM", b"sRGB", b"cICP"}
_COLOUR_TYPE_AT = 25
_COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}  # by the number of channels


def encode(array: NDArray[Any], metadata: Metadata) -> bytes:
    """A PNG file of an array (H, W) or (H, W, 2..4), uint8 or uint16."""
    if array.dtype == np.uint16:
        pixels = _encode_16(array)
    else:
        buffer = io.BytesIO()
        Image.fromarray(array).save(buffer, "PNG")
        pixels = buffer.getvalue()
    header = len(_SIGNATURE) + 25  # the first chunk has a fixed size
    return pixels[:header] + b"".join(_chunks(metadata)) + pixels[header:]


def read_deep(data: bytes, clear: object = None) -> NDArray[Any]:
    """The pixels of a file with 16 bits a channel, (H, W) or (H, W, 2..4).

    Args:
        clear: what a chunk tRNS says, in Pillow's words: the one gray that is transparent.

    Raises:
        ValueError: damaged.
    """
    import cv2

    array = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if array is None or array.dtype != np.uint16:
        raise ValueError("damaged, or 16-bit pixels in an unusual arrangement")
    if array.ndim == 3:
        array = array[..., [2, 1, 0, *range(3, array.shape[2])]]
        if data[_COLOUR_TYPE_AT] == _COLOUR_TYPES[2]:  # gray comes as three equal channels
            array = array[..., [0, 3]]
    elif isinstance(clear, int):  # in colour OpenCV sees to it
        array = np.dstack([array, np.where(array == clear, 0, 65535).astype(np.uint16)])
    return np.ascontiguousarray(array)


def colour_of(data: bytes) -> tuple[tuple[bytes, bytes], ...]:
    """The chunks of a file that say how its colours are meant, but for an ICC profile."""
    found = []
    at = len(_SIGNATURE)
    while (name := data[at + 4 : at + 8]) not in {b"", b"IDAT"}:
        (length,) = struct.unpack_from(">I", data, at)
        if name in _COLOUR:
            found.append((name, data[at + 8 : at + 8 + length]))
        at += 12 + length
    return tuple(found)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _chunks(metadata: Metadata) -> list[bytes]:
    if metadata.icc:
        chunks = [_chunk(b"iCCP", b"ICC profile\0\0" + zlib.compress(metadata.icc, 9))]
    else:
        chunks = [_chunk(*each) for each in metadata.colour]
    if metadata.dpi:
        x, y = (round(dots / 0.0254) for dots in metadata.dpi)  # per inch -> per metre
        chunks.append(_chunk(b"pHYs", struct.pack(">IIB", x, y, 1)))
    if metadata.exif:
        chunks.append(_chunk(b"eXIf", metadata.exif))
    texts = list(metadata.text)
    if metadata.xmp:
        texts.append((PNG_XMP, metadata.xmp.decode("utf-8", "replace")))
    if metadata.recipe:
        texts.append((RECIPE_KEYWORD, metadata.recipe))
    for key, text in texts:
        keyword = key.encode("latin-1", "replace")[:79] or b"Comment"
        chunks.append(_chunk(b"iTXt", keyword + b"\0\0\0\0\0" + text.encode("utf-8", "replace")))
    return chunks


def _encode_16(array: NDArray[Any]) -> bytes:
    height, width = array.shape[:2]
    channels = 1 if array.ndim == 2 else array.shape[2]
    header = struct.pack(">IIBBBBB", width, height, 16, _COLOUR_TYPES[channels], 0, 0, 0)
    compressor = zlib.compressobj(6)
    compressed = [compressor.compress(rows) for rows in _filtered(array, 2 * channels)]
    return b"".join(
        [
            _SIGNATURE,
            _chunk(b"IHDR", header),
            _chunk(b"IDAT", b"".join(compressed) + compressor.flush()),
            _chunk(b"IEND", b""),
        ]
    )


def _filtered(array: NDArray[Any], step: int) -> list[bytes]:
    """The rows as bytes, in bands, each row by the filter that makes it smallest.

    Smallest in the sum of absolute differences, the heuristic of the PNG specification (12.8).

    Args:
        step: bytes per pixel.
    """
    bands = []
    last = np.zeros((1, array[0].size * 2), np.uint8)
    for top in range(0, len(array), 64):
        band = array[top : top + 64]
        rows = np.ascontiguousarray(band).astype(">u2").view(np.uint8).reshape(len(band), -1)
        above = np.concatenate([last, rows[:-1]])
        left = np.pad(rows[:, :-step], ((0, 0), (step, 0)))
        corner = np.pad(above[:, :-step], ((0, 0), (step, 0)))
        guesses = [np.zeros_like(rows), left, above, _average(left, above)]
        guesses.append(_paeth(left, above, corner))
        filtered = np.stack([rows - guess for guess in guesses])  # modulo 256
        cost = np.abs(filtered.view(np.int8).astype(np.int16)).sum(2, dtype=np.int64)
        best = cost.argmin(0)
        chosen = filtered[best, np.arange(len(rows))]
        bands.append(np.column_stack([best.astype(np.uint8), chosen]).tobytes())
        last = rows[-1:]
    return bands


def _average(left: NDArray[np.uint8], above: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return ((left.astype(np.uint16) + above) // 2).astype(np.uint8)


def _paeth(
    left: NDArray[np.uint8], above: NDArray[np.uint8], corner: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """Of the three neighbours the one nearest to left + above - corner."""
    a, b, c = (part.astype(np.int16) for part in (left, above, corner))
    to_left, to_above, to_corner = np.abs(b - c), np.abs(a - c), np.abs(a + b - 2 * c)
    nearest_left = (to_left <= to_above) & (to_left <= to_corner)
    return np.where(nearest_left, left, np.where(to_above <= to_corner, above, corner))
