"""Measures colorizers: on colour photos that are made gray, without hints and with random ones.

The gray picture has the lightness (L*) of the original in 8 bits. A hint is a random place with the
mean colour of the 7 x 7 pixels around it, as in Zhang et al. (SIGGRAPH 2017); the places depend on
the name of the file alone, and the first of many hints are those of the case with few.
"""

from __future__ import annotations

import statistics
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from restore.arrays import from_unit
from restore.bench import pictures_of, rgb_of
from restore.colour import ciede2000, lab_from_srgb, srgb_from_lab
from restore.metrics import colourfulness, psnr
from restore.tasks.colorize import Colorizer
from restore.tasks.options import Hint

ByteArray = NDArray[np.uint8]
HINT_COUNTS = (1, 10, 50)
AUTOMATIC = "automatic"
Report = Callable[[str, dict[str, float]], None]
"""Called with a case and its measures as soon as they are known."""


def gray_of(original: ByteArray) -> ByteArray:
    """(H, W): the gray of the same lightness as a picture (H, W, 3)."""
    lab = lab_from_srgb(_tensor(original))
    neutral = srgb_from_lab(lab * lab.new_tensor([1, 0, 0]).view(3, 1, 1))
    gray: ByteArray = from_unit(neutral[1].numpy(), np.dtype(np.uint8))
    return gray


def random_hints(original: ByteArray, count: int, seed: int) -> list[Hint]:
    """Places drawn evenly, each with the mean colour of the 7 x 7 pixels around it."""
    height, width = original.shape[:2]
    hints: list[Hint] = []
    for down, right in np.random.default_rng(seed).random((count, 2)):
        y, x = int(down * height), int(right * width)
        window = original[max(y - 3, 0) : y + 4, max(x - 3, 0) : x + 4]
        red, green, blue = (round(float(value)) for value in window.mean((0, 1)))
        hints.append((x, y, (red, green, blue)))
    return hints


def measure_colorizer(
    colorizer: Colorizer, folder: Path, *, limit: int | None = None, report: Report | None = None
) -> dict[str, dict[str, float]]:
    """Case -> measure -> value over the pictures of a folder.

    The cases are `gray copy`, `automatic` and so many hints; the measures `psnr_db` (RGB in 8 bits,
    mean over pictures), `ciede2000` (mean over pixels, then over pictures) and `colourfulness`
    (Hasler and Suesstrunk; the mean over pictures relative to that of the originals).

    Raises:
        UnreadableImage: no pictures there, or one can't be read.
    """
    files = pictures_of(folder)[:limit]
    cases: dict[str, Callable[[Path, ByteArray, ByteArray], ByteArray]] = {
        "gray copy": lambda path, original, gray: np.repeat(gray[..., None], 3, 2),
        AUTOMATIC: lambda path, original, gray: colorizer(gray),
    }
    for count in HINT_COUNTS:
        cases[_name(count)] = lambda path, original, gray, count=count: colorizer(
            gray, random_hints(original, count, zlib.crc32(path.name.encode()))
        )
    scores = {}
    for name, method in cases.items():
        rows = []
        for path in files:
            original = _bytes(path)
            rows.append(_compare(method(path, original, gray_of(original)), original))
        columns = list(zip(*rows, strict=True))
        scores[name] = {
            "psnr_db": round(statistics.fmean(columns[0]), 3),
            "ciede2000": round(statistics.fmean(columns[1]), 3),
            "colourfulness": round(sum(columns[2]) / max(sum(columns[3]), 1e-9), 3),
        }
        if report:
            report(name, scores[name])
    return scores


def _name(count: int) -> str:
    return f"{count} hint{'s' if count > 1 else ''}"


def _compare(result: ByteArray, original: ByteArray) -> tuple[float, float, float, float]:
    one, other = _tensor(result), _tensor(original)
    return (
        float(psnr(one[None], other[None])),
        difference(result, original),
        float(colourfulness(one[None])),
        float(colourfulness(other[None])),
    )


def difference(result: ByteArray, original: ByteArray) -> float:
    """Mean CIEDE2000 between two pictures (H, W, 3)."""
    labs = [lab_from_srgb(_tensor(picture).double()) for picture in (result, original)]
    return float(ciede2000(*labs).mean())


def colour_sheet(
    colorizer: Colorizer, files: Sequence[Path], *, cell: int = 240, hints: int = 10
) -> Image.Image:
    """One row per photo: original, gray, automatic, with random hints; and how far they are off."""
    font = ImageFont.load_default(13)
    rows = []
    for path in files:
        original = _bytes(path)
        gray = gray_of(original)
        told = random_hints(original, hints, zlib.crc32(path.name.encode()))
        cells = [original, np.repeat(gray[..., None], 3, 2), colorizer(gray), colorizer(gray, told)]
        images = [Image.fromarray(picture) for picture in cells]
        for image in images:
            image.thumbnail((cell, cell), Image.Resampling.LANCZOS)
        row = Image.new("RGB", (4 * (cell + 6), images[0].height + 24), (24, 24, 26))
        for column, image in enumerate(images):
            row.paste(image, (column * (cell + 6), 0))
        off = [difference(picture, original) for picture in cells[1:]]
        text = f"{path.name}   dE gray {off[0]:.1f}, automatic {off[1]:.1f}, hints {off[2]:.1f}"
        ImageDraw.Draw(row).text((2, images[0].height + 3), text, (230, 230, 230), font)
        rows.append(row)
    sheet = Image.new("RGB", (rows[0].width, sum(row.height for row in rows)), (24, 24, 26))
    top = 0
    for row in rows:
        sheet.paste(row, (0, top))
        top += row.height
    return sheet


def _bytes(path: Path) -> ByteArray:
    picture: ByteArray = from_unit(rgb_of(path), np.dtype(np.uint8))
    return picture


def _tensor(picture: ByteArray) -> Tensor:
    return torch.from_numpy(picture.copy()).permute(2, 0, 1) / 255
