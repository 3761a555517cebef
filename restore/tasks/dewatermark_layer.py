"""How a mark was laid: its opacity and colour, from all of it at once.

Where the coverage S of a mark is known, J = I + S (P - A I) is left with four unknowns that all of
its pixels share: the opacity A and the light P, which is A times the colour. A guess at the picture
I near the mark's edge comes from around it. The guess is wrong in every pixel and right on the
average, so the many find what no single pixel tells (compare Dekel et al., CVPR 2017, who have many
pictures under one mark).

Three things tell of the opacity: how much of the ground's changes is left below the mark; that its
colour is one that can be, for then the light lies between 0 and A; and how rough the picture is
below it, compared with beside it, which needs no guess.

All that is told in luma and chroma. Most files have chroma at half the size: thin letters lose
their colour to what is beside them, and what is left would be the colour of a thinner layer. So
both sides of the equation are blurred in chroma.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from restore.degradation.jpeg import YCC
from restore.tiles import FloatArray

COVERED = 0.1
"""A pixel with more coverage can't be taken for the picture around the mark."""
OPACITIES = np.linspace(0.03, 0.95, 93)
"""Those that are weighed against each other. What shines through above the last is of no use."""
OPACITY, SPREAD = 0.5, 0.2
"""What opacities are like, for marks that say little about theirs: mean and standard deviation."""
SOLID = 0.01
"""Share of the marks that hide all below, beside those."""
OPAQUE = 0.9
"""Nothing of use shines through above."""
UNTOLD = 0.95
"""With so much of the doubt left that was there before the fit, the opacity is not known."""
CORRELATED = 64.0
"""Errors of the guess in neighbouring pixels are alike: so many pixels tell as much as one."""
ROUGHNESS = 0.8
"""Standard deviation of the logarithm of the gradients below a mark, relative to those beside it,
once the layer is off."""
FAINTEST = 0.01
"""Gradients of less are noise, in units of the picture."""
EDGE = 2
"""Pixels around what is covered that the mark may have touched as well."""
REACH = 4.0
"""A guess from around the mark counts the less the farther it is from there: by e in so many
pixels."""
SHARPER = (1.0, 1.5, 2.0, 3.0)
"""Powers of the coverage: the network sees what JPEG has smeared wider than it was."""
UNSHARP = 0.05
"""A power has to leave less unexplained, by about this times its logarithm."""
SMEARED = 2.0
"""Standard deviation, in pixels, of a blur beside which that of halved chroma is small."""
CLEAREST = 0.25
"""An error is magnified by what is hidden, but no further than where so much shines through."""
NEARBY = 15
"""Side of the window, in pixels, around a mark within which the picture is compared with it."""
DEEP = 0.7
"""Pixels with more coverage than this, relative to most that the mark has, are not of its edge."""
FEWEST = 12
"""Pixels that tell of a layer, or of roughness."""
ROUNDS = 8
FINEST = 1 / 255
"""A guess is never more exact than that."""


_TO_YCC = np.sqrt(3) * np.array(YCC).T
"""From RGB, in rows, to luma and chroma; of one length in both."""
_TO_RGB = np.linalg.inv(_TO_YCC)


def _common() -> NDArray[np.float64]:
    """How common each of the opacities is."""
    common = np.exp(-((OPACITIES - OPACITY) ** 2) / (2 * SPREAD**2))
    common /= common.sum()
    common[-1] += SOLID
    return np.asarray(common)


_COMMON = _common()


@dataclass(frozen=True)
class Layer:
    """How all of a mark was laid: what is left is its coverage."""

    opacity: float
    light: NDArray[np.float64]
    """(3,): opacity times colour."""
    doubt: float
    """Standard deviation of the opacity as the guess alone tells it, as a share of what it was
    before the fit."""
    sharper: float = 1.0
    """The power of the coverage that it was laid with, of `SHARPER`."""

    @property
    def hides(self) -> bool:
        """Whether nothing of use shines through."""
        return self.opacity >= OPAQUE

    @property
    def tells(self) -> bool:
        """Whether something of use shines through, and it is known how much."""
        return not self.hides and self.doubt < UNTOLD

    def inverse(self, coverage: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Gain, as coverage (...), and offset (..., 3) that give the picture back."""
        coverage = coverage**self.sharper
        clear = 1 - self.opacity * coverage
        gain, offset = 1 / clear - 1, -(coverage / clear)[..., None] * self.light
        return gain.astype(np.float32), offset.astype(np.float32)

    def change(self, picture: FloatArray) -> FloatArray:
        """(H, W, 3): what taking the layer off a picture in [0, 1] changes if it covers all of it;
        far beyond [0, 1] one impossible value is like another."""
        clear = (picture - self.light) / (1 - self.opacity)
        return np.asarray(np.clip(clear, -0.5, 1.5) - picture, np.float32)


class Ground:
    """What the layers of a picture's marks are told from."""

    def __init__(
        self,
        marked: FloatArray,
        guess: FloatArray,
        distance: FloatArray,
        covered: NDArray[np.uint8],
    ) -> None:
        """
        Args:
            marked: (H, W, 3) in [0, 1], the picture.
            guess: (H, W, 3), what lies below, continued from around.
            distance: (H, W), in pixels, to where that is known.
            covered: (H, W), not 0 where there is a mark.
        """
        self.near = np.exp(-distance / np.float32(REACH))
        """(H, W): how much the guess counts."""
        self.change = _as_stored((marked - guess) @ _TO_YCC.astype(np.float32))
        """(H, W, 3), in luma and chroma: from the guess to the picture."""
        self.gradient = log_gradient(marked)
        """(H, W): logarithm of the picture's gradients."""
        touched = cv2.dilate(covered, np.ones((2 * EDGE + 1, 2 * EDGE + 1), np.uint8)) > 0
        self.bare = ~touched
        """(H, W): what no mark has touched."""
        self._guess = guess @ _TO_YCC.astype(np.float32)

    def parts_of_change(self, coverage: FloatArray) -> tuple[FloatArray, FloatArray]:
        """(H, W, 3) each, in luma and chroma: what a mark that is covered so (H, W) adds to the
        picture if its light is 1, and what it takes if its opacity is 1."""
        smeared = _smeared(coverage)
        added = np.dstack([coverage, smeared, smeared])
        return added, _as_stored(coverage[..., None] * self._guess)

    def away(self, layer: Layer, coverage: FloatArray) -> FloatArray:
        """(H, W, 3), in luma and chroma: from the guess to what lies below a layer."""
        clear = np.maximum(1 - layer.opacity * coverage**layer.sharper, CLEAREST)
        return np.asarray(self.unexplained(layer, coverage) / clear[..., None])

    def unexplained(self, layer: Layer, coverage: FloatArray) -> FloatArray:
        """(H, W, 3), in luma and chroma: how far the picture is from the guess below a layer."""
        added, taken = self.parts_of_change(coverage**layer.sharper)
        light = (layer.light @ _TO_YCC).astype(np.float32)
        return np.asarray(self.change - added * light + layer.opacity * taken)

    def unexplained_luma(self, layer: Layer, coverage: FloatArray) -> FloatArray:
        """(H, W): the luma of that."""
        covered = coverage**layer.sharper
        light = np.float32((layer.light @ _TO_YCC)[0])
        explained = covered * (light - np.float32(layer.opacity) * self._guess[..., 0])
        return np.asarray(self.change[..., 0] - explained)


def _as_stored(ycc: FloatArray) -> FloatArray:
    """Luma and chroma (H, W, 3), chroma without the detail that most files have lost."""
    return np.dstack([ycc[..., :1], _smeared(ycc[..., 1:])])


def _smeared(chroma: FloatArray) -> FloatArray:
    return np.asarray(cv2.GaussianBlur(chroma, (0, 0), SMEARED))


def log_gradient(picture: FloatArray) -> FloatArray:
    """(H, W) of (H, W, 3): logarithm of the length of the gradient, the mean over channels."""
    dx, dy = (cv2.Sobel(picture, cv2.CV_32F, *order) for order in ((1, 0), (0, 1)))
    return np.asarray(np.log(FAINTEST + np.sqrt(dx**2 + dy**2).mean(2)))


def fit(ground: Ground, coverage: FloatArray) -> Layer | None:
    """The likeliest layer of what is covered (H, W); None if there is too little of it.

    How sharp the coverage was is told by which power of it leaves the least of luma unexplained;
    chroma is blurred.
    """
    weight = ground.near * (coverage > COVERED)
    best, least = None, np.inf
    for power in SHARPER:
        layer = _fit(ground, coverage**power)
        if layer is None:
            continue
        layer = replace(layer, sharper=power)
        left = float((weight * np.abs(ground.unexplained_luma(layer, coverage))).sum())
        left *= power**UNSHARP
        if left < least:
            best, least = layer, left
    return best


def _fit(ground: Ground, coverage: FloatArray) -> Layer | None:
    """The layer of a coverage (H, W) as it is.

    Least squares of J - I = S P - A S I, with the guess for I, outliers weighing less and less and
    P within what is possible, for each of the opacities; which of them it is, is weighed together
    with how common they are and with the roughness.
    """
    used = (coverage > 0.3) & (ground.near > 0.02)
    if used.sum() < FEWEST:
        return None
    s, si = (part[used].astype(np.float64) for part in ground.parts_of_change(coverage))
    change = ground.change[used].astype(np.float64)
    unlikely = _misfit_of_roughness(ground, coverage, used) - np.log(_COMMON)
    nearness = ground.near[used, None].astype(np.float64)
    weight, variance = nearness, 0.05**2
    for _ in range(ROUNDS):
        total = (weight * s * s).sum(0)
        mean = (weight * s * si).sum(0) / total
        mean_change = (weight * s * change).sum(0) / total
        slope = si - s * mean
        spread = (weight * slope * slope).sum()
        moment = -(weight * slope * (change - s * mean_change)).sum()
        wanted = mean_change + OPACITIES[:, None] * mean
        light = np.clip(wanted @ _TO_RGB, 0, OPACITIES[:, None])
        squares = OPACITIES * (spread * OPACITIES - 2 * moment)
        squares += (total * (wanted - light @ _TO_YCC) ** 2).sum(1)
        best = int(np.argmin(squares / (2 * variance * CORRELATED) + unlikely))
        opacity = float(OPACITIES[best])
        error = change - s * (light[best] @ _TO_YCC) + opacity * si
        error = np.sqrt((error**2).mean(1, keepdims=True))
        variance = 1.5 * float((weight * error**2).sum() / weight.sum()) + FINEST**2
        weight = nearness / np.maximum(1, error / (1.5 * max(float(np.median(error)), 0.004)))
    known, before = float(spread / variance), CORRELATED / SPREAD**2
    return Layer(opacity, light[best], float(np.sqrt(before / (known + before))))


def _misfit_of_roughness(
    ground: Ground, coverage: FloatArray, used: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """For each of the opacities, minus the logarithm of how likely it makes the picture's roughness
    below the mark: beside it, it is as rough as it would be without."""
    most = DEEP * np.quantile(coverage[used], 0.9)
    deep = cv2.erode((coverage > most).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    below = ground.gradient[deep & (ground.near > 0.02)]
    window = np.ones((NEARBY, NEARBY), np.uint8)
    around = cv2.dilate((coverage > COVERED).astype(np.uint8), window) > 0
    beside = ground.gradient[around & ground.bare]
    if min(below.size, beside.size) < FEWEST:
        return np.zeros_like(OPACITIES)
    gradient = np.exp(beside.mean(dtype=np.float64)) - FAINTEST
    expected = np.log(FAINTEST + (1 - OPACITIES) * max(gradient, 0))
    return np.asarray((expected - below.mean(dtype=np.float64)) ** 2 / (2 * ROUGHNESS**2))
