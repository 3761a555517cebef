"""Image resources of Adobe: where captions, keywords and credits by IPTC are in JPEG and TIFF.

They stay the bytes that they are. (Adobe, "Photoshop File Formats Specification", Image Resources.)
"""

from __future__ import annotations

import struct

from PIL import Image, JpegImagePlugin

from restore.formats import jpeg

SIGNATURE = b"Photoshop 3.0\0"
RESOURCES_TAG, IPTC_TAG = 34377, 33723
"""Of a TIFF: the resources, and IPTC alone, as programs without Adobe's write it."""
LAYERS_TAG = 37724
"""Of a TIFF: its layers, as Photoshop alone reads them; the pixels of the page are their sum."""
_IPTC = 0x0404
_KINDS = {b"8BIM", b"MeSa", b"AgHg", b"PHUT", b"DCSR"}
"""What a resource begins with."""
_PREVIEWS = {0x0409, 0x040C}
_SEGMENT = jpeg.SEGMENT - len(SIGNATURE)


def resources_of(image: Image.Image) -> bytes | None:
    """The resources of an opened file, one after the other; None if there are none.

    Without previews, which show the picture as it was.
    """
    resources = _stored(image)
    return (resources and _without_previews(resources)) or None


def _stored(image: Image.Image) -> bytes | None:
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        parts = [
            data.removeprefix(SIGNATURE)
            for name, data in image.applist
            if name == "APP13" and data.startswith(SIGNATURE)
        ]
        return b"".join(parts)
    if image.format == "TIFF":
        tags = image.tag_v2  # type: ignore[attr-defined]
        resources, iptc = tags.get(RESOURCES_TAG), tags.get(IPTC_TAG)
        if isinstance(resources, bytes):
            return resources
        if isinstance(iptc, bytes):
            return _resource(_IPTC, iptc)
    return None


def _without_previews(resources: bytes) -> bytes:
    """What can't be walked stays as it is."""
    kept, at = [], 0
    while resources[at : at + 4] in _KINDS and at + 12 <= len(resources):
        (number,) = struct.unpack_from(">H", resources, at + 4)
        size_at = at + 6 + (resources[at + 6] // 2 + 1) * 2  # behind a name of an even length
        size = int.from_bytes(resources[size_at : size_at + 4], "big")
        end = size_at + 4 + size + size % 2
        if number not in _PREVIEWS:
            kept.append(resources[at:end])
        at = end
    return b"".join(kept) + resources[at:]


def has_iptc(resources: bytes) -> bool:
    return b"8BIM" + struct.pack(">H", _IPTC) in resources


def has_layers(image: Image.Image) -> bool:
    return image.format == "TIFF" and LAYERS_TAG in image.tag_v2  # type: ignore[attr-defined]


def segments(resources: bytes) -> bytes:
    """The marker segments (APP13) of a JPEG file that hold the resources."""
    parts = [resources[at : at + _SEGMENT] for at in range(0, len(resources), _SEGMENT)]
    return b"".join(jpeg.segment(13, SIGNATURE + part) for part in parts)


def _resource(number: int, data: bytes) -> bytes:
    name = b"\0\0"  # an empty one
    return (
        b"8BIM"
        + struct.pack(">H", number)
        + name
        + struct.pack(">I", len(data))
        + data
        + (b"\0" * (len(data) % 2))
    )
