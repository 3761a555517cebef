"""How the marks of a picture were laid, each of them, and what lies below as far as that tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from restore.arrays import from_unit, to_unit
from restore.tasks.dewatermark_layer import COVERED, EDGE, FEWEST, Ground, Layer, fit
from restore.tasks.dewatermark_mask import separate_marks
from restore.tiles import FloatArray

THIN = 0.03
"""Half the width of what may be filled though nobody has marked it, as a share of the longest
side."""
WORSE = 1.5
"""A part of the mark whose contrast to its surroundings grows by more does not fit the layer."""
SMALL = 64.0
"""Parts of fewer pixels say too little to be told from the rest of the mark."""
MOST = 3
"""Different marks on one picture."""
ATTEMPTS = 6
"""So often it is tried to find one, largest parts first, where no layer fits most of them."""
RIM = 1.25
"""At the rim of the mask the surroundings are believed more than the layer; the less, by e in so
many pixels, the farther inside. These are times the amplification: the thicker the layer, the more
of an error in its coverage is seen."""
LARGEST = 1024
"""Longest side in pixels of the picture that layers are told from, four numbers need no more; and
of the filling, which nothing is known of anyway."""


@dataclass(frozen=True)
class Solution:
    """What is known of a picture's marks: how they were laid, and what may lie below."""

    layers: list[Layer]
    index: NDArray[np.uint8]
    """(H, W) of the whole picture: the number of the layer, 0 where none fits the mark."""
    covered: NDArray[np.bool_]
    """(H, W): where the mark is surely more than its faint rim."""
    hole: NDArray[np.bool_]
    """(H, W): what of the mask is hidden to some degree, see `_hole`."""
    filling: FloatArray
    """(h, w, 4), reduced: the picture with the hole filled from around, and how many pixels it is
    from there to outside of the hole."""

    def filled(self) -> NDArray[np.bool_]:
        """(H, W): where nothing is known of what lies below the mark, and it is filled from around,
        if there is anything around."""
        return self.hole & ~self._told() & (not self.hole.all())

    def _told(self) -> NDArray[np.bool_]:
        """(H, W): where a layer tells what lies below."""
        telling = [number for number, layer in enumerate(self.layers, 1) if layer.tells]
        return np.isin(self.index, telling)

    def explained(self, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """The parts of a mask (H, W) that some layer fits: what none fits may be no mark at all,
        and so may what would have to be filled, unless it is thin enough to do no harm."""
        marked = mask.astype(np.uint8)
        count, parts = cv2.connectedComponents(marked, connectivity=8)
        depth = np.zeros(count, np.float32)
        np.maximum.at(depth, parts[mask].astype(np.intp), _distance(marked)[mask])
        fits, told = np.zeros(count, bool), self._told()
        fits[parts[self.covered & (self.index > 0)]] = True
        fits &= depth <= THIN * max(mask.shape)
        fits[parts[self.covered & told]] = True
        fits[0] = False
        return np.asarray(fits[parts])

    def turned(self, quarters: int) -> Solution:
        """That of the picture turned counterclockwise."""
        index, filling = np.rot90(self.index, quarters), np.rot90(self.filling, quarters)
        covered, hole = np.rot90(self.covered, quarters), np.rot90(self.hole, quarters)
        return Solution(self.layers, index, covered, hole, np.ascontiguousarray(filling))

    def clean(
        self, marked: FloatArray, coverage: FloatArray, rows: slice, columns: slice
    ) -> tuple[FloatArray, FloatArray]:
        """A part of the picture without its marks, (h, w, 3), and the share of it that shone
        through, (h, w); both of use within the mask alone.

        Args:
            marked: (h, w, 3) in [0, 1].
            coverage: (h, w)
        """
        around = enlarged(self.filling, rows, columns, self.index.shape)
        clean, distance = around[..., :3].copy(), around[..., 3:]
        clear = np.zeros(coverage.shape, np.float32)
        index = self.index[rows, columns]
        for number, layer in enumerate(self.layers, 1):
            if not layer.tells:
                continue
            chosen = index == number
            gain, offset = layer.inverse(coverage[chosen])
            amplification = 1 + gain[..., None]
            below = np.clip(marked[chosen] * amplification + offset, 0, 1)
            believed = np.exp(-distance[chosen] / (RIM * amplification))
            clean[chosen] = below + believed * (clean[chosen] - below)
            clear[chosen] = 1 / amplification[:, 0]
        bare = ~self.hole[rows, columns]  # exactly as it is: the filling is reduced, and of 8 bits
        clean[bare], clear[bare] = marked[bare], 1
        return clean, clear

    def known(
        self,
        marked: FloatArray,
        coverage: FloatArray,
        mask: NDArray[np.bool_],
        rows: slice,
        columns: slice,
    ) -> FloatArray:
        """(h, w, 6): all that is known of a part of the picture, for
        `restore.tasks.dewatermark_network.Refinement`.

        Args: see `clean`; and the mask (h, w).
        """
        clean, clear = self.clean(marked, coverage, rows, columns)
        clean = np.where(mask[..., None], clean, marked)
        return np.dstack([clean, coverage, np.where(mask, clear, 1), mask]).astype(np.float32)


def solve(picture: NDArray[Any], coverage: FloatArray, mask: NDArray[np.bool_]) -> Solution:
    """The layers of the marks on a picture, as far as they can be told, and a filling.

    Args:
        picture: (H, W, 3), any depth.
        coverage: (H, W) in [0, 1], zero where there is no mark.
        mask: (H, W), where the picture is to be restored.
    """
    marked, small = reduced(picture, coverage)
    layers, index = _layers(marked, small)
    size, shape = coverage.shape, (small.shape[1], small.shape[0])
    painted = cv2.resize(mask.astype(np.float32), shape, interpolation=cv2.INTER_AREA) > 0
    hole, unseen = _hole(small, index, painted)
    index[unseen] = 0
    filling = np.dstack([_filled(marked, hole), _distance(hole)])
    whole = cv2.resize(hole, (size[1], size[0]), interpolation=cv2.INTER_NEAREST) > 0
    number = cv2.resize(index, (size[1], size[0]), interpolation=cv2.INTER_NEAREST)
    return Solution(layers, number.astype(np.uint8), coverage > COVERED, whole, filling)


def largest_layer(picture: NDArray[Any], coverage: FloatArray) -> Layer | None:
    """The layer of most of what is covered, see `solve`; None if there is none. It may be in doubt,
    which is enough to look again by, and it may hide all: what has its colour stands out then."""
    marked, coverage = reduced(picture, coverage)
    layers, index = _layers(marked, coverage)
    sizes = np.bincount(index[coverage > COVERED], minlength=1)
    number = int(sizes.argmax())
    return layers[number - 1] if number else None


def enlarged(maps: FloatArray, rows: slice, columns: slice, size: tuple[int, ...]) -> FloatArray:
    """A part of the maps (h, w, C) as they are at a larger size (height, width), bilinear."""
    # Source coordinates of the part's pixels, for one resampling of it alone.
    scale_y, scale_x = maps.shape[0] / size[0], maps.shape[1] / size[1]
    matrix = np.array(
        [
            [scale_x, 0, (columns.start + 0.5) * scale_x - 0.5],
            [0, scale_y, (rows.start + 0.5) * scale_y - 0.5],
        ]
    )
    stop = min(rows.stop, size[0])
    shape = (columns.stop - columns.start, stop - rows.start)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    part = cv2.warpAffine(maps, matrix, shape, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(part, np.float32)


def reduced(picture: NDArray[Any], coverage: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The picture (h, w, 3) in [0, 1] and the coverage (h, w) as layers are told from them."""
    height, width = coverage.shape
    scale = min(1.0, LARGEST / max(height, width))
    shape = (max(round(width * scale), 1), max(round(height * scale), 1))
    marked = to_unit(cv2.resize(picture, shape, interpolation=cv2.INTER_AREA))
    small = cv2.resize(coverage, shape, interpolation=cv2.INTER_AREA)
    return marked, np.asarray(small, np.float32)


def _hole(
    coverage: FloatArray, index: NDArray[np.uint8], mask: NDArray[np.bool_]
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """What of a mask (H, W) may have to be filled, and the parts of it in which no mark is seen.

    Masks are painted roughly: what is covered is to be filled, with its rim. Of parts in which no
    mark is seen that is all, for whoever has painted them sees one.
    """
    covered = coverage > COVERED
    count, parts = cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)
    seen = np.bincount(parts[covered & (index > 0)], minlength=count) >= FEWEST
    unseen = mask & ~seen[parts]
    side = 2 * EDGE + 1
    near = cv2.dilate(covered.astype(np.uint8), np.ones((side, side), np.uint8)) > 0
    return ((mask & near) | unseen).astype(np.uint8), unseen


def _filled(picture: FloatArray, hole: NDArray[Any]) -> FloatArray:
    """The picture (H, W, 3) with what is missing continued from around."""
    if hole.all():
        return picture
    return to_unit(cv2.inpaint(from_unit(picture, np.dtype(np.uint8)), hole, 4, cv2.INPAINT_NS))


def _distance(inside: NDArray[Any]) -> FloatArray:
    """(H, W): pixels to the nearest place outside."""
    return np.asarray(cv2.distanceTransform(inside, cv2.DIST_L2, 5), np.float32)


def _layers(marked: FloatArray, coverage: FloatArray) -> tuple[list[Layer], NDArray[np.uint8]]:
    layers: list[Layer] = []
    covered = (coverage > COVERED).astype(np.uint8)
    index = np.zeros(coverage.shape, np.uint8)
    around = cv2.dilate(covered, np.ones((3, 3), np.uint8))
    if not covered.any() or around.all():
        return layers, index
    guess = _filled(marked, around)
    ground = Ground(marked, guess, _distance(around), covered)
    parts, count = separate_marks(covered)
    weight = coverage * ground.near * (coverage > 0.5)

    def of_parts(values: FloatArray) -> NDArray[Any]:
        """Sums over each part."""
        return np.bincount(parts.ravel(), (weight * values).ravel(), count)

    before = of_parts(np.abs(ground.change).mean(2))
    size = of_parts(np.ones_like(weight))

    def layer_of(tried: NDArray[np.bool_]) -> tuple[Layer | None, NDArray[np.bool_]]:
        """A layer for as many of the parts as it fits, and which these are."""
        layer = None
        for _ in range(3):  # what does not fit the layer is no part of it
            if not tried.any():
                return None, tried
            layer = fit(ground, coverage * tried[parts])
            if layer is None:
                return None, tried
            after = of_parts(np.abs(ground.away(layer, coverage)).mean(2))
            kept = tried & ((after < WORSE * before) | (size < SMALL))
            if (kept == tried).all():
                break
            tried = kept
        return layer, tried

    left = np.arange(count) > 0
    for _ in range(ATTEMPTS):
        if not left.any() or len(layers) == MOST:
            break
        layer, fitting = layer_of(left)
        if layer is None:  # different marks, none of them the most of it
            largest = np.arange(count) == np.argmax(np.where(left, size, -1))
            layer, fitting = layer_of(largest)
            if layer is None:  # it is no mark, or none that can be told; others may be
                left = left & ~largest
                continue
        left = left & ~fitting
        layers.append(layer)
        index[fitting[parts]] = len(layers)
    return layers, _with_rims(index, covered)


def _with_rims(index: NDArray[np.uint8], covered: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The number (H, W) of each pixel's layer, of those that are not covered that of the nearest
    that is: the faint rim of a mark goes with it."""
    _, nearest = cv2.distanceTransformWithLabels(
        1 - covered, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    numbers = np.zeros(nearest.max() + 1, np.uint8)
    numbers[nearest[covered > 0]] = index[covered > 0]
    return np.asarray(numbers[nearest])
