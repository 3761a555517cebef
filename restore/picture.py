"""Picture files: read with everything in them, write whole or not at all."""

from __future__ import annotations

import io
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, JpegImagePlugin, PngImagePlugin

from restore.arrays import join_alpha, split_alpha
from restore.atomic import write_bytes
from restore.errors import UnreadableImage, UnwritableOutput
from restore.metadata import EXIF_DIRECTORIES, Metadata, read_metadata, save_options

Format = Literal["png", "jpeg", "tiff", "webp"]

SUFFIXES: dict[Format, tuple[str, ...]] = {
    "png": (".png",),
    "jpeg": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "tiff": (".tif", ".tiff"),
    "webp": (".webp",),
}
"""The formats that can be written, with the file names that they go by, the usual one first."""
READABLE = {suffix for names in SUFFIXES.values() for suffix in names} | {".bmp", ".gif", ".avif"}
"""Suffixes of the files that are picked up in a folder."""
DEFAULT_QUALITY = 92

_WRITTEN: dict[str, Format] = {"JPEG": "jpeg", "MPO": "jpeg", "TIFF": "tiff", "WEBP": "webp"}


@dataclass(frozen=True)
class Picture:
    """A picture as it is looked at: upright, gray or RGB, perhaps with alpha."""

    array: NDArray[Any]
    """(H, W), (H, W, 2), (H, W, 3) or (H, W, 4), uint8 or uint16; gray and alpha, RGB and alpha."""
    format: Format
    """The source's own format; PNG for those that can't be written."""
    metadata: Metadata = field(default_factory=Metadata)
    jpeg_coding: dict[str, Any] | None = None
    """Quantisation tables and chroma subsampling of a JPEG source."""
    lossless: bool = True
    note: str = ""
    """What a user should know about how the file was read."""

    def with_array(self, array: NDArray[Any]) -> Picture:
        """The picture with other pixels, and without a profile that is for gray ones alone where
        those are in colour now."""
        in_colour = array.ndim == 3 and array.shape[2] >= 3
        icc = self.metadata.icc
        if in_colour and icc is not None and icc[16:20] == b"GRAY":
            return replace(self, array=array, metadata=replace(self.metadata, icc=None))
        return replace(self, array=array)


def read_picture(path: Path) -> Picture:
    """Read a file: PNG, JPEG, TIFF, WebP, BMP, GIF or AVIF, 8 or 16 bits a channel.

    Palettes become RGB; CMYK and Lab become sRGB, by their profile where there is one.

    Raises:
        UnreadableImage: missing, not a picture, damaged, too large, or of floating point values.
    """
    try:
        with Image.open(path) as image:
            metadata = read_metadata(image)
            note = ""
            frames = getattr(image, "n_frames", 1)
            if frames > 1 and image.format != "MPO":  # the others of a phone's MPO are previews
                note = f"only the first of {frames} pages or frames"
            written = _WRITTEN.get(image.format or "", "png")
            coding = _jpeg_coding(image)
            lossless = image.format not in {"JPEG", "MPO"} and not _is_lossy_webp(path, image)
            if _is_deep(image):
                array = _read_16_bit(path)
            else:
                image.load()
                if image.format == "TIFF":  # Pillow turns these itself as it loads them
                    metadata = replace(metadata, orientation=1)
                array, metadata = _to_gray_or_rgb(image, metadata)
    except FileNotFoundError:
        raise UnreadableImage(f"{path}: no such file") from None
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        reason = (
            "not a picture, or of an unknown kind" if "cannot identify" in str(error) else error
        )
        raise UnreadableImage(f"{path}: can't be read ({reason})") from error
    return Picture(_turn(array, metadata.orientation), written, metadata, coding, lossless, note)


def _jpeg_coding(image: Image.Image) -> dict[str, Any] | None:
    if not isinstance(image, JpegImagePlugin.JpegImageFile):
        return None
    subsampling = JpegImagePlugin.get_sampling(image)
    return {"qtables": image.quantization, "subsampling": 0 if subsampling < 0 else subsampling}


def _is_lossy_webp(path: Path, image: Image.Image) -> bool:
    if image.format != "WEBP":
        return False
    with path.open("rb") as file:
        return b"VP8L" not in file.read(4096)


def _is_deep(image: Image.Image) -> bool:
    """Whether the file has 16 bits a channel, which Pillow alone would cut down to 8."""
    if image.mode.startswith("I;16"):
        return True
    if image.format == "TIFF":
        bits = image.tag_v2.get(258, (8,))  # type: ignore[attr-defined]
        return 16 in (bits if isinstance(bits, tuple) else (bits,))
    # For a PNG the decoder's raw mode tells ("RGB;16B"); the mode of the image no longer does.
    return isinstance(image, PngImagePlugin.PngImageFile) and ";16" in str(image.tile[0].args)


def _read_16_bit(path: Path) -> NDArray[Any]:
    import cv2

    data = np.frombuffer(path.read_bytes(), np.uint8)
    array = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
    if array is None or array.dtype != np.uint16:
        raise ValueError("16-bit pixels in an unusual arrangement: save it as 16-bit RGB")
    if array.ndim == 3:
        array = array[..., [2, 1, 0, *range(3, array.shape[2])]]
    return np.ascontiguousarray(array)


def _to_gray_or_rgb(image: Image.Image, metadata: Metadata) -> tuple[NDArray[Any], Metadata]:
    if image.mode in {"F", "I"}:
        raise ValueError("floating point or 32-bit pixels: save it with 8 or 16 bits a channel")
    if image.mode in {"CMYK", "LAB", "YCbCr"}:
        profile = image.info.get("icc_profile")
        if profile and image.mode == "CMYK":
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            target = ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
            assert converted is not None
            image = converted
        elif image.mode == "LAB":
            lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
            image = ImageCms.buildTransform(lab, srgb, "LAB", "RGB").apply(image)
        else:
            image = image.convert("RGB")
        # The old profile describes inks or Lab; the pixels are sRGB now.
        metadata = replace(metadata, icc=None)
    elif image.mode not in {"L", "LA", "RGB", "RGBA"}:
        gray = image.mode == "1"
        wanted = "RGBA" if image.has_transparency_data else "L" if gray else "RGB"
        image = image.convert(wanted)
    elif "transparency" in image.info:
        image = image.convert("LA" if image.mode == "L" else "RGBA")
    return np.asarray(image), metadata


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


def write_picture(picture: Picture, path: Path, quality: int | None = None) -> None:
    """Write a picture with its metadata, atomically, in the format that the file name says.

    JPEG and WebP hold 8 bits, JPEG no alpha (white shows through instead).

    Args:
        quality: of JPEG and WebP, 1..100; None takes a JPEG source's own coding where that is
            at least as good as 92, stays lossless for a lossless WebP, and else takes 92.

    Raises:
        UnwritableOutput: the folder can't be made or written to, the disk is full, or the name
            stands for no format.
    """
    format = format_of(path)
    if format is None:
        known = ", ".join(suffix for suffixes in SUFFIXES.values() for suffix in suffixes)
        raise UnwritableOutput(f"{path}: no format to write goes by that name; use {known}")
    write_bytes(path, _encode(picture, format, quality))


def _encode(picture: Picture, format: Format, quality: int | None) -> bytes:
    array = picture.array
    if array.dtype == np.uint16:
        if format == "png":
            return _encode_png_16(array, picture.metadata)
        if format == "tiff":
            return _encode_tiff_16(array, picture.metadata)
        array = np.rint(array / 257).astype(np.uint8)
    if format == "jpeg":
        array = _on_white(array)
    options = save_options(picture.metadata, format.upper())
    if format == "jpeg":
        options |= _jpeg_options(picture, quality)
    elif format == "webp":
        kept = quality is None and picture.lossless and picture.format == "webp"
        options |= {"lossless": True} if kept else {"quality": quality or DEFAULT_QUALITY}
        options["exact"] = True  # colours below transparent pixels are part of the picture
    elif format == "tiff" and not EXIF_DIRECTORIES & set(options.get("exif", ())):
        # libtiff, which compresses, can't write the directories of EXIF and GPS: with those, whole
        # beats small.
        options["compression"] = "tiff_adobe_deflate"
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, format.upper(), **options)
    return buffer.getvalue()


def _jpeg_options(picture: Picture, quality: int | None) -> dict[str, Any]:
    coding = picture.jpeg_coding
    if quality is not None or coding is None:
        return {"quality": quality or DEFAULT_QUALITY, "subsampling": 0}
    # A coarse source is coded finer: its own tables would bring back what was just removed.
    if sum(coding["qtables"][0]) > _coarseness(DEFAULT_QUALITY):
        return {"quality": DEFAULT_QUALITY, "subsampling": coding["subsampling"]}
    if picture.array.ndim == 2 or picture.array.shape[2] == 2:
        return {"qtables": {0: coding["qtables"][0]}}
    return dict(coding)


def _coarseness(quality: int) -> int:
    """Sum of libjpeg's luminance table at a quality: the higher, the coarser."""
    buffer = io.BytesIO()
    Image.new("L", (8, 8)).save(buffer, "JPEG", quality=quality)
    with Image.open(buffer) as image:
        assert isinstance(image, JpegImagePlugin.JpegImageFile)
        return sum(image.quantization[0])


def _on_white(array: NDArray[Any]) -> NDArray[Any]:
    colour, alpha = split_alpha(array)
    if alpha is None:
        return array
    share = alpha.astype(np.float32) / 255
    if colour.ndim == 3:
        share = share[..., None]
    return np.rint(colour * share + 255 * (1 - share)).astype(np.uint8)


def _encode_png_16(array: NDArray[Any], metadata: Metadata) -> bytes:
    import cv2

    colour, alpha = split_alpha(array)
    if alpha is not None and colour.ndim == 2:  # OpenCV has no gray with alpha
        colour = np.repeat(colour[..., None], 3, 2)
    if colour.ndim == 3:
        colour = colour[..., ::-1]
    entries = (
        (cv2.IMAGE_METADATA_EXIF, metadata.exif),
        (cv2.IMAGE_METADATA_XMP, metadata.xmp),
        (cv2.IMAGE_METADATA_ICCP, metadata.icc),
    )
    given = [(kind, np.frombuffer(data, np.uint8)) for kind, data in entries if data]
    bgr = np.ascontiguousarray(join_alpha(colour, alpha))
    _, buffer = cv2.imencodeWithMetadata(
        ".png", bgr, [kind for kind, _ in given], [data for _, data in given]
    )
    return bytes(buffer)


def _encode_tiff_16(array: NDArray[Any], metadata: Metadata) -> bytes:
    import tifffile

    _, alpha = split_alpha(array)
    buffer = io.BytesIO()
    exif = Image.Exif()
    if metadata.exif:
        exif.load(metadata.exif)
    extra: list[tuple[int, int, int, Any, bool]] = [
        (tag, 2, 0, value, True)
        for tag, value in exif.items()
        if isinstance(value, str) and tag not in {305}
    ]
    if metadata.xmp:
        extra.append((700, 1, len(metadata.xmp), metadata.xmp, True))
    tifffile.imwrite(
        buffer,
        array,
        photometric="minisblack" if array.ndim == 2 or array.shape[2] == 2 else "rgb",
        planarconfig=None if array.ndim == 2 else "contig",
        extrasamples=None if alpha is None else ["unassalpha"],
        compression="zlib",
        predictor=True,
        metadata=None,
        software=False,
        iccprofile=metadata.icc,
        resolution=metadata.dpi,
        resolutionunit="inch" if metadata.dpi else None,
        extratags=extra,
    )
    return buffer.getvalue()
