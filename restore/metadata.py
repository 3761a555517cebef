"""What a picture file holds beside pixels: ICC profile, EXIF, XMP, IPTC and more, all as bytes."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import Any, Literal

from PIL import Image

from restore import xmp as xmp_packets
from restore.formats import exif as exif_blocks
from restore.formats import jpeg, photoshop

Kept = Literal["keep", "strip-gps", "strip"]
"""All of it; all but the place; nothing but the ICC profile and the resolution."""

XMP_TAG = 700
_RESOLUTION, _PROFILE = 282, 34675
PNG_XMP = "XML:com.adobe.xmp"
RECIPE_KEYWORD = "restore:recipe"
"""Of the recipe among the texts of a PNG file; elsewhere it is in the XMP."""
_RAW_PROFILE = "Raw profile type "
# TIFF tags that describe how this file stores its pixels; another file stores them otherwise.
STRUCTURE = {
    *range(254, 260), 262, 266, 273, *range(277, 285), 296, 317, 320, *range(322, 326), 330, 338,
    339, 347, *range(512, 522), XMP_TAG, _PROFILE, photoshop.RESOURCES_TAG, photoshop.IPTC_TAG,
    photoshop.LAYERS_TAG,
}  # fmt: skip


@dataclass(frozen=True)
class Metadata:
    icc: bytes | None = None
    colour: tuple[tuple[bytes, bytes], ...] = ()
    """Chunks of a PNG file, by name, that say how its colours are meant where it has no profile."""
    exif: bytes | None = None
    """The whole EXIF block from its TIFF header on, made right for upright pixels that are new."""
    xmp: bytes | None = None
    extended_xmp: tuple[bytes, ...] = ()
    """More of it, of a JPEG file: see `restore.formats.jpeg`."""
    dpi: tuple[float, float] | None = None
    orientation: int = 1
    """As found, 1..8; the pixels of a `Picture` are already turned."""
    text: tuple[tuple[str, str], ...] = ()
    """Keywords and texts of a PNG file."""
    resources: bytes | None = None
    """The image resources of Adobe, IPTC among them, of JPEG and TIFF."""
    comment: bytes | None = None
    """Of a JPEG file."""
    recipe: str = ""
    """How the picture was made, as JSON: see `restore.recipe`."""

    def kept(self, what: Kept) -> Metadata:
        """As much of it as the user wants to keep."""
        if what == "strip":
            return Metadata(self.icc, self.colour, dpi=self.dpi, orientation=self.orientation)
        if what == "strip-gps":
            kept = self.without_extension()  # in which a place could hide
            exif = kept.exif and exif_blocks.without_gps(kept.exif)
            text = tuple(each for each in kept.text if "gps" not in each[0].casefold())
            xmp = kept.xmp and xmp_packets.without_gps(kept.xmp)
            return replace(kept, exif=exif, xmp=xmp, text=text)
        return self

    def without_extension(self) -> Metadata:
        """Without extended XMP, and with nothing that leads there."""
        if not self.extended_xmp:
            return self
        xmp = self.xmp and xmp_packets.without_extension(self.xmp)
        return replace(self, extended_xmp=(), xmp=xmp)

    def xmp_with_recipe(self) -> bytes | None:
        """The XMP packet with the recipe in it, or as it is where nothing can be added safely."""
        return (self.recipe and xmp_packets.with_recipe(self.xmp, self.recipe)) or self.xmp


def read_metadata(image: Image.Image) -> tuple[Metadata, str]:
    """The metadata of an opened file, and a note on what of it is damaged or can't be kept.

    The bytes stay as they are, but for the orientation.
    """
    notes = []
    orientation = 1
    info: dict[Any, Any] = image.info
    text: dict[str, str] = {}
    if image.format == "PNG":
        info, text, damage = _of_png(image)
        notes.extend(damage)
    exif = info.get("exif")
    if exif is None and image.format == "TIFF":
        try:
            exif, orientation = _of_tiff(image)
        except Exception as error:  # Pillow's parser meets foreign bytes, and may throw anything
            notes.append(f"the EXIF is damaged and was left out ({error})")
        if photoshop.has_layers(image):
            notes.append("the layers are not kept once pixels change: they hold the old ones")
    notes.extend(jpeg.unfit_in(image))
    if isinstance(exif, bytes):
        exif = exif.removeprefix(exif_blocks.HEADER)
        if exif and not exif_blocks.is_sound(exif):
            notes.append("the EXIF is damaged and was kept as it is")
        exif, found = exif_blocks.for_new_pixels(exif)
        orientation = found if found != 1 else orientation
    xmp = info.get("xmp")
    if isinstance(xmp, str):
        xmp = xmp.encode()
    if xmp:
        xmp = re.sub(rb'(tiff:Orientation(?:="|>))[2-8]', rb"\g<1>1", bytes(xmp))
    dpi = info.get("dpi")
    icc = info.get("icc_profile")
    if image.format == "TIFF":
        tags = image.tag_v2  # type: ignore[attr-defined]
        icc = tags.get(_PROFILE)  # Pillow goes on with that of the page before
        if _RESOLUTION not in tags:
            dpi = None  # Pillow says 1, where the file says nothing
    known = dpi and all(math.isfinite(dots) and dots > 0 for dots in dpi)
    recipe = text.pop(RECIPE_KEYWORD, None)
    return (
        Metadata(
            icc=icc or None,
            exif=exif or None,
            xmp=xmp or None,
            extended_xmp=jpeg.extended_xmp_of(image),
            dpi=(float(dpi[0]), float(dpi[1])) if dpi and known else None,
            orientation=orientation if orientation in range(1, 9) else 1,
            text=tuple(text.items()),
            resources=photoshop.resources_of(image),
            comment=info.get("comment") if image.format in {"JPEG", "MPO"} else None,
            recipe=recipe or (xmp and xmp_packets.recipe_in(xmp)) or "",
        ),
        "; ".join(notes),
    )


def _of_png(image: Image.Image) -> tuple[dict[Any, Any], dict[str, str], list[str]]:
    """What Pillow has found in a PNG file, the texts that are no more than that, and notes.

    EXIF and XMP may come after the pixels, and as texts of hexadecimal digits: ImageMagick's way.
    """
    notes = []
    # Asking for the texts decodes the picture, and with it all that follows. Texts alone outlast
    # Pillow's way back to the first frame of a moving picture.
    texts = image.text  # type: ignore[attr-defined]
    info, text = dict(image.info), {str(key): str(value) for key, value in texts.items()}
    if packet := text.pop(PNG_XMP, None):
        info.setdefault("xmp", packet.encode())
    for kind in ("exif", "xmp", "APP1"):
        digits = text.pop(_RAW_PROFILE + kind, "").split("\n")[3:]  # after a name and a length
        try:
            data = bytes.fromhex("".join(digits))
        except ValueError:
            notes.append(f"the raw profile {kind} is damaged and was left out")
            continue
        if data.startswith(xmp_packets.HEADER) or kind == "xmp":
            name, data = "xmp", data.removeprefix(xmp_packets.HEADER)
        else:
            name = "exif"
        if data:
            info.setdefault(name, data)
    return info, text, notes


def _of_tiff(image: Image.Image) -> tuple[bytes | None, int]:
    """The tags of a TIFF page that are no structure, as an EXIF block; and its orientation."""
    block = image.getexif()
    orientation = block.get(exif_blocks.ORIENTATION, 1)
    for tag in STRUCTURE & set(block):
        del block[tag]
    return (block.tobytes() if len(block) else None), orientation
