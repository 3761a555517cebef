"""A folder of everything that people have in their folders, good and bad, made here."""

from __future__ import annotations

import io
import os
import struct
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image, ImageCms

NO_TEXT = os.fsdecode(b"caf\xe9.png") if sys.platform == "linux" else "caf\xe9.png"
"""A name that is no UTF-8, where there can be one."""
ICC = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
XMP = (
    b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>\n<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    b' xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="52,30.5N">'
    b"<dc:title><rdf:Alt><rdf:li xml:lang='x-default'>Grandma &amp; the cat</rdf:li></rdf:Alt>"
    b'</dc:title></rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end="w"?>'
)


def exif_block(orientation: int = 1) -> bytes:
    """EXIF with a maker, a date, a maker note and a place."""
    exif = Image.Exif()
    exif[271] = "Maker"
    exif[274] = orientation
    directory = exif.get_ifd(0x8769)
    directory[36867] = "2001:02:03 04:05:06"
    directory[33434] = 1 / 125
    directory[37500] = b"maker note, offsets and all"
    place = exif.get_ifd(0x8825)
    place[1], place[2] = "N", (52.0, 30.0, 30.0)
    place[3], place[4] = "E", (13.0, 22.0, 0.0)
    return exif.tobytes()


def dng(array: NDArray[np.uint16]) -> bytes:
    """A camera RAW file, the least that LibRaw takes: an RGGB mosaic (H, W)."""
    buffer = io.BytesIO()
    matrix = (1, 1, 0, 1, 0, 1, 0, 1, 1, 1, 0, 1, 0, 1, 0, 1, 1, 1)
    tifffile.imwrite(
        buffer,
        array,
        photometric="cfa",
        metadata=None,
        extratags=[
            (33421, 3, 2, (2, 2), True),
            (33422, 1, 4, b"\x00\x01\x01\x02", True),
            (50706, 1, 4, b"\x01\x04\x00\x00", True),
            (50708, 2, 0, "Test Camera", True),
            (271, 2, 0, "Maker", True),
            (50717, 4, 1, 65535, True),
            (50721, 10, 9, matrix, True),
            (50728, 5, 3, (1, 1, 1, 1, 1, 1), True),
            (50778, 3, 1, 21, True),
        ],
    )
    return buffer.getvalue()


def png_header(width: int, height: int) -> bytes:
    """A PNG file that claims a size, with next to nothing in it."""

    def chunk(name: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + check

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(100)))
    return b"\x89PNG\r\n\x1a\n" + body + chunk(b"IEND", b"")


def saved(image: Image.Image, format: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def good_files(photo: NDArray[np.uint8]) -> dict[str, bytes]:
    """Name and content of files that have to be restored; `photo` is (H, W, 3)."""
    import pillow_heif

    pillow_heif.register_heif_opener()
    image = Image.fromarray(photo)
    alpha = np.random.default_rng(0).integers(0, 256, photo.shape[:2], np.uint8)
    with_alpha = Image.fromarray(np.dstack([photo, alpha]))
    deep = photo.astype(np.uint16) * 257
    pages, deep_tiff = io.BytesIO(), io.BytesIO()
    page = image.convert("L").resize((40, 30))
    image.save(pages, "TIFF", save_all=True, append_images=[page, image], compression="tiff_lzw")
    tifffile.imwrite(deep_tiff, deep, photometric="rgb")
    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    in_lab = ImageCms.buildTransform(srgb, lab, "RGB", "LAB").apply(image)
    frames = [image.quantize(32), image.rotate(90).quantize(32)]
    return {
        "a.jpg": saved(image, "JPEG", quality=95, exif=exif_block(6), icc_profile=ICC, xmp=XMP),
        "a.png": saved(image, "PNG"),
        "Sommer 1965/Omas Küche 家族 🎉.jpg": saved(image, "JPEG"),
        "Sommer 1965/with  spaces .png": saved(image, "PNG"),
        NO_TEXT: saved(image, "PNG"),
        "CON.jpg": saved(image, "JPEG"),
        "one pixel.png": saved(Image.new("RGB", (1, 1)), "PNG"),
        "long.png": saved(Image.new("RGB", (60000, 10), "red"), "PNG"),
        "palette.png": saved(image.quantize(16), "PNG", transparency=3),
        "bilevel.tif": saved(image.convert("1"), "TIFF", compression="group4"),
        "gray.jpg": saved(image.convert("L"), "JPEG"),
        "inks.jpg": saved(image.convert("CMYK"), "JPEG"),
        "lab.tif": saved(in_lab, "TIFF"),
        "alpha.webp": saved(with_alpha, "WEBP", lossless=True),
        "deep.png": saved(Image.fromarray(deep[..., 0]), "PNG"),
        "deep.tif": deep_tiff.getvalue(),
        "pages.tif": pages.getvalue(),
        "photo.avif": saved(image, "AVIF"),
        "photo.heic": saved(image, "HEIF"),
        "photo.bmp": saved(image, "BMP"),
        "moving.gif": saved(frames[0], "GIF", save_all=True, append_images=frames[1:]),
        "raw.dng": dng(deep[..., 1]),
        "png inside.jpg": saved(image, "PNG"),
        "bad profile.jpg": saved(image, "JPEG", icc_profile=b"no profile at all" * 20),
        "bad exif.jpg": saved(image, "JPEG", exif=b"Exif\x00\x00II*\x00\xff\xff\xff\xff junk"),
    }


def bad_files(photo: NDArray[np.uint8]) -> dict[str, bytes]:
    """Name and content of files that nobody can restore."""
    image = Image.fromarray(photo)
    noise = np.random.default_rng(1).integers(0, 256, 4000, np.uint8).tobytes()
    inks, absurd = io.BytesIO(), bytearray(saved(image, "TIFF"))
    tifffile.imwrite(inks, np.zeros((8, 8, 4), np.uint16), photometric="separated")
    (start,) = struct.unpack_from("<I", absurd, 4)
    struct.pack_into("<I", absurd, start + 2 + 8, 0x7FFFFFFF)  # its first tag is the width
    half = {
        name: data[: len(data) // 2]
        for name, data in {
            "cut.jpg": saved(image, "JPEG"),
            "cut.png": saved(image, "PNG"),
            "cut.webp": saved(image, "WEBP"),
            "cut.tif": saved(image, "TIFF", compression="tiff_lzw"),
            "cut.avif": saved(image, "AVIF"),
        }.items()
    }
    return half | {
        "text.jpg": b"this is a letter, not a picture",
        "empty.png": b"",
        "bomb.png": png_header(100_000, 100_000),
        "absurd.tif": bytes(absurd),
        "float.tif": saved(Image.fromarray(photo[..., 0].astype(np.float32)), "TIFF"),
        "wide.tif": saved(Image.fromarray(photo[..., 0].astype(np.int32)), "TIFF"),
        "deep inks.tif": inks.getvalue(),
        "noise.webp": noise,
        "noise.heic": b"\0\0\0\x18ftypheic" + noise,
        "noise.dng": noise,
        "noise.gif": b"GIF89a" + noise,
    }


def write_files(folder: Path, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
