"""The dewatermark task: find the mark, give the pixels below it back, touch nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from restore.arrays import (
    ImageLike,
    as_rgb,
    from_unit,
    join_alpha,
    like,
    split_alpha,
    to_array,
    to_unit,
)
from restore.engine import Engine
from restore.picture import read_picture
from restore.restorer import Outcome
from restore.tasks.dewatermark_fit import enlarged, solve
from restore.tasks.dewatermark_mask import found_mask
from restore.tasks.dewatermark_network import DewatermarkNet, told
from restore.tasks.options import DewatermarkOptions
from restore.tiles import FloatArray, Progress
from restore.zoo import Card

build = DewatermarkNet
"""The network of an `AutoencoderConfig`."""

SMALLEST_LOOK = 256
"""Longest side of the first look in pixels: as wide as the network sees, so that it has every mark,
however large, before it as a whole. Each further look is at twice the size."""
LARGEST_LOOK = 1024
"""The last look before the one at full size."""
BAND = 256
"""Rows that are worked on at once, to save memory."""


@dataclass(frozen=True)
class Look:
    """What the network makes of a picture: probability of a mark, gain, offset; (H, W, 5)."""

    maps: FloatArray

    def told(self, rows: slice, columns: slice, size: tuple[int, int]) -> torch.Tensor | None:
        """The condition for a part of a picture of `size`; None where there is no mark near."""
        part = enlarged(self.maps, rows, columns, size)
        maps = torch.from_numpy(part).permute(2, 0, 1)[None]
        return told(maps[:, :1], maps[:, 1:2], maps[:, 2:])

    def empty(self, rows: slice, columns: slice, size: tuple[int, int], least: float) -> bool:
        """Whether nothing above `least` was found in a part, nor right beside it."""
        height, width = self.maps.shape[:2]
        top = max(rows.start * height // size[0] - 8, 0)
        left = max(columns.start * width // size[1] - 8, 0)
        bottom, right = rows.stop * height // size[0] + 8, columns.stop * width // size[1] + 8
        return bool(self.maps[top:bottom, left:right, 0].max() < least)


class Dewatermarker:
    """Finds watermarks by itself, or obeys a mask, and removes them."""

    def __init__(self, card: Card, engine: Engine) -> None:
        self.card = card
        self.engine = engine
        self.device = engine.device
        network = engine.network
        assert isinstance(network, DewatermarkNet)
        self._multiple = network.autoencoder.config.multiple

    def __call__(
        self,
        image: ImageLike,
        mask: NDArray[Any] | Path | None = None,
        *,
        strength: float = 1.0,
        sensitivity: float = 0.5,
        on_progress: Progress | None = None,
    ) -> ImageLike:
        """The image without its watermark: same type, size and depth, other pixels untouched.

        Args:
            mask: (H, W), of any type, marked where above half of its range, or the file of one;
                None finds the mark.
            strength: share of the restored picture in the result, 0 (the input, exactly) to 1.
            sensitivity: how little is taken for a mark, 0 to 1.

        Raises:
            ValueError: an option out of range, or a mask of another size than the image.
            UnreadableImage: a shape or type that is not supported.
        """
        options = DewatermarkOptions(strength, sensitivity, mask)
        return like(self.restore(to_array(image), options, on_progress).array, image)

    def detect(self, image: ImageLike) -> FloatArray:
        """How likely each pixel is part of a watermark: (H, W) in [0, 1]."""
        colour, _ = split_alpha(to_array(image))
        return self._look(as_rgb(colour), None, 0.5, None).maps[..., 0]

    def restore(
        self,
        array: NDArray[Any],
        options: DewatermarkOptions,
        on_progress: Progress | None = None,
    ) -> Outcome:
        """See `restore.restorer.Restorer`; the map `mask` is what was taken for the mark.

        Facts are the shares of the picture that were `marked`, and of these `filled` from around
        because nothing shone through.
        """
        colour, alpha = split_alpha(array)
        rgb = as_rgb(colour)
        mask = None if options.mask is None else _binary(options.mask, colour.shape[:2])
        if mask is not None and not mask.any():
            return _nothing(array, mask, "the mask is empty")
        look = self._look(rgb, mask, options.sensitivity, on_progress)
        if mask is None:
            mask = found_mask(look.maps[..., 0], options.sensitivity)
            if not mask.any():
                return _nothing(array, mask, "no watermark found")
        # The network knows best where a mark is; how it was laid, all of its pixels together.
        coverage = np.where(mask, look.maps[..., 0], np.float32(0))
        solution = solve(rgb, coverage, mask)
        filled = float((mask & (solution.index == 0)).mean())
        facts = {"marked": round(float(mask.mean()), 5), "filled": round(filled, 5)}
        note = f"{filled:.1%} of the picture is filled from around" if filled >= 0.0005 else ""
        result = colour.copy()
        if options.strength > 0:
            for top in range(0, len(colour), BAND):
                band = slice(top, top + BAND)
                chosen = mask[band]
                if not chosen.any():
                    continue
                marked = to_unit(rgb[band])
                clean = solution.clean(marked, coverage[band], band)[chosen]
                marked = marked[chosen]
                clean = marked + np.float32(options.strength) * (clean - marked)
                if colour.ndim == 2:
                    clean = clean.mean(1)
                result[band][chosen] = from_unit(clean, colour.dtype)
        return Outcome(
            join_alpha(result, alpha),
            facts,
            note,
            changed=options.strength > 0,
            maps={"mask": mask.astype(np.uint8) * 255},
        )

    def _look(
        self,
        rgb: NDArray[Any],
        mask: NDArray[np.bool_] | None,
        sensitivity: float,
        on_progress: Progress | None,
    ) -> Look:
        """The picture looked at again and again, each time at twice the size.

        A large mark is understood on a small picture, where it is seen as a whole; its exact edges
        on the full one. There only the parts with a mark are gone through.
        """
        size = (rgb.shape[0], rgb.shape[1])
        found: Look | None = None
        for shape in _looks(size):
            last = shape == size
            picture = rgb if last else _reduced(rgb, shape)
            given = None if mask is None else _reduced(mask.astype(np.float32), shape)
            before = found

            def condition(
                rows: slice,
                columns: slice,
                shape: tuple[int, int] = shape,
                given: FloatArray | None = given,
                before: Look | None = before,
                skip: bool = last,
            ) -> torch.Tensor | None:
                length, breadth = rows.stop - rows.start, columns.stop - columns.start
                painted = None if given is None else given[rows, columns]
                if skip and painted is not None and not painted.any():
                    return None
                if before is None:
                    if painted is None:
                        return torch.zeros((1, 6, length, breadth))
                    return told(torch.from_numpy(painted.copy())[None, None])
                if skip and painted is None and before.empty(rows, columns, shape, 0.1):
                    return None
                known = before.told(rows, columns, shape)
                if known is not None and painted is not None:
                    known[:, 1] = torch.from_numpy(painted.copy())
                return known

            maps = self.engine.run(
                picture,
                condition,
                multiple=self._multiple,
                channels=5,
                on_progress=on_progress if last else None,
            )
            # Zeros are left where nothing was looked at; a logit of 0 would be a doubt.
            untouched = ~maps.any(-1)
            np.negative(maps[..., 0], out=maps[..., 0])
            np.exp(np.clip(maps[..., 0], -30, 30, out=maps[..., 0]), out=maps[..., 0])
            maps[..., 0] = 1 / (1 + maps[..., 0])
            maps[untouched, 0] = 0
            found = Look(maps)
        assert found is not None
        return found


RESTORER = Dewatermarker


def _looks(size: tuple[int, int]) -> list[tuple[int, int]]:
    """Sizes (height, width) to look at a picture in, the last its own."""
    longest = max(size)
    shapes = []
    side = SMALLEST_LOOK
    while side * 1.5 <= longest and side <= LARGEST_LOOK:
        shapes.append(
            (max(round(size[0] * side / longest), 1), max(round(size[1] * side / longest), 1))
        )
        side *= 2
    return [*shapes, size]


def _reduced(picture: NDArray[Any], shape: tuple[int, int]) -> NDArray[Any]:
    if picture.shape[:2] == shape:
        return picture
    small = cv2.resize(
        np.ascontiguousarray(picture), (shape[1], shape[0]), interpolation=cv2.INTER_AREA
    )
    return np.asarray(small)


def _binary(mask: NDArray[Any] | Path, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    if isinstance(mask, Path):
        mask = read_picture(mask).array
    array, alpha = split_alpha(np.asarray(mask))
    if array.ndim == 3:
        array = array.max(2)
    if array.shape != shape:
        raise ValueError(
            f"the mask is {array.shape[1]} x {array.shape[0]} pixels, "
            f"the picture {shape[1]} x {shape[0]}: they must be the same size"
        )
    if array.dtype == bool:
        return array
    half = 0.5 if np.issubdtype(array.dtype, np.floating) else np.iinfo(array.dtype).max / 2
    marked = np.asarray(array > half)
    if alpha is None or (alpha > half).all():  # programs write an alpha channel without need
        return marked
    # Painted on a layer of its own: in a light colour, or else in a dark one.
    painted = np.asarray(alpha > half)
    return painted & marked if (painted & marked).any() else painted


def _nothing(array: NDArray[Any], mask: NDArray[np.bool_], note: str) -> Outcome:
    facts = {"marked": 0.0, "filled": 0.0}
    return Outcome(array.copy(), facts, note, changed=False, maps={"mask": mask.astype(np.uint8)})
