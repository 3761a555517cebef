"""Image resources of Adobe: where captions, keywords and credits by IPTC are in JPEG and TIFF.

They stay the bytes that they are. (Adobe, "Photoshop File Formats Specification", Image Resources.)
"""

from __future__ import annotations

import struct

from PIL import Image, JpegImagePlugin

SIGNATURE = b"Photoshop 3.0\0"
RESOURCES_TAG, IPTC_TAG = 34377, 33723
"""Of a TIFF: the resources, and IPTC alone, as programs without Adobe's write it."""
_IPTC = 0x0404
_SEGMENT = 65533 - len(SIGNATURE)


def resources_of(image: Image.Image) -> bytes | None:
    """The resources of an opened file, one after the other; None if there are none."""
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        parts = [
            data.removeprefix(SIGNATURE)
            for name, data in image.applist
            if name == "APP13" and data.startswith(SIGNATURE)
        ]
        return b"".join(parts) or None
    if image.format == "TIFF":
        tags = image.tag_v2  # type: ignore[attr-defined]
        resources, iptc = tags.get(RESOURCES_TAG), tags.get(IPTC_TAG)
        if isinstance(resources, bytes):
            return resources
        if isinstance(iptc, bytes):
            return _resource(_IPTC, iptc)
    return None


def has_iptc(resources: bytes) -> bool:
    return b"8BIM" + struct.pack(">H", _IPTC) in resources


def segments(resources: bytes) -> bytes:
    """The marker segments (APP13) of a JPEG file that hold the resources."""
    parts = [resources[at : at + _SEGMENT] for at in range(0, len(resources), _SEGMENT)]
    return b"".join(
        b"\xff\xed" + struct.pack(">H", 2 + len(SIGNATURE) + len(part)) + SIGNATURE + part
        for part in parts
    )


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
