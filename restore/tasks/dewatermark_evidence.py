"""Whether what was found is a mark: petals, print and lights look like one to the network at times.

Where a mark is taken off that was one, the picture goes on below it as it is around it, in colour
and in texture. Where there was none, its colours jump and its texture is amplified. Both are
weighed together with how sure the network is.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from restore.tasks.dewatermark_fit import Solution, reduced, solve
from restore.tasks.dewatermark_layer import NEARBY, Ground
from restore.tasks.dewatermark_mask import separate_marks, within
from restore.tiles import FloatArray

INSIDE = 0.7
"""Pixels with more coverage show what lies below the mark, and not its edge."""
FEWEST = 10
"""Pixels that tell of a texture."""
USUAL = 0.07
"""A contrast for parts of too few pixels, in units of the picture."""
HIDDEN = 0.2
"""The doubt that a layer which hides all counts for."""


class Evidence(NamedTuple):
    """What speaks for each part of a mask being a mark; (parts,) each."""

    certainty: FloatArray
    """Logarithm of the odds that the network gives to the surest hundredth of it at first sight:
    told where a mark is, it is certain of anything."""
    mismatch: FloatArray
    """Logarithm of how far its colour is from the surroundings' once the layer is off, relative to
    before."""
    roughness: FloatArray
    """Logarithm of the gradients below it relative to those around it."""
    doubt: FloatArray
    """About the opacity of its layer, see `restore.tasks.dewatermark_layer.Layer`: what was never
    laid over a picture fits thin layers and thick ones alike. `HIDDEN` if it hides all below: the
    guess can't tell how much of it there is not, and few other things are of one colour and as
    sharp."""
    contrast: FloatArray
    """Logarithm of how far the picture is from the guess: what is in a picture, or printed on
    things there, differs more from its surroundings than most marks do."""


WEIGHTS = (0.97, -0.45, -0.47, -2.5, -1.55)
BIAS = -1.2
"""Those of a logistic regression, rounded, on what is found in 717 pictures with marks, without,
and with print that belongs to the scene, three quarters of them from JPEG files. `python
tests/measure_marks.py` fits such weights. The bias was chosen on these pictures, see
docs/training-log.md."""

AGAIN = 0.6
"""By so much more, in log odds, has to convince what did not do so at first: alone, a layer fits
almost anything."""


def convincing(
    picture: NDArray[Any],
    first: FloatArray,
    found: FloatArray,
    mask: NDArray[np.bool_],
    sensitivity: float,
) -> tuple[NDArray[np.bool_], Solution]:
    """Those parts of a mask (H, W) that some layer explains and that are likelier a mark than not,
    and how they were laid.

    What is no mark misleads about the layer of what is one. So what does not convince is left out,
    and if nothing does, the less convincing half of it; the others are explained anew.

    Args:
        picture: (H, W, 3), any depth.
        first: (H, W), how likely each pixel is part of a mark at the first look of the network.
        found: (H, W), the same in the end.
        sensitivity: how likely a mark is, in [0, 1], before there is any evidence.
    """
    usual = math.log(max(1 - sensitivity, 1e-6)) - math.log(max(sensitivity, 1e-6))
    wanted = usual
    while True:
        coverage = within(found, mask)
        solution = solve(picture, coverage, mask)
        mask = solution.explained(mask)
        parts, count = separate_marks(mask)
        if sensitivity >= 1 or count < 2:
            return mask, solution
        evidence = evidence_of(picture, first, coverage, parts, count, solution)
        score = BIAS + np.tensordot(WEIGHTS, np.stack(evidence), 1)
        # Where there is one mark there are more: a word among words need not convince by itself.
        score = (score + score[1:].max()) / 2
        kept = score > wanted
        kept[0] = False
        if kept[1:].all():
            return mask, solution
        if kept.any():
            mask = mask & kept[parts]
            solution = solve(picture, within(found, mask), mask)
            return solution.explained(mask), solution
        kept[1:] = score[1:] > np.median(score[1:])
        mask = mask & kept[parts]
        wanted = usual + AGAIN


def evidence_of(
    picture: NDArray[Any],
    first: FloatArray,
    coverage: FloatArray,
    parts: NDArray[np.intp],
    count: int,
    solution: Solution,
) -> Evidence:
    """The evidence for each part (number 0 is outside of all).

    Args:
        picture: (H, W, 3), any depth.
        first: (H, W), how likely each pixel is part of a mark at the first look of the network.
        coverage: (H, W), how far it is covered; see `restore.tasks.dewatermark_mask.within`.
        parts: (H, W), and how many there are; see `restore.tasks.dewatermark_mask.separate_marks`.
        solution: of this picture.
    """
    marked, small = reduced(picture, coverage)
    shape = (small.shape[1], small.shape[0])
    nearest = cv2.INTER_NEAREST
    numbers = cv2.resize(parts.astype(np.float32), shape, interpolation=nearest)
    index = cv2.resize(solution.index, shape, interpolation=nearest)
    inside = numbers.astype(np.intp)
    part = (inside > 0).astype(np.uint8)
    ground = Ground(marked, solution.filling[..., :3], solution.filling[..., 3], part)
    opacity, doubt, away = np.zeros_like(small), np.ones_like(small), ground.change.copy()
    for number, layer in enumerate(solution.layers, 1):
        chosen = (index == number) & (inside > 0)
        away[chosen] = ground.away(layer, small)[chosen]
        opacity[chosen], doubt[chosen] = layer.opacity, HIDDEN if layer.hides else layer.doubt
    weight = small * (small > 0.5) * ground.near

    def on_average(away: FloatArray) -> NDArray[Any]:
        """How far the colour of each part is from the guess, on its average."""
        sums = [
            np.bincount(inside.ravel(), (weight * component).ravel(), count)
            for component in np.moveaxis(away, 2, 0)
        ]
        return np.asarray(np.abs(sums).sum(0))

    change = np.abs(marked - solution.filling[..., :3]).mean(2)
    contrast = _mean(change, inside * (small > INSIDE), count)
    deep = cv2.erode((small > INSIDE) * part, np.ones((3, 3))) > 0
    window = np.ones((NEARBY, NEARBY), np.uint8)
    around = np.where(inside > 0, 0, cv2.dilate(numbers, window)).astype(np.intp)
    below = _mean(ground.gradient - np.log(1 - opacity), inside * deep, count)
    beside = _mean(ground.gradient, around * ground.bare, count)
    before = on_average(ground.change)
    return Evidence(
        certainty=_log_odds(_surest_hundredth(first, parts, count)),
        mismatch=np.log(0.01 + on_average(away) / np.maximum(before, 1e-6)).astype(np.float32),
        roughness=np.nan_to_num(below - beside).astype(np.float32),
        doubt=np.nan_to_num(_mean(doubt, inside, count), nan=1).astype(np.float32),
        contrast=np.log(0.01 + np.nan_to_num(contrast, nan=USUAL)).astype(np.float32),
    )


def _mean(values: FloatArray, numbers: NDArray[np.intp], count: int) -> NDArray[Any]:
    """(count,): the mean over the pixels of each number; NaN where they are too few."""
    pixels = np.bincount(numbers.ravel(), minlength=count)
    total = np.bincount(numbers.ravel(), values.ravel(), count)
    return np.where(pixels < FEWEST, np.nan, total / np.maximum(pixels, 1))


def _surest_hundredth(found: FloatArray, parts: NDArray[np.intp], count: int) -> FloatArray:
    """(count,): the 99th percentile of each part; 0 outside."""
    surest = np.zeros(count, np.float32)
    values, numbers = found[parts > 0], parts[parts > 0]
    order = np.lexsort((values, numbers))
    values, numbers = values[order], numbers[order]
    first, last = (
        np.searchsorted(numbers, np.arange(1, count)),
        np.searchsorted(numbers, np.arange(1, count), "right"),
    )
    surest[1:] = values[first + ((last - first - 1) * 0.99).astype(np.intp)]
    return surest


def _log_odds(probability: FloatArray) -> FloatArray:
    bounded = np.clip(probability, 1e-3, 1 - 1e-3)
    return np.asarray(np.log(bounded) - np.log1p(-bounded), np.float32)
