"""Contact sheets: before and after in one picture, for the eye."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

_CELL = 360
_GAP = 10
_HEAD = 30
_PAPER, _INK = (24, 24, 26), (230, 230, 230)


@dataclass(frozen=True)
class Row:
    """One picture of a sheet."""

    before: NDArray[np.uint8]
    """(H, W, 3)"""
    after: NDArray[np.uint8]
    caption: str


HEADS = ("before", "after", "before, detail", "after, detail")


def contact_sheet(rows: Sequence[Row], heads: Sequence[str] = HEADS) -> Image.Image:
    """Per picture: before and after as a whole, and where it has most detail, pixel by pixel."""
    width = len(heads) * (_CELL + _GAP) + _GAP
    heights = [min(_CELL, round(_CELL * row.before.shape[0] / row.before.shape[1])) for row in rows]
    heights = [max(height, _CELL * 2 // 3) for height in heights]
    total = sum(height + _HEAD + _GAP for height in heights) + _HEAD
    sheet = Image.new("RGB", (width, total), _PAPER)
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(15)
    for column, head in enumerate(heads):
        draw.text((_GAP + column * (_CELL + _GAP), 8), head, fill=_INK, font=font)
    top = _HEAD
    for row, height in zip(rows, heights, strict=True):
        y, x = _busiest(row.after, height // 2, _CELL // 2)
        cells = [
            _fitted(row.before, height),
            _fitted(row.after, height),
            *(
                _doubled(picture[y : y + height // 2, x : x + _CELL // 2])
                for picture in (row.before, row.after)
            ),
        ]
        for column, cell in enumerate(cells):
            left = _GAP + column * (_CELL + _GAP)
            sheet.paste(cell, (left + (_CELL - cell.width) // 2, top))
        draw.text((_GAP, top + height + 6), row.caption, fill=_INK, font=font)
        top += height + _HEAD + _GAP
    return sheet


def _fitted(picture: NDArray[Any], height: int) -> Image.Image:
    image = Image.fromarray(picture)
    image.thumbnail((_CELL, height), Image.Resampling.LANCZOS)
    return image


def _doubled(picture: NDArray[Any]) -> Image.Image:
    image = Image.fromarray(np.ascontiguousarray(picture))
    return image.resize((image.width * 2, image.height * 2), Image.Resampling.NEAREST)


def _busiest(picture: NDArray[Any], height: int, width: int) -> tuple[int, int]:
    """Upper left corner of the window in which neighbouring pixels differ most."""
    gray = picture.astype(np.float32).mean(2)
    change = np.abs(np.diff(gray, axis=0, prepend=gray[:1]))
    change += np.abs(np.diff(gray, axis=1, prepend=gray[:, :1]))
    places = [
        (y, x)
        for y in range(0, max(gray.shape[0] - height, 0) + 1, max(height // 4, 1))
        for x in range(0, max(gray.shape[1] - width, 0) + 1, max(width // 4, 1))
    ]
    return max(places, key=lambda at: change[at[0] : at[0] + height, at[1] : at[1] + width].sum())
