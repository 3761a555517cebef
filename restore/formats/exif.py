"""EXIF blocks edited in place: nothing moves but what has to.

An EXIF block is a small TIFF file: byte order, a first directory, and directories that its entries
point to. Writing it anew would move maker notes, whose inner offsets nobody can mend.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Literal, NamedTuple

ByteOrder = Literal["<", ">"]
HEADER = b"Exif\x00\x00"
ORIENTATION = 0x0112
DIRECTORIES = {0x8769, 0x8825, 0xA005}
"""Entries that point to a further directory: EXIF proper, GPS, and interoperability."""
_EXIF, _GPS = 0x8769, 0x8825
_SIZE = 0xA002, 0xA003
"""Width and height, again, among the entries of EXIF proper."""
_LONG = 4
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}


class Entry(NamedTuple):
    """One entry of a directory."""

    tag: int
    kind: int
    """TIFF type, 1..13."""
    length: int
    """Number of its values."""
    place: int
    """Of its twelve bytes in the block."""
    value: int
    """Offset of its value in the block."""
    size: int
    """Bytes of its value; up to 4 they are in the entry itself."""


def byte_order(block: bytes) -> ByteOrder:
    """`<` or `>`, as `struct` writes it.

    Raises:
        struct.error: not an EXIF block.
    """
    orders: dict[bytes, ByteOrder] = {b"II": "<", b"MM": ">"}
    order = orders.get(bytes(block[:2]))
    if order is None:
        raise struct.error("neither II nor MM")
    return order


def entries(block: bytes, start: int | None = None) -> list[Entry]:
    """The entries of the directory at `start`, by default the first one.

    Raises:
        struct.error: the block is damaged.
    """
    order = byte_order(block)
    if start is None:
        (start,) = struct.unpack_from(order + "I", block, 4)
    (count,) = struct.unpack_from(order + "H", block, start)
    return list(_entries(block, order, start + 2, count))


def _entries(
    block: bytes, order: str, start: int, count: int, *, sound: bool = True
) -> Iterator[Entry]:
    """Those whose value lies in the block; unless `sound`, others are passed by."""
    for place in range(start, start + 12 * count, 12):
        tag, kind, length = struct.unpack_from(order + "HHI", block, place)
        size = _SIZES.get(kind, 1) * length
        value = place + 8
        if size > 4:
            (value,) = struct.unpack_from(order + "I", block, value)
        if value + size > len(block):
            if not sound:
                continue
            raise struct.error(f"the value of tag {tag} lies outside the block")
        yield Entry(tag, kind, length, place, value, size)


def for_new_pixels(block: bytes) -> tuple[bytes, int]:
    """The block as it is right for restored pixels that are upright, and its orientation before.

    The orientation is 1, width and height change places if that turned them, and nothing leads to
    the preview any more, which shows the picture as it was. All else stays as it is.
    """
    data, orientation = bytearray(block), 1
    try:
        order = byte_order(block)
        (start,) = struct.unpack_from(order + "I", block, 4)
        (count,) = struct.unpack_from(order + "H", block, start)
        # One bad entry must not lay the picture on its side.
        first = _entries(block, order, start + 2, count, sound=False)
        found = {entry.tag: entry for entry in first}
        if ORIENTATION in found:
            entry = found[ORIENTATION]
            form = order + ("I" if entry.kind == _LONG else "H")
            (orientation,) = struct.unpack_from(form, block, entry.value)
            struct.pack_into(form, data, entry.value, 1)
        struct.pack_into(order + "I", data, start + 2 + 12 * count, 0)
        if orientation >= 5 and _EXIF in found:
            (below,) = struct.unpack_from(order + "I", block, found[_EXIF].value)
            inner = {entry.tag: entry.place for entry in entries(block, below)}
            for tag, other in (_SIZE, _SIZE[::-1]) if inner.keys() >= set(_SIZE) else ():
                # All of an entry but its tag.
                data[inner[tag] + 2 : inner[tag] + 12] = block[inner[other] + 2 : inner[other] + 12]
    except struct.error:
        pass
    return bytes(data), orientation


def is_sound(block: bytes) -> bool:
    """Whether its directories can be walked."""
    try:
        for entry in entries(block):
            if entry.tag in DIRECTORIES:
                entries(block, struct.unpack_from(byte_order(block) + "I", block, entry.value)[0])
    except struct.error:
        return False
    return True


def without_gps(block: bytes) -> bytes | None:
    """The block without its place: the directory is blanked and its entry taken out.

    None for a damaged block, in which a place could hide.
    """
    try:
        order = byte_order(block)
        (start,) = struct.unpack_from(order + "I", block, 4)
        found = entries(block)
        data = bytearray(block)
        for entry in found:
            if entry.tag == _GPS:
                (below,) = struct.unpack_from(order + "I", block, entry.value)
                for inner in entries(block, below):
                    data[inner.value : inner.value + inner.size] = bytes(inner.size)
                    data[inner.place : inner.place + 12] = bytes(12)
        kept = [block[entry.place : entry.place + 12] for entry in found if entry.tag != _GPS]
        stop = start + 2 + 12 * len(found) + 4  # the last four lead to the next directory
        packed = struct.pack(order + "H", len(kept)) + b"".join(kept) + block[stop - 4 : stop]
        data[start:stop] = packed.ljust(stop - start, b"\0")
        return bytes(data)
    except struct.error:
        return None


def moved(block: bytes, base: int) -> tuple[bytes, dict[int, int]]:
    """The block as it must read `base` bytes into another file, and where its directories are then.

    Returns the bytes, and for each of `DIRECTORIES` that the first directory leads to, its new
    offset. Other entries of the first directory are left to the caller.

    Raises:
        struct.error: the block is damaged.
    """
    order = byte_order(block)
    data = bytearray(block)
    found: dict[int, int] = {}
    below = []
    for entry in entries(block):
        if entry.tag in DIRECTORIES:
            (start,) = struct.unpack_from(order + "I", block, entry.value)
            found[entry.tag] = start + base
            below.append(start)
    seen: set[int] = set()
    while below:
        start = below.pop()
        if start in seen:
            continue
        seen.add(start)
        for entry in entries(block, start):
            if entry.tag in DIRECTORIES:
                (further,) = struct.unpack_from(order + "I", block, entry.value)
                below.append(further)
                struct.pack_into(order + "I", data, entry.value, further + base)
            elif entry.size > 4:
                struct.pack_into(order + "I", data, entry.place + 8, entry.value + base)
    return bytes(data), found
