"""Marks in rows: what is seen of some copies tells where all others are, and of what shape.

Over a sky one copy is seen, over leaves half of another and of a third nothing. They are repeated
in even steps, which the coverage tells by itself, for it matches itself when it is moved by one.
Folded into one cell, the copies complete each other. (Dekel et al., "On the Effectiveness of
Visible Watermarks", CVPR 2017, match the copies of one mark in many pictures.)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from restore.tasks.dewatermark_mask import separate_marks
from restore.tiles import FloatArray

FEWEST_COPIES = 4
"""A logo with stripes, or of bricks, is repeated in itself; rows are separate marks."""
LONGEST = 1024
"""Longest side in pixels on which the steps are looked for."""
CHANCE = 0.2
"""Correlation that tells of nothing: letters are alike, and so is their distance."""
HALF = 0.5
"""Where copies come to lie on copies, the correlation is this share of the usual height of the
highest peaks, or more."""
TOP = 10
"""So many peaks are the highest."""
CONVINCING = 1.0
"""By so much the correlations at all sums of steps have to be above that together."""
SHORTEST = 0.03
"""Length of a step, as a share of the longest side, at least."""
NARROWEST = 0.2
"""Sine of the angle between two steps, at least."""
FARTHEST = 24
"""So many steps in each direction are counted at most."""
CANDIDATES = 30
"""So many of the places that match best are thought of as steps."""
OVERLAP = 0.1
"""Moved by a step, the coverage has to have so much of its energy over itself: less is chance."""
SURE, TYPICAL = 0.5, 0.7
"""Of the pixels above one half of the most covered, that quantile is a mark as one sees it."""
SOFT = 0.4
"""By so many pixels places in a cell are smoothed: some are met by few pixels."""
REACH = 3
"""Pixels from where a peak should be to where it is, at most."""
PADDING = 4
"""Pixels of the next cell around one."""
BAND = 256
"""Rows of pixels that are folded at once."""


def steps_between(coverage: FloatArray, mask: NDArray[np.bool_]) -> NDArray[np.float64] | None:
    """(2, 2): the two steps (rows, columns) in pixels by which marks are repeated; None if they are
    not.

    Args:
        coverage: (H, W), in [0, 1].
        mask: (H, W), what of it is taken for marks.
    """
    _, count = separate_marks(mask)
    if count - 1 < FEWEST_COPIES:
        return None
    scale = max(1.0, max(coverage.shape) / LONGEST)
    height, width = (round(side / scale) for side in coverage.shape)
    if scale > 1:
        resized = cv2.resize(coverage, (width, height), interpolation=cv2.INTER_AREA)
        coverage = np.asarray(resized, np.float32)
    steps = _best_steps(coverage)
    # Each axis by what rounding made of it, or the last copies are pixels away.
    return None if steps is None else steps * (np.array(mask.shape) / (height, width))


def completed(coverage: FloatArray, steps: NDArray[np.float64]) -> FloatArray:
    """The coverage (H, W) of marks in rows: each copy has what is seen of it, and what is seen of
    all together.

    Args:
        steps: see `steps_between`.
    """
    return np.maximum(coverage, _folded(coverage, steps))


def _best_steps(coverage: FloatArray) -> NDArray[np.float64] | None:
    """The two shortest steps of a coverage (H, W), to a fraction of a pixel.

    Two steps are right if all their sums match as well. Those of twice the length would leave out
    copies, and shorter ones miss some: so they are right where what the correlations have
    above the least adds up to most.
    """
    correlation = _autocorrelation(coverage)
    places = np.nan_to_num(correlation, nan=-1)
    candidates, heights = _peaks(places, SHORTEST * max(coverage.shape))
    if len(candidates) < 2:
        return None
    least = max(HALF * float(np.median(heights[:TOP])), CHANCE)
    near = cv2.dilate(places, np.ones((3, 3), np.uint8))
    near[np.isnan(correlation)] = np.nan
    best, most = None, CONVINCING
    for steps in _pairs(candidates, SHORTEST * max(coverage.shape)):
        _, (rows, columns) = _sums(steps, correlation.shape)
        matches = near[rows, columns]
        matches = matches[~np.isnan(matches)]
        total = float((matches - least).sum())
        if len(matches) > 2 and total > most:
            best, most = steps, total
    return None if best is None else _shortest(_refined(best, places))


def _autocorrelation(coverage: FloatArray) -> FloatArray:
    """Pearson's correlation of a coverage (H, W) with itself when it is moved, where both overlap:
    not moved in the middle, NaN where too little of it is over itself."""
    size = tuple(cv2.getOptimalDFTSize(2 * side - 1) for side in coverage.shape)
    one, square, everywhere = (
        np.fft.rfft2(maps, size) for maps in (coverage, coverage**2, np.ones_like(coverage))
    )

    def summed(fixed: NDArray[Any], moved: NDArray[Any]) -> NDArray[Any]:
        """Over what overlaps, the sum of the product of two maps, of which one is moved."""
        return np.asarray(np.fft.irfft2(fixed * moved.conj(), size))

    pixels = summed(everywhere, everywhere).clip(min=1)
    fixed, moved = summed(one, everywhere), summed(everywhere, one)
    product = summed(one, one) - fixed * moved / pixels
    energies = [summed(square, everywhere) - fixed**2 / pixels]
    energies += [summed(everywhere, square) - moved**2 / pixels]
    energy = np.sqrt(energies[0].clip(min=0) * energies[1].clip(min=0))
    enough = energy > OVERLAP * float(((coverage - coverage.mean()) ** 2).sum())
    matches = np.where(enough, product / np.maximum(energy, 1e-9), np.nan)
    return np.asarray(np.fft.fftshift(matches), np.float32)


def _peaks(places: FloatArray, shortest: float) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """How far from the middle (rows, columns) the highest peaks are (N, 2), of each two that are
    opposite one; and how high (N,), the highest first."""
    surroundings = cv2.dilate(places, np.ones((7, 7), np.uint8))
    rows, columns = np.nonzero((places >= surroundings) & (places > CHANCE))
    distances = np.stack([rows, columns], 1) - np.array(places.shape) // 2
    down, right = distances.T
    chosen = ((down > 0) | ((down == 0) & (right > 0))) & (np.hypot(down, right) > shortest)
    heights = places[rows, columns]
    order = [number for number in np.argsort(-heights) if chosen[number]][:CANDIDATES]
    # The distance to the tenth copy is ten times as wrong as that to the next one.
    exact = [_vertices(places, rows[number], columns[number]) for number in order]
    return distances[order] + np.array(exact).reshape(-1, 2), heights[order]


def _pairs(candidates: NDArray[np.float64], shortest: float) -> Iterator[NDArray[np.float64]]:
    """Any two of them (2, 2) that are not nearly parallel."""
    for number, one in enumerate(candidates):
        for other in candidates[:number]:
            area = abs(one[0] * other[1] - one[1] * other[0])
            narrowest = NARROWEST * np.hypot(*one) * np.hypot(*other)
            if area > max(narrowest, shortest**2):
                yield np.stack([one, other])


def _sums(
    steps: NDArray[np.float64], shape: tuple[int, ...]
) -> tuple[NDArray[np.intp], tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """All sums of steps that are in an autocorrelation of a shape, but for opposite ones: how often
    each step is taken (N, 2), and their rows and columns there."""
    forth, along = np.mgrid[0 : FARTHEST + 1, -FARTHEST : FARTHEST + 1]
    times = np.stack([forth.ravel(), along.ravel()], 1)
    times = times[(times[:, 0] > 0) | (times[:, 1] > 0)]
    rows, columns = np.rint(times @ steps).astype(np.intp).T
    rows, columns = rows + shape[0] // 2, columns + shape[1] // 2
    inside = (rows >= 0) & (rows < shape[0]) & (columns >= 0) & (columns < shape[1])
    return times[inside], (rows[inside], columns[inside])


def _refined(steps: NDArray[np.float64], places: FloatArray) -> NDArray[np.float64]:
    """Steps that fit the peaks at all their sums, by least squares: the farther a peak, the more
    exactly it tells of the step."""
    for _ in range(2):
        times, found = [], []
        often, (rows, columns) = _sums(steps, places.shape)
        for each, row, column in zip(often, rows, columns, strict=True):
            top, left = max(row - REACH, 0), max(column - REACH, 0)
            window = places[top : row + REACH + 1, left : column + REACH + 1]
            y, x = np.unravel_index(window.argmax(), window.shape)
            # What is highest at the edge of the window is the flank of another peak.
            inside = 0 < y < window.shape[0] - 1 and 0 < x < window.shape[1] - 1
            if inside and window[y, x] > CHANCE:
                times.append(each)
                found.append(_vertices(places, top + int(y), left + int(x)))
                found[-1] += (top + y, left + x) - np.array(places.shape) // 2
        if len(times) < 2 or np.linalg.matrix_rank(np.array(times)) < 2:
            return steps
        better = np.linalg.lstsq(np.array(times, float), np.array(found), rcond=None)[0]
        if abs(np.linalg.det(better)) < 0.5 * abs(np.linalg.det(steps)):
            return steps  # nearly parallel by now: these were no rows
        steps = better
    return steps


def _vertices(places: FloatArray, row: int, column: int) -> NDArray[np.float64]:
    """(2,): how far from a pixel (row, column) the peak there is, by a parabola along each axis."""
    offsets = []
    for along in (places[row - 1 : row + 2, column], places[row, column - 1 : column + 2]):
        bend = float(along[0] - 2 * along[1] + along[2]) if len(along) == 3 else 0.0
        offsets.append(0.0 if bend >= 0 else 0.5 * float(along[0] - along[2]) / bend)
    return np.array(offsets)


def _shortest(steps: NDArray[np.float64]) -> NDArray[np.float64]:
    """The two shortest steps of the same rows (Lagrange and Gauss)."""
    one, other = steps
    while True:
        if one @ one > other @ other:
            one, other = other, one
        times = round(float(one @ other / (one @ one)))
        if times == 0:
            return np.stack([one, other])
        other = other - times * one


def _folded(coverage: FloatArray, steps: NDArray[np.float64]) -> FloatArray:
    """(H, W): at each place the mean coverage of all that are steps away from it, raised to what a
    copy has that is seen."""
    height, width = coverage.shape
    tall, wide = (max(round(float(np.hypot(*step))), 2) for step in steps)
    inverse = np.linalg.inv(steps).astype(np.float32)

    def cell(top: int) -> tuple[NDArray[Any], NDArray[Any]]:
        """(rows, W): where in the cell each pixel of a band is."""
        rows = np.arange(top, min(top + BAND, height), dtype=np.float32)[:, None]
        columns = np.arange(width, dtype=np.float32)[None]
        down, across = (rows * inverse[0, axis] + columns * inverse[1, axis] for axis in (0, 1))
        return (down - np.floor(down)) * tall, (across - np.floor(across)) * wide

    total, pixels = np.zeros(tall * wide), np.zeros(tall * wide)
    for top in range(0, height, BAND):
        y, x = cell(top)
        index = np.minimum(y.astype(np.intp), tall - 1) * wide
        index += np.minimum(x.astype(np.intp), wide - 1)
        total += np.bincount(index.ravel(), coverage[top : top + BAND].ravel(), tall * wide)
        pixels += np.bincount(index.ravel(), minlength=tall * wide)
    sums, counts = (
        cv2.GaussianBlur(np.pad(each.reshape(tall, wide), PADDING, "wrap"), (0, 0), SOFT)
        for each in (total, pixels)
    )
    mean = (sums / np.maximum(counts, 1e-6)).astype(np.float32)
    seen = mean[mean > SURE * mean.max()]
    mean = (mean / max(float(np.quantile(seen, TYPICAL)), 1e-6)).clip(0, 1)
    folded = np.empty_like(coverage)
    for top in range(0, height, BAND):
        y, x = cell(top)
        folded[top : top + BAND] = cv2.remap(
            mean, x + PADDING - 0.5, y + PADDING - 0.5, cv2.INTER_LINEAR
        )
    return folded
