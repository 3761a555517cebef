"""From the pyramids of a document to what one pane shows, in pixels of the screen."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColorSpace, QImage

from restore.gui.model.document import Document
from restore.gui.model.pyramid import Pixels, Pyramid
from restore.gui.model.view import ViewState

NEAREST_FROM = 2.0
"""From this scale on, pixels are shown as squares."""
DIFFERENCE_GAIN = 4.0


@dataclass(frozen=True)
class Patch:
    """The part of a picture that a pane shows, and its place there."""

    x: int
    y: int
    pixels: Pixels
    """(h, w, 3) or (h, w, 4)."""

    def image(self, space: QColorSpace | None = None) -> QImage:
        """As Qt draws it; converted to sRGB from the space that the file is in."""
        pixels = np.ascontiguousarray(self.pixels)
        height, width, channels = pixels.shape
        kind = QImage.Format.Format_RGBA8888 if channels == 4 else QImage.Format.Format_RGB888
        image = QImage(pixels.data, width, height, width * channels, kind).copy()
        if space is not None:
            image.setColorSpace(space)
            image.convertToColorSpace(QColorSpace(QColorSpace.NamedColorSpace.SRgb))
        return image


@dataclass(frozen=True)
class _Cut:
    """How a level of a pyramid is cut and stretched for a pane."""

    level: int
    rows: slice
    columns: slice
    place: tuple[int, int, int, int]
    """x, y, width, height in the pane."""
    scale: float
    """Pixels of the screen per pixel of the level."""
    origin: tuple[float, float]
    """Where the corner of the level is in the pane."""

    def of(self, pyramid: Pyramid) -> Pixels:
        return pyramid.levels[self.level][self.rows, self.columns]

    def stretched(self, part: Pixels) -> Pixels:
        """A part that was cut out, with a pixel for each pixel of the screen."""
        x, y, width, height = self.place
        left = x - self.origin[0] - self.columns.start * self.scale
        top = y - self.origin[1] - self.rows.start * self.scale
        if self.scale >= NEAREST_FROM:
            columns = (np.arange(width) + 0.5 + left) / self.scale
            rows = (np.arange(height) + 0.5 + top) / self.scale
            column = np.clip(columns.astype(int), 0, part.shape[1] - 1)
            row = np.clip(rows.astype(int), 0, part.shape[0] - 1)
            return np.ascontiguousarray(part[row[:, None], column[None]])
        step = 1 / self.scale
        matrix = np.array(
            [
                [step, 0, (0.5 + left) * step - 0.5],
                [0, step, (0.5 + top) * step - 0.5],
            ]
        )
        if self.scale == 1 and left == int(left) and top == int(top):
            return part[int(top) : int(top) + height, int(left) : int(left) + width]
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        stretched: NDArray[np.uint8] = cv2.warpAffine(  # type: ignore[assignment]
            part, matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE
        )
        return stretched


def cut(pyramid: Pyramid, view: ViewState) -> _Cut | None:
    """What a pane shows of a pyramid; None if nothing of it."""
    height, width = pyramid.size
    left, top = view.origin
    x0, y0 = max(left, 0), max(top, 0)
    x1 = min(left + max(round(width * view.scale), 1), view.pane[1])
    y1 = min(top + max(round(height * view.scale), 1), view.pane[0])
    if x1 <= x0 or y1 <= y0:
        return None
    level = pyramid.level_for(view.scale)
    factor = view.scale * 2**level
    rows, columns = pyramid.levels[level].shape[:2]
    return _Cut(
        level,
        slice(max(int((y0 - top) / factor) - 2, 0), min(int((y1 - top) / factor) + 3, rows)),
        slice(max(int((x0 - left) / factor) - 2, 0), min(int((x1 - left) / factor) + 3, columns)),
        (x0, y0, x1 - x0, y1 - y0),
        factor,
        (left, top),
    )


def blended(document: Document, place: _Cut, strength: float) -> Pixels:
    """The result at a strength, cut out: no model is asked for this."""
    base = place.of(document.base or document.source)
    if document.raw is None:
        return base
    raw = place.of(document.raw)
    if base.shape != raw.shape:
        base = base[..., : raw.shape[2]]
    mixed: Pixels = cv2.addWeighted(base, 1 - strength, raw, strength, 0)  # type: ignore[assignment]
    return mixed


def before(document: Document, view: ViewState) -> Patch | None:
    place = cut(document.source, view)
    if place is None:
        return None
    return Patch(*place.place[:2], place.stretched(place.of(document.source)))


def after(document: Document, view: ViewState, strength: float) -> Patch | None:
    place = cut(document.source, view)
    if place is None:
        return None
    return Patch(*place.place[:2], place.stretched(blended(document, place, strength)))


def difference(document: Document, view: ViewState, strength: float) -> Patch | None:
    """What the steps change, in the middle of gray, several times as strong as it is."""
    place = cut(document.source, view)
    if place is None:
        return None
    source = place.of(document.source)[..., :3]
    result = blended(document, place, strength)[..., :3]
    shown: Pixels = cv2.addWeighted(source, DIFFERENCE_GAIN, result, -DIFFERENCE_GAIN, 128)  # type: ignore[assignment]
    return Patch(*place.place[:2], place.stretched(shown))


def tinted(
    pyramid: Pyramid, view: ViewState, colour: tuple[int, int, int], opacity: float
) -> Patch | None:
    """A mask (H, W) as a colour over the picture."""
    place = cut(pyramid, view)
    if place is None:
        return None
    alpha = place.stretched(place.of(pyramid))
    pixels = np.empty((*alpha.shape, 4), np.uint8)
    pixels[..., :3] = colour
    pixels[..., 3] = cv2.convertScaleAbs(alpha, alpha=opacity)
    return Patch(*place.place[:2], pixels)


def colour_space(icc: bytes | None) -> QColorSpace | None:
    """The space of a profile, if pixels must be converted for a screen of sRGB."""
    if not icc:
        return None
    space = QColorSpace.fromIccProfile(icc)
    if not space.isValid() or space == QColorSpace(QColorSpace.NamedColorSpace.SRgb):
        return None
    is_rgb = getattr(space, "colorModel", lambda: QColorSpace.ColorModel.Rgb)()
    if is_rgb != QColorSpace.ColorModel.Rgb or "srgb" in space.description().lower():
        return None
    return space
