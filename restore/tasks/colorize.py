"""The colorize task: believable colours for black-and-white photos, the user's word on top.

The network sees the picture with a short side of about 128 pixels, which is enough to know a scene,
and says how likely each colour is in every patch of 4 x 4. The lightness of the result is that of
the picture, pixel by pixel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

from restore.arrays import ImageLike, from_unit, join_alpha, like, split_alpha, to_array, to_unit
from restore.chroma import ChromaMap, guided, within_gamut
from restore.colour import lab_from_srgb
from restore.engine import Engine
from restore.metrics import colourfulness
from restore.restorer import Outcome
from restore.tasks.colorize_hints import hint_map, met, resampled
from restore.tasks.colorize_network import ColorizeNet
from restore.tasks.options import ColorizeOptions, Hint
from restore.tiles import OnProgress
from restore.zoo import Card

build = ColorizeNet
"""The network of an `AutoencoderConfig`."""

SIDE = 128
"""Short side of what the network sees, as in training."""
OTHER_SIDES = (112, 144, 160)
LIGHTER = 0.75
"""And smaller and larger, and each with its lightness to this power. Over all views, each mirrored
too, its errors average out: chosen on photos held out of training."""
LONGEST = 8
"""The longest side at most, in short sides, however long and thin the picture."""
GUIDE_SIDE = 256
"""Short side of the picture that guides the chroma, if it has as much."""
RADIUS = 4
EPSILON = 3.0
"""These were chosen on photos that were held out of training; see docs/training-log.md."""
LIVELINESS = 3.1e-4
"""See `ColorizeNet.lively`: makes pictures about two thirds as colourful as photos are."""
FEW_HINTS = 2
"""So many hints halve the liveliness: what colour a picture has is then the user's to say."""
COLOURED = 4.0
"""Chroma that a tone can't explain, from which on a picture counts as in colour."""
VARIED_PLACES = 4
"""Where a variant decides for itself."""
WIDEST = 40.0
"""Spread of chroma, in units of CIELAB, that counts as an uncertainty of 1."""
BAND = 256
"""Rows that are computed at a time, to spare memory."""


class Colorizer:
    """Gives gray and toned pictures colour."""

    def __init__(self, card: Card, engine: Engine) -> None:
        self.card = card
        self.engine = engine
        self.device = engine.device
        # So little is computed that nothing would be gained by less than single precision.
        self._network = cast(ColorizeNet, engine.network)

    def __call__(
        self,
        image: ImageLike,
        hints: Sequence[Hint] | None = None,
        saturation: float = 1.0,
        strength: float = 1.0,
        *,
        force: bool = False,
        variant: int = 0,
        on_progress: OnProgress | None = None,
    ) -> ImageLike:
        """The image in colour: RGB, of the same size and depth, with its alpha and its lightness.

        An image that is in colour already comes back as it is, unless `force` is given. A 16-bit
        PIL image comes back with 8 bits a channel, for PIL has no deeper RGB; arrays keep theirs.

        Args:
            hints: [(x, y, (r, g, b)), ...], pixels of the image and 8-bit sRGB.
            saturation: factor on the chroma that is guessed, 0..3; hints are met as they are.
            strength: 0 (the input, exactly) to 1; between them the chroma is mixed.
            variant: 0 is the likeliest colouring, each other number one more.

        Raises:
            ValueError: an argument out of range, a hint outside of the image.
            UnreadableImage: a shape or type that is not supported.
        """
        options = ColorizeOptions(strength, saturation, tuple(hints or ()), force, variant)
        array = self.restore(to_array(image), options, on_progress).array
        if isinstance(image, Image.Image) and array.dtype == np.uint16 and array.ndim == 3:
            array = from_unit(to_unit(array), np.dtype(np.uint8))
        return like(array, image)

    def restore(
        self,
        array: NDArray[Any],
        options: ColorizeOptions,
        on_progress: OnProgress | None = None,
    ) -> Outcome:
        """See `restore.restorer.Restorer`; three channels come back for one."""
        assert not isinstance(options.hints, Mapping), "options.of(file) picks those of one picture"
        colour, alpha = split_alpha(array)
        if options.strength == 0:
            return Outcome(array.copy(), changed=False)
        size = (colour.shape[0], colour.shape[1])
        seen = lab_from_srgb(_reduced(colour, _seen_size(size, SIDE)))
        toned = float(seen[1:].norm(dim=0).max()) > 1
        if toned and beyond_toning(seen) > COLOURED and not options.force:
            note = "in colour already, so left alone; force colours it anew"
            return Outcome(array.copy(), note=note, changed=False)
        lightness = _lightness(colour)
        small = lab_from_srgb(_reduced(colour, _within(size, GUIDE_SIDE)))[0]
        scores = self._scores(colour, options.hints, options.variant)
        liveliness = LIVELINESS / (1 + len(options.hints) / FEW_HINTS)
        guess = options.saturation * self._network.lively(scores, liveliness)
        guess = F.interpolate(guess.cpu(), small.shape, mode="bicubic", align_corners=False)[0]
        chroma = guided(guess, small, size, RADIUS, EPSILON)
        chroma = met(chroma, options.hints, lightness, small)
        painted = _paint(colour, lightness, chroma, options.strength, on_progress)
        preview = to_unit(cv2.resize(painted, small.shape[::-1], interpolation=cv2.INTER_AREA))
        lively = colourfulness(torch.from_numpy(preview).permute(2, 0, 1)[None])
        return Outcome(
            join_alpha(painted, alpha),
            {"colourfulness": round(float(lively), 1)},
            "its tone was taken for that of paper and print" if toned else "",
            coloured=True,
        )

    def uncertainty(
        self, image: Image.Image | NDArray[Any], hints: Sequence[Hint] | None = None
    ) -> NDArray[np.float32]:
        """Where a hint is worth most: (H, W) in [0, 1], the spread of the colours that are likely,
        once the hints there are have been heard."""
        colour, _ = split_alpha(to_array(image))
        size = (colour.shape[0], colour.shape[1])
        spread = self._network.spread(self._scores(colour, tuple(hints or ()))).cpu()
        spread = F.interpolate(spread, size, mode="bilinear", align_corners=False)[0, 0]
        return np.asarray((spread / WIDEST).clamp(0, 1).numpy())

    @torch.inference_mode()
    def _scores(self, colour: NDArray[Any], hints: Sequence[Hint], variant: int = 0) -> Tensor:
        """Scores of the colours (1, bins, h, w) for a picture (H, W) or (H, W, 3) and hints: the
        mean over views."""
        size = (colour.shape[0], colour.shape[1])
        seen = self._seen(colour, SIDE)
        told = hint_map(hints, size, self._grid(seen)).to(self.device)
        if variant:
            told = self._decided(seen, told, variant)
        scores = self._mirrored(seen, told)
        for side in OTHER_SIDES:
            seen = self._seen(colour, side)
            more = self._mirrored(seen, resampled(told, self._grid(seen)))
            scores = scores + F.interpolate(
                more, scores.shape[-2:], mode="bilinear", align_corners=False
            )
        return scores / (1 + len(OTHER_SIDES))

    def _seen(self, colour: NDArray[Any], short: int) -> Tensor:
        """Lightness (1, 1, H, W) as the network sees it."""
        size = _seen_size((colour.shape[0], colour.shape[1]), short)
        return lab_from_srgb(_reduced(colour, size))[None, :1].to(self.device)

    def _grid(self, seen: Tensor) -> tuple[int, int]:
        patch = self._network.autoencoder.config.patch
        return seen.shape[2] // patch, seen.shape[3] // patch

    def _mirrored(self, seen: Tensor, hints: Tensor) -> Tensor:
        """Logarithms of probabilities, their mean over the picture and a lighter one, and over both
        mirrored."""
        lighter = 100 * (seen / 100).clamp(min=0) ** LIGHTER
        views = [
            self._network(view.flip(-1), hints.flip(-1)).flip(-1)
            if mirrored
            else self._network(view, hints)
            for view in (seen, lighter)
            for mirrored in (False, True)
        ]
        return torch.stack([view.log_softmax(1) for view in views]).mean(0)

    def _decided(self, lightness: Tensor, hints: Tensor, variant: int) -> Tensor:
        """The hints (1, 3, h, w), and what a variant decides for itself.

        The network is told, one after the other at the places it is least certain of, a colour that
        it takes for possible there: so the whole picture follows each choice.
        """
        generator = torch.Generator().manual_seed(variant)
        hints = hints.clone()
        free = 1 - F.max_pool2d(hints[:, :1], 9, 1, 4)
        for _ in range(VARIED_PLACES):
            scores = self._network(lightness, hints)
            spread = F.avg_pool2d(self._network.spread(scores), 5, 1, 2) * free
            row, column = divmod(int(spread.argmax()), spread.shape[-1])
            usual = self._network.mean(scores)[0, :, row, column]
            likely = scores[0, :, row, column].softmax(0)
            likely = likely * ((self._network.centres - usual).norm(dim=1) > WIDEST / 4)
            drawn = int(torch.multinomial(likely.cpu(), 1, generator=generator))
            hints[0, 0, row, column] = 1
            hints[0, 1:, row, column] = self._network.centres[drawn]
            free[..., max(row - 4, 0) : row + 5, max(column - 4, 0) : column + 5] = 0
        return hints


RESTORER = Colorizer


def beyond_toning(lab: Tensor) -> float:
    """Chroma of a picture (3, H, W) that is no function of its lightness, as that of sepia is.

    The root mean square of what is left of a* and b* after a parabola in L* each.
    """
    lightness, chroma = lab[0].flatten() / 100, lab[1:].flatten(1)
    terms = torch.stack([torch.ones_like(lightness), lightness, lightness**2], 1).double()
    fit = torch.linalg.pinv(terms) @ chroma.T.double()
    return float((chroma.T - terms @ fit).square().sum(1).mean().sqrt())


def _within(size: tuple[int, int], side: int) -> tuple[int, int]:
    """A size reduced to a short side, never enlarged."""
    scale = min(1.0, side / min(size), 4 * side / max(size))
    return max(round(size[0] * scale), 1), max(round(size[1] * scale), 1)


def _seen_size(size: tuple[int, int], short: int) -> tuple[int, int]:
    """Of what the network sees: multiples of 32, near the proportions of the picture."""
    scale = short / min(size)
    height, width = (min(round(side * scale / 32) * 32, LONGEST * short) for side in size)
    return height, width


def _reduced(colour: NDArray[Any], size: tuple[int, int]) -> Tensor:
    """(3, h, w) float32 in [0, 1] of (H, W) or (H, W, 3)."""
    smaller = size[0] * size[1] < colour.shape[0] * colour.shape[1]
    method = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    small = to_unit(cv2.resize(np.ascontiguousarray(colour), size[::-1], interpolation=method))
    if small.ndim == 2:
        small = np.repeat(small[..., None], 3, 2)
    return torch.from_numpy(small.copy()).permute(2, 0, 1)


def _lightness(colour: NDArray[Any]) -> Tensor:
    """L* (H, W) of the whole picture."""
    if colour.ndim == 2 and colour.dtype != np.float32:  # far fewer values than pixels
        values = np.arange(np.iinfo(colour.dtype).max + 1, dtype=colour.dtype)
        table = _band_lab(values[None])[0, 0].numpy()
        return torch.from_numpy(table[colour])
    lightness = torch.empty(colour.shape[:2])
    for top in range(0, len(colour), BAND):
        lightness[top : top + BAND] = _band_lab(colour[top : top + BAND])[0]
    return lightness


def _band_lab(band: NDArray[Any]) -> Tensor:
    unit = to_unit(band)
    if unit.ndim == 2:
        unit = np.repeat(unit[..., None], 3, 2)
    return lab_from_srgb(torch.from_numpy(unit).permute(2, 0, 1))


def _paint(
    colour: NDArray[Any],
    lightness: Tensor,
    chroma: ChromaMap,
    strength: float,
    on_progress: OnProgress | None,
) -> NDArray[Any]:
    """(H, W, 3) of the picture's type: its lightness, with the chroma mixed in by strength."""
    painted = np.empty((*colour.shape[:2], 3), colour.dtype)
    for top in range(0, len(colour), BAND):
        band = lightness[top : top + BAND]
        ab = chroma.rows(top, band)
        if strength < 1:
            own = _band_lab(colour[top : top + BAND])[1:]
            ab = torch.lerp(own, ab, strength)
        rgb = within_gamut(torch.cat([band[None], ab]))
        painted[top : top + BAND] = from_unit(rgb.permute(1, 2, 0).numpy(), colour.dtype)
        if on_progress:
            on_progress(min(top + BAND, len(colour)) / len(colour))
    return painted
