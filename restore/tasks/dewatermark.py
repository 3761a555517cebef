"""The dewatermark task: find the mark, give the pixels below it back, touch nothing else."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

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
from restore.tasks.dewatermark_evidence import convincing
from restore.tasks.dewatermark_fit import Solution, solve
from restore.tasks.dewatermark_look import Finder, mean_of_turns
from restore.tasks.dewatermark_mask import found_mask, readily, widened, within
from restore.tasks.dewatermark_network import REFINEMENT, DewatermarkNet
from restore.tasks.dewatermark_rows import completed, steps_between
from restore.tasks.options import DewatermarkOptions
from restore.tiles import FloatArray, OnProgress, part_of
from restore.zoo import Card

build = DewatermarkNet
"""The network of an `AutoencoderConfig`."""

NOT_FOUND = "no watermark found"
NOT_SURE = "nothing that is surely a watermark: paint a mask where there is one"
BAND = 256
"""Rows that are worked on at once, to save memory."""


class Seen(NamedTuple):
    """What looks like a mark to the network."""

    first: FloatArray
    """(H, W) in [0, 1]: how likely each pixel seemed to be part of one before anything was told."""
    coverage: FloatArray
    """(H, W): the same in the end."""
    mask: NDArray[np.bool_]
    """(H, W): what is taken for one."""


class Found(NamedTuple):
    """A mark that is to be taken off."""

    coverage: FloatArray
    """(H, W) in [0, 1]: how likely each pixel is part of it, or how far it is covered."""
    mask: NDArray[np.bool_]
    """(H, W): what is restored."""
    solution: Solution
    """How it was laid."""
    note: str = ""
    """Why there is none, if there is none."""


class Dewatermarker:
    """Finds watermarks by itself, or obeys a mask, and removes them."""

    def __init__(self, card: Card, engine: Engine) -> None:
        self.card = card
        self.engine = engine
        self.device = engine.device
        network = engine.network
        assert isinstance(network, DewatermarkNet)
        self.finder = Finder(engine, network.autoencoder.config.multiple)
        self._refiner = Engine(network.refinement, engine.device, engine.tile)

    def __call__(
        self,
        image: ImageLike,
        mask: NDArray[Any] | Path | None = None,
        *,
        strength: float = 1.0,
        sensitivity: float = 0.5,
        on_progress: OnProgress | None = None,
    ) -> ImageLike:
        """The image without its watermark: same type, size and depth, other pixels untouched.

        Args:
            mask: (H, W), of any type, marked where above half of its range, or the file of one;
                None finds the mark.
            strength: share of the restored picture in the result, 0 (the input, exactly) to 1.
            sensitivity: how readily something is taken for a mark: 0 hardly ever, 1 whenever in
                doubt.

        Raises:
            ValueError: an option out of range, or a mask of another size than the image.
            UnreadableImage: a shape or type that is not supported.
        """
        options = DewatermarkOptions(strength, sensitivity, mask)
        return like(self.restore(to_array(image), options, on_progress).array, image)

    def detect(self, image: ImageLike) -> FloatArray:
        """How likely each pixel is part of a watermark: (H, W) in [0, 1], 0 away from what is taken
        for one."""
        colour, _ = split_alpha(to_array(image))
        return self.find(as_rgb(colour)).coverage

    def restore(
        self,
        array: NDArray[Any],
        options: DewatermarkOptions,
        on_progress: OnProgress | None = None,
    ) -> Outcome:
        """See `restore.restorer.Restorer`; the map `mask` is what was taken for the mark.

        Facts are the shares of the picture that were `marked`, and of these `filled` from around
        because nothing shone through.
        """
        colour, _ = split_alpha(array)
        rgb, first = as_rgb(colour), part_of(on_progress, 0, 2)
        if options.mask is None:
            found = self.find(rgb, options.sensitivity, first)
        else:
            mask = _binary(options.mask, colour.shape[:2])
            if not mask.any():
                return _nothing(array, mask, "the mask is empty")
            found = self._obey(rgb, mask, first)
        return self.take_off(array, found, options.strength, part_of(on_progress, 1, 2))

    def find(
        self, rgb: NDArray[Any], sensitivity: float = 0.5, on_progress: OnProgress | None = None
    ) -> Found:
        """The marks of a picture (H, W, 3), without help: what looks like one, is explained by how
        marks are laid, and convinces when it is taken off."""
        seen = self.look(rgb, sensitivity, on_progress)
        mask, solution = convincing(rgb, seen.first, seen.coverage, seen.mask, sensitivity)
        note = "" if mask.any() else NOT_SURE if seen.mask.any() else NOT_FOUND
        return Found(seen.coverage * widened(mask), mask, solution, note)

    def look(
        self, rgb: NDArray[Any], sensitivity: float = 0.5, on_progress: OnProgress | None = None
    ) -> Seen:
        """What looks like a mark in a picture (H, W, 3).

        What a first look has found tells how the mark was laid, which shows what of it was
        overlooked, and what was no mark; a last look is given what is found by then as users give
        their masks. Told where the mark is, the network knows its shape better, and it errs
        otherwise than before: the mean of both is nearer to the truth than either. Where marks are
        in rows, each copy is given what is seen of the others.
        """
        seen = self.finder.look(rgb, None, on_progress=part_of(on_progress, 0, 3))
        first, mask, steps = _in_rows(seen, readily(sensitivity), None)
        coverage = first
        if mask.any():
            seen = self.finder.look_again(rgb, coverage, mask, None, part_of(on_progress, 1, 3))
            coverage, mask, _ = _in_rows(seen, sensitivity, steps)
        if mask.any():
            wide = widened(mask)
            last = self.finder.look_again(rgb, coverage, mask, wide, part_of(on_progress, 2, 3))
            last += coverage
            last *= wide / np.float32(2)
            coverage, mask = last, found_mask(last, sensitivity)
        return Seen(first, coverage, mask)

    def _obey(
        self, rgb: NDArray[Any], mask: NDArray[np.bool_], on_progress: OnProgress | None
    ) -> Found:
        """What is marked in a picture (H, W, 3), as a user has said."""
        coverage = self.finder.look(rgb, mask, on_progress=part_of(on_progress, 0, 2))
        coverage = self.finder.look_again(rgb, coverage, mask, mask, part_of(on_progress, 1, 2))
        return Found(coverage, mask, solve(rgb, within(coverage, mask), mask))

    def take_off(
        self,
        array: NDArray[Any],
        found: Found,
        strength: float = 1.0,
        on_progress: OnProgress | None = None,
    ) -> Outcome:
        """The picture without a mark that was found: the second half of `restore`.

        Args:
            array: the picture, see `restore`.
            found: of this picture.
            strength: see `__call__`.
        """
        colour, alpha = split_alpha(array)
        rgb, mask, solution = as_rgb(colour), found.mask, found.solution
        if not mask.any():
            return _nothing(array, mask, found.note)
        # The network knows best where a mark is; how it was laid, all of its pixels together.
        coverage = within(found.coverage, mask)
        filled = float((mask & solution.filled()).mean())
        facts = {"marked": round(float(mask.mean()), 5), "filled": round(filled, 5)}
        note = f"{filled:.1%} of the picture is filled from around" if filled >= 0.0005 else ""
        result = colour.copy()
        if strength > 0:
            refined = self._refined(rgb, coverage, mask, solution, on_progress)
            for top in range(0, len(colour), BAND):
                band = slice(top, top + BAND)
                chosen = mask[band]
                if not chosen.any():
                    continue
                marked, clean = to_unit(rgb[band])[chosen], refined[band][chosen]
                clean = marked + np.float32(strength) * (clean - marked)
                if colour.ndim == 2:
                    clean = clean.mean(1)
                result[band][chosen] = from_unit(clean, colour.dtype)
        return Outcome(
            join_alpha(result, alpha),
            facts,
            note,
            changed=strength > 0,
            maps={"mask": mask.astype(np.uint8) * 255},
        )

    def _refined(
        self,
        rgb: NDArray[Any],
        coverage: FloatArray,
        mask: NDArray[np.bool_],
        solution: Solution,
        on_progress: OnProgress | None,
    ) -> FloatArray:
        """The picture (H, W, 3) without its marks, of use within the mask alone: the mean of what
        is seen in all turns of it, or for large ones in one."""
        once = partial(self._refined_once, rgb, coverage, mask, solution)
        return mean_of_turns(max(mask.shape), once, on_progress)

    def _refined_once(
        self,
        rgb: NDArray[Any],
        coverage: FloatArray,
        mask: NDArray[np.bool_],
        solution: Solution,
        quarters: int,
        on_progress: OnProgress | None,
    ) -> FloatArray:
        """The same, as it is seen in the picture turned by quarters."""
        rgb, coverage, mask = (np.rot90(maps, quarters) for maps in (rgb, coverage, mask))
        solution = solution.turned(quarters)

        def known(rows: slice, columns: slice) -> torch.Tensor | None:
            inside = mask[rows, columns]
            if not inside.any():
                return None
            marked, covered = to_unit(rgb[rows, columns]), coverage[rows, columns]
            maps = solution.known(marked, covered, inside, rows, columns)
            return torch.from_numpy(maps).permute(2, 0, 1)[None]

        refined = self._refiner.run(
            rgb, known, multiple=REFINEMENT.multiple, on_progress=on_progress
        )
        return np.rot90(refined, -quarters)


RESTORER = Dewatermarker


def _in_rows(
    coverage: FloatArray, sensitivity: float, steps: NDArray[np.float64] | None
) -> tuple[FloatArray, NDArray[np.bool_], NDArray[np.float64] | None]:
    """The coverage (H, W) of a picture, completed if marks are in rows; the mask of it; and the
    steps between these, which are those of an earlier look if there are none in this one."""
    mask = found_mask(coverage, sensitivity)
    found = steps_between(coverage, mask)
    steps = steps if found is None else found
    if steps is None:
        return coverage, mask, None
    coverage = completed(coverage, steps)
    return coverage, found_mask(coverage, sensitivity), steps


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
