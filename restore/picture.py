"""Picture files: read with everything in them, written whole or not at all."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, PngImagePlugin, UnidentifiedImageError

from restore.arrays import fitting_profile
from restore.atomic import write_bytes
from restore.errors import MissingExtra, UnreadableImage, UnsupportedImage, UnwritableOutput
from restore.formats import colour, eight_bits, heic, jpeg, photoshop, png, raw, tiff
from restore.metadata import RECIPE_KEYWORD, Metadata, read_metadata

Format = Literal["png", "jpeg", "tiff", "webp", "avif", "heic"]

SUFFIXES: dict[Format, tuple[str, ...]] = {
    "png": (".png",),
    "jpeg": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "tiff": (".tif", ".tiff"),
    "webp": (".webp",),
    "avif": (".avif",),
    "heic": (".heic", ".heif", ".hif"),
}
"""The formats that can be written, with the file names that they go by, the usual one first."""
READABLE = {suffix for names in SUFFIXES.values() for suffix in names} | {
    ".bmp", ".gif", *raw.SUFFIXES,
}  # fmt: skip
"""Suffixes of the files that are picked up in a folder."""
MAX_PIXELS = 500_000_000
"""Of a page, unless more are allowed: a few bytes can claim to be a picture of any size."""

_TIFF, _OTHERS = (b"II*\0", b"MM\0*"), (b"\x89PNG", b"\xff\xd8\xff", b"RIFF")
"""What files begin with that can be written; AVIF and HEIC have a length before their `ftyp`."""
_WRITTEN: dict[str, Format] = {
    "JPEG": "jpeg", "MPO": "jpeg", "TIFF": "tiff", "WEBP": "webp", "AVIF": "avif", "HEIF": "heic",
}  # fmt: skip


@dataclass(frozen=True)
class Picture:
    """A picture as it is looked at: upright, gray or RGB, perhaps with alpha."""

    array: NDArray[Any]
    """(H, W), (H, W, 2), (H, W, 3) or (H, W, 4), uint8 or uint16; gray and alpha, RGB and alpha."""
    format: Format
    """The source's own format; PNG for those that can't be written, TIFF for camera RAW."""
    metadata: Metadata = field(default_factory=Metadata)
    jpeg_coding: dict[str, Any] | None = None
    """Quantisation tables and chroma subsampling of a JPEG source."""
    lossless: bool = True
    note: str = ""
    """What a user should know about how the file was read."""
    pages: int = 1
    """How many the file has that this picture is from."""

    def with_array(self, array: NDArray[Any], *, coloured: bool = False) -> Picture:
        """The picture with other pixels.

        Where they are in colour now and the profile was for gray ones, or they were given colours
        and it means others than sRGB does, they are without it, and in sRGB.
        """
        icc = self.metadata.icc
        if icc is None:
            return replace(self, array=array)
        if fitting_profile(icc, array) and not (coloured and colour.is_of_other_colours(icc)):
            return replace(self, array=array)
        array = colour.from_gray_profile(array, icc)
        return replace(self, array=array, metadata=replace(self.metadata, icc=None))


def read_picture(path: Path, max_pixels: int = MAX_PIXELS) -> Picture:
    """Read a file, its first page if there are several: see `read_pages`."""
    data = _bytes_of(path)
    first = next(read_pages(data, path, max_pixels))
    if first.pages > 1:
        note = f"only the first of {first.pages} pages"
        return replace(first, note="; ".join(filter(None, [first.note, note])))
    return first


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableImage(f"{path}: {_reason(error)}") from None


def recipe_within(path: Path) -> str:
    """The recipe in a file, empty if there is none; where it is found, no pixel is decoded.

    Raises:
        UnreadableImage, MissingExtra: see `read_pages`.
    """
    data = _bytes_of(path)
    try:
        if heic.is_heic(data):
            heic.register()
        with _opened(data) as image:
            # What follows the pixels of a PNG file costs their decoding; ours stands before them.
            early = image.info.get(RECIPE_KEYWORD)
            return str(early) if early else read_metadata(image)[0].recipe
    except MissingExtra as error:
        raise MissingExtra(f"{path}: {error}") from error
    except Exception as error:
        raise UnreadableImage(f"{path}: not a picture that can be read") from error


def read_pages(data: bytes, path: Path, max_pixels: int = MAX_PIXELS) -> Iterator[Picture]:
    """The pages of a file, one unless it is a TIFF with more, each read as it is asked for.

    The content tells the format, not the name: PNG, JPEG, TIFF, WebP, AVIF, BMP, GIF, HEIC (an
    extra), 8 or 16 bits a channel; of camera RAW (an extra) the name. Palettes become RGB; CMYK and
    Lab become sRGB, by their profile where there is one.

    Args:
        data: what the file holds.
        path: what it is called.

    Raises:
        UnreadableImage: empty, or damaged.
        UnsupportedImage: not a picture, too large, or of floating point values.
        MissingExtra: the format needs a package that is not there.
    """
    try:
        if path.suffix.lower() in raw.SUFFIXES:
            yield _developed(data, max_pixels)
        else:
            yield from _pages(data, max_pixels)
    except MissingExtra as error:
        raise MissingExtra(f"{path}: {error}") from error
    except Exception as error:  # decoders meet foreign bytes, and may throw anything
        # Pillow says so of a whole file, and by a SyntaxError of a further page.
        unknown = isinstance(error, UnidentifiedImageError | SyntaxError)
        trouble = _trouble(data) if unknown else error
        kind = UnsupportedImage if isinstance(trouble, UnsupportedImage) else UnreadableImage
        reason = str(trouble) or type(trouble).__name__
        raise kind(f"{path}: can't be read ({reason})") from error


def _trouble(data: bytes) -> UnreadableImage:
    """What is wrong with a file that no decoder takes for its own."""
    if not any(data):
        return UnreadableImage("it holds nothing but zeros" if data else "it is empty")
    if data.startswith(_TIFF):
        if tiff.is_whole(data):
            return UnsupportedImage("a TIFF that is neither gray nor RGB of 8 or 16 bits")
        return UnreadableImage("a TIFF that is damaged")
    if data.startswith(_OTHERS) or data[4:8] == b"ftyp":
        return UnreadableImage("damaged")
    return UnsupportedImage("not a picture, or of an unknown kind")


def _pages(data: bytes, max_pixels: int) -> Iterator[Picture]:
    if heic.is_heic(data):
        heic.register()
    with _opened(data) as image:
        count = tiff.page_count(image) if image.format == "TIFF" else 1
        frames = getattr(image, "n_frames", 1)
        for page in range(count):
            if page > 0:
                image.seek(page)
                if tiff.is_preview(image):
                    continue
            width, height = image.size
            if width * height > max_pixels:
                raise UnsupportedImage(
                    f"{width} x {height} pixels: more than --max-pixels allows ({max_pixels})"
                )
            picture = _page(image, data, page)
            if frames > count and image.format != "MPO":  # the others of a phone's are previews
                frame = f"only the first of {frames} frames"
                picture = replace(picture, note="; ".join(filter(None, [picture.note, frame])))
            yield replace(picture, pages=count)


def _page(image: Image.Image, data: bytes, page: int) -> Picture:
    written = _WRITTEN.get(image.format or "", "png")
    coding = jpeg.coding_of(image)
    lossy = image.format in {"JPEG", "MPO", "AVIF", "HEIF"}
    lossy = lossy or (image.format == "WEBP" and eight_bits.is_lossy_webp(data))
    if _is_deep(image):
        metadata, note = read_metadata(image)
        array = _read_deep(image, data, page)
        metadata, damage = colour.checked_profile(metadata)
    else:
        metadata, note = read_metadata(image)
        image.load()
        if image.format == "TIFF":  # Pillow turns these itself as it loads them
            metadata = replace(metadata, orientation=1)
        array, metadata, damage = colour.to_gray_or_rgb(image, metadata)
    array = _turn(array, metadata.orientation)
    if image.format == "PNG":
        metadata = replace(metadata, colour=png.colour_of(data))
    left_out = tiff.left_out(image) if image.format == "TIFF" else ""
    if image.format == "AVIF" and eight_bits.is_deep_avif(data):
        left_out = "read as 8 bits a channel: it has more"
    note = "; ".join(filter(None, [note, damage, left_out]))
    return Picture(array, written, metadata, coding, not lossy, note)


def _developed(data: bytes, max_pixels: int) -> Picture:
    return Picture(raw.read(data, max_pixels), "tiff", Metadata(exif=raw.exif_of(data)))


LARGEST_PROFILE = 64 << 20
"""Bytes of a profile, unpacked, in a PNG file."""
_limit = threading.Lock()


@contextmanager
def _opened(data: bytes) -> Iterator[Image.Image]:
    """An image whose size is left to our own limit, not to Pillow's, and whose profile may be as
    large as those of printers are."""
    with _limit:
        pillows, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        chunk, PngImagePlugin.MAX_TEXT_CHUNK = PngImagePlugin.MAX_TEXT_CHUNK, LARGEST_PROFILE
        try:
            image = Image.open(io.BytesIO(data))
        finally:
            Image.MAX_IMAGE_PIXELS = pillows
            PngImagePlugin.MAX_TEXT_CHUNK = chunk
    with image:
        yield image


def _is_deep(image: Image.Image) -> bool:
    """Whether the file has more than 8 bits a channel, which Pillow alone would cut down."""
    if image.format == "TIFF":
        return tiff.is_deep(image)
    if image.format == "HEIF":
        return int(image.info.get("bit_depth", 8)) > 8
    if image.mode.startswith("I;16"):
        return True
    # For a PNG the decoder's raw mode tells ("RGB;16B"); the mode of the image no longer does.
    return isinstance(image, PngImagePlugin.PngImageFile) and ";16" in str(image.tile[0].args)


def _read_deep(image: Image.Image, data: bytes, page: int) -> NDArray[Any]:
    if image.format == "HEIF":
        return heic.read_deep(data)
    if image.format == "TIFF":
        return tiff.read_deep(image, data, page)
    return png.read_deep(data, image.info.get("transparency"))


def _turn(array: NDArray[Any], orientation: int) -> NDArray[Any]:
    """The array turned upright from an EXIF orientation, 1..8."""
    if orientation >= 5:
        array = array.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        array = array[::-1]
    if orientation in (2, 3, 6, 7):
        array = array[:, ::-1]
    return np.ascontiguousarray(array)


def format_of(path: Path) -> Format | None:
    """The format that a file name stands for; None if it can't be written."""
    for format, suffixes in SUFFIXES.items():
        if path.suffix.lower() in suffixes:
            return format
    return None


def kept_suffix(path: Path) -> str:
    """The suffix of a result that is to keep its source's format, as far as that can be written."""
    if format_of(path):
        return path.suffix
    return ".tif" if path.suffix.lower() in raw.SUFFIXES else ".png"


def check_writable(path: Path) -> None:
    """Find out before any work whether a result of that name can be written on this machine.

    Raises:
        MissingExtra: its format needs a package that is not there.
    """
    if format_of(path) == "heic":
        try:
            heic.register()
        except MissingExtra as error:
            raise MissingExtra(f"{path}: {error}") from error


def write_picture(picture: Picture, path: Path, quality: int | None = None) -> None:
    """Write a picture with its metadata, atomically, in the format that the file name says.

    See `encode`.

    Raises:
        UnwritableOutput: the folder can't be made or written to, the disk is full, or the name
            stands for no format, or for one that can't hold the picture.
    """
    data, _ = encode([picture], path, quality)
    write_bytes(path, data)


def encode(pages: Sequence[Picture], path: Path, quality: int | None = None) -> tuple[bytes, str]:
    """The bytes of a file of that name, and a note on what did not fit into it.

    JPEG, WebP, AVIF and HEIC hold 8 bits, JPEG no alpha (white shows through instead), and only
    TIFF more than one page.

    Args:
        quality: of JPEG, WebP, AVIF and HEIC, 1..100; None takes a JPEG source's own coding where
            that is at least as good as 92, stays lossless for a lossless WebP, and else takes 92.

    Raises:
        UnwritableOutput: the name stands for no format, or for one that can't hold the picture.
    """
    format = format_of(path)
    if format is None:
        known = ", ".join(suffix for suffixes in SUFFIXES.values() for suffix in suffixes)
        raise UnwritableOutput(f"{path}: no format to write goes by that name; use {known}")
    notes = []
    if format != "jpeg" and any(page.metadata.extended_xmp for page in pages):
        notes.append(f"extended XMP left out: {format.upper()} holds none")
        pages = [replace(page, metadata=page.metadata.without_extension()) for page in pages]
    first = pages[0]
    if len(pages) > 1 and format != "tiff":
        notes.append(f"only the first of {len(pages)} pages: {format.upper()} holds one")
    try:
        if format == "tiff":
            data = tiff.encode([(page.array, page.metadata) for page in pages])
        elif format == "png":
            data = png.encode(first.array, first.metadata)
        else:
            if first.array.dtype == np.uint16:
                notes.append(f"8 bits a channel instead of 16: {format.upper()} holds no more")
            kept = first.lossless and format == first.format and quality is None
            data, note = eight_bits.encode(
                first.array, first.metadata, format, quality, first.jpeg_coding, lossless=kept
            )
            notes.append(note)
        resources = first.metadata.resources
        if resources and photoshop.has_iptc(resources) and format not in {"jpeg", "tiff"}:
            notes.append(f"IPTC left out: {format.upper()} holds none")
    except MissingExtra as error:
        raise MissingExtra(f"{path}: {error}") from error
    except Exception as error:  # encoders have limits of their own, on the size above all
        reason = str(error) or type(error).__name__
        raise UnwritableOutput(
            f"{path}: can't be written as {format.upper()} ({reason}); choose another --format"
        ) from error
    return data, "; ".join(filter(None, notes))


def _reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "no such file"
    return f"can't be read ({error.strerror or error})"
