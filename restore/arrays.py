"""Pictures as callers hold them (PIL images, numpy arrays) and as the engine wants them."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from restore.errors import UnreadableImage

ImageLike = TypeVar("ImageLike", Image.Image, NDArray[Any])
"""A PIL image, or an array (H, W), (H, W, 3) or (H, W, 4) of uint8, uint16 or float32 in [0, 1]."""

_KEPT_MODES = {"L", "RGB", "RGBA", "LA"}
_CONVERTED_MODES = {"1", "P", "PA", "CMYK", "YCbCr", "HSV", "LAB", "RGBX", "RGBa"}
_PEAKS = {np.dtype(np.uint8): 255.0, np.dtype(np.uint16): 65535.0, np.dtype(np.float32): 1.0}


def to_array(image: Image.Image | NDArray[Any]) -> NDArray[Any]:
    """The pixels of an image, checked: (H, W), (H, W, 2), (H, W, 3) or (H, W, 4), see `ImageLike`.

    Raises:
        UnreadableImage: another mode, shape or type, no pixels, or float values that can't be in
            [0, 1].
    """
    if isinstance(image, Image.Image):
        if image.mode.startswith("I;16"):
            return np.asarray(image).astype(np.uint16)  # the mode tells the order of its bytes
        if image.mode in _CONVERTED_MODES:
            image = image.convert("RGBA" if image.has_transparency_data else "RGB")
        if image.mode not in _KEPT_MODES:
            raise UnreadableImage(
                f"an image of mode {image.mode}, of which nobody knows what is black and what "
                "white: convert it to L, RGB or I;16"
            )
        return np.asarray(image)
    array = np.asarray(image)
    if array.dtype not in _PEAKS:
        raise UnreadableImage(
            f"an image of {array.dtype} values: convert it to uint8, uint16 or float32 in [0, 1]"
        )
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (2, 3, 4)):
        raise UnreadableImage(
            f"an image of shape {array.shape}: give (H, W), (H, W, 3) or (H, W, 4)"
        )
    if array.size == 0:
        raise UnreadableImage(f"an image of shape {array.shape} has no pixels")
    # Noise may well leave [0, 1] a little; values in 0..255 are a mistake worth a word.
    if array.dtype == np.float32 and not np.abs(array).max() < 16:
        raise UnreadableImage("a float image must hold finite values in [0, 1]: divide it by 255")
    return array


def like(array: NDArray[Any], image: ImageLike) -> ImageLike:
    """`array` as the kind of thing that `image` is, with what of its `info` still fits."""
    if isinstance(image, Image.Image):
        restored = Image.fromarray(array)
        restored.info = dict(image.info)
        if restored.mode != image.mode:
            restored.info.pop("transparency", None)  # a colour, in numbers of the other mode
        if fitting_profile(image.info.get("icc_profile"), array) is None:
            restored.info.pop("icc_profile", None)
        return restored
    return array


def fitting_profile(profile: bytes | None, array: NDArray[Any]) -> bytes | None:
    """An ICC profile, but None where it is for gray or inks alone and the pixels are RGB."""
    in_colour = array.ndim == 3 and array.shape[2] >= 3
    alone = profile is not None and profile[16:20] in {b"GRAY", b"CMYK"}
    return None if in_colour and alone else profile


def split_alpha(array: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """Colour (H, W) or (H, W, 3), and alpha (H, W) where there is one."""
    if array.ndim == 3 and array.shape[2] in (2, 4):
        colour = array[..., :-1]
        return (colour[..., 0] if colour.shape[2] == 1 else colour), array[..., -1]
    return array, None


def join_alpha(colour: NDArray[Any], alpha: NDArray[Any] | None) -> NDArray[Any]:
    return colour if alpha is None else np.dstack([colour, alpha])


def as_rgb(colour: NDArray[Any]) -> NDArray[Any]:
    """(H, W, 3) from what `split_alpha` gives, without a copy."""
    return colour if colour.ndim == 3 else np.broadcast_to(colour[..., None], (*colour.shape, 3))


def to_unit(array: NDArray[Any]) -> NDArray[np.float32]:
    """The array as float32 in [0, 1]."""
    unit: NDArray[np.float32] = np.asarray(array, np.float32) / np.float32(_PEAKS[array.dtype])
    return unit


def from_unit(array: NDArray[np.float32], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Float32 values, clipped to [0, 1], in the range of another type; rounds, never truncates."""
    clipped = np.clip(array, 0, 1)
    if dtype == np.float32:
        return clipped
    scaled: NDArray[Any] = np.rint(clipped * np.float32(_PEAKS[dtype])).astype(dtype)
    return scaled
