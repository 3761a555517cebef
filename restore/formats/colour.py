"""From Pillow's many modes to gray or RGB, with alpha where there is some."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from restore.errors import UnsupportedImage
from restore.metadata import Metadata

SAME = 3
"""By so many levels of 255 the sRGB of one maker differs from that of another."""


def to_gray_or_rgb(image: Image.Image, metadata: Metadata) -> tuple[NDArray[Any], Metadata, str]:
    """8-bit pixels, what metadata still fits them, and a note.

    Palettes become RGB; CMYK and Lab become sRGB, by the profile where there is one.

    Raises:
        UnsupportedImage: floating point or 32-bit pixels.
    """
    note = ""
    if image.mode in {"F", "I"}:
        raise UnsupportedImage(
            "floating point or 32-bit pixels: save it with 8 or 16 bits a channel"
        )
    if image.mode in {"CMYK", "LAB", "YCbCr"}:
        image, note = _to_srgb(image, metadata.icc)
        # The old profile describes inks or Lab; the pixels are sRGB now.
        metadata = replace(metadata, icc=None)
    elif image.mode == "La":  # colours with their alpha in them
        image = image.convert("LA")
    elif image.mode not in {"L", "LA", "RGB", "RGBA"}:
        gray = image.mode == "1"
        wanted = "RGBA" if image.has_transparency_data else "L" if gray else "RGB"
        image = image.convert(wanted)
    elif "transparency" in image.info:
        image = image.convert("LA" if image.mode == "L" else "RGBA")
    metadata, damage = checked_profile(metadata)
    return np.asarray(image), metadata, note or damage


def checked_profile(metadata: Metadata) -> tuple[Metadata, str]:
    """The metadata without a profile that no program could use, and a note on that."""
    if not metadata.icc or _is_profile(metadata.icc):
        return metadata, ""
    return (
        replace(metadata, icc=None),
        "the ICC profile is damaged and was left out: taken as sRGB",
    )


def from_gray_profile(array: NDArray[Any], profile: bytes) -> NDArray[Any]:
    """Colours (H, W, 3..4) that were given to gray of a profile, as sRGB: each channel goes the way
    of the gray, so that what is neutral looks as light as it did."""
    ramp = np.arange(256, dtype=np.uint8)[None]
    try:
        shown = _shown(np.dstack([ramp] * 3) if profile[16:20] == b"RGB " else ramp, profile)
    except (OSError, ImageCms.PyCMSError):  # a profile that says nothing of tones
        return array
    tones = shown[0, :, 1].astype(np.float64)
    most = np.iinfo(array.dtype).max
    values = np.arange(most + 1) * (255 / most)
    table = np.rint(np.interp(values, np.arange(256), tones) * (most / 255)).astype(array.dtype)
    return np.dstack([table[array[..., :3]], array[..., 3:]])


def is_of_other_colours(profile: bytes) -> bool:
    """Whether a profile for RGB means other colours than sRGB does, or lightness."""
    # Within sRGB whatever they are meant in, or they would be cut back to the same.
    samples = np.array([[[160, 90, 90], [90, 160, 90], [90, 90, 160], [64, 64, 64]]], np.uint8)
    try:
        off = np.abs(_shown(samples, profile).astype(int) - samples)
    except (OSError, ImageCms.PyCMSError):
        return False
    return int(off.max()) > SAME


def _shown(pixels: NDArray[np.uint8], profile: bytes) -> NDArray[np.uint8]:
    """Pixels of a profile as sRGB, (H, W, 3)."""
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    srgb = ImageCms.createProfile("sRGB")
    image = Image.fromarray(pixels)
    return np.asarray(ImageCms.profileToProfile(image, source, srgb, outputMode="RGB"))


def _to_srgb(image: Image.Image, profile: bytes | None) -> tuple[Image.Image, str]:
    srgb = ImageCms.createProfile("sRGB")
    if image.mode == "LAB":
        lab = ImageCms.createProfile("LAB")
        return ImageCms.buildTransform(lab, srgb, "LAB", "RGB").apply(image), ""
    if image.mode == "CMYK":
        if not profile:
            return image.convert("RGB"), "CMYK without a profile: its colours are a guess"
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(image, source, srgb, outputMode="RGB")
            assert converted is not None
            return converted, ""
        except (OSError, ImageCms.PyCMSError):
            return image.convert("RGB"), "the ICC profile is damaged: the colours are a guess"
    return image.convert("RGB"), ""


def _is_profile(data: bytes) -> bool:
    try:
        ImageCms.ImageCmsProfile(io.BytesIO(data))
    except (OSError, ImageCms.PyCMSError):
        return False
    return True
