"""The bench of the colorize task: colour photos that are made gray, without hints and with some.

The gray picture has the lightness (L*) of the original, in 8 bits. A hint is a random place with
the mean colour of the 7 x 7 pixels around it, as in Zhang et al. (SIGGRAPH 2017); the places
depend on the name of the file alone, and few hints are the first ones of many.

PSNR is that of RGB in 8 bits, the gain is over the gray copy, CIEDE2000 the mean over pixels; all
are averaged over pictures. Colourfulness is that of Hasler and Suesstrunk, averaged over pictures,
relative to that of the originals.
"""

from __future__ import annotations

import statistics
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from restore.arrays import from_unit
from restore.bench.measure import Bench, Case, pictures_in, psnr_of, read_rgb
from restore.colour import ciede2000, lab_from_srgb, srgb_from_lab
from restore.metrics import colourfulness
from restore.tasks.colorize import Colorizer
from restore.tasks.options import Hint

ByteArray = NDArray[np.uint8]
HINT_COUNTS = (0, 1, 10, 50)
_CELL, _GAP, _FOOT = 240, 6, 24
_PAPER, _INK = (24, 24, 26), (230, 230, 230)


class Gray(NamedTuple):
    """A photo made gray, and what it was."""

    gray: ByteArray
    """(H, W)"""
    original: ByteArray
    """(H, W, 3)"""
    hints: list[Hint]
    usual: float
    """Mean colourfulness of all the originals."""


def bench(colorizers: list[Colorizer], cases: list[Case[Gray]]) -> Bench[Gray]:
    """The gray copy and the colorizers."""
    own = {colorizer.card.name: _own(colorizer) for colorizer in colorizers}
    noise = np.random.default_rng(0).integers(0, 256, (1000, 1000, 3), np.uint8)
    return Bench(
        cases,
        {"gray copy": lambda sample: np.repeat(sample.gray[..., None], 3, 2), **own},
        _metrics,
        Gray(noise[..., 0], noise, [], 1),
    )


def cases(folder: Path, limit: int | None = None) -> list[Case[Gray]]:
    """No hint, 1, 10 and 50 of them."""
    files = pictures_in(folder)[:limit]
    usual = statistics.fmean(
        float(colourfulness(torch.from_numpy(read_rgb(path)).permute(2, 0, 1)[None]))
        for path in files
    )

    def samples(count: int) -> Iterator[Gray]:
        for path in files:
            original = _read(path)
            yield Gray(gray_of(original), original, _hints(path, original, count), usual)

    names = {0: "automatic", 1: "1 hint"}
    return [
        Case(names.get(count, f"{count} hints"), lambda count=count: samples(count))  # type: ignore[misc]
        for count in HINT_COUNTS
    ]


def gray_of(original: ByteArray) -> ByteArray:
    """(H, W): the gray of the same lightness as a picture (H, W, 3)."""
    lightness = lab_from_srgb(_tensor(original))[:1]
    neutral = torch.cat([lightness, torch.zeros_like(lightness), torch.zeros_like(lightness)])
    gray: ByteArray = from_unit(srgb_from_lab(neutral)[1].numpy(), np.dtype(np.uint8))
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


def colour_sheet(colorizer: Colorizer, files: Sequence[Path]) -> Image.Image:
    """A row per photo: original, gray, automatic and with ten random hints; below it CIEDE2000."""
    font = ImageFont.load_default(13)
    rows = []
    for path in files:
        original = _read(path)
        gray = gray_of(original)
        guesses = [colorizer(gray), colorizer(gray, _hints(path, original, 10))]
        pictures = [original, np.repeat(gray[..., None], 3, 2), *guesses]
        images = [Image.fromarray(picture) for picture in pictures]
        for image in images:
            image.thumbnail((_CELL, _CELL), Image.Resampling.LANCZOS)
        row = Image.new("RGB", (4 * (_CELL + _GAP), images[0].height + _FOOT), _PAPER)
        for column, image in enumerate(images):
            row.paste(image, (column * (_CELL + _GAP), 0))
        off = [difference(picture, original) for picture in pictures[1:]]
        text = f"{path.name}: gray {off[0]:.1f}, automatic {off[1]:.1f}, 10 hints {off[2]:.1f}"
        ImageDraw.Draw(row).text((2, images[0].height + 3), text, _INK, font)
        rows.append(row)
    sheet = Image.new("RGB", (rows[0].width, sum(row.height for row in rows)), _PAPER)
    top = 0
    for row in rows:
        sheet.paste(row, (0, top))
        top += row.height
    return sheet


def difference(result: ByteArray, original: ByteArray) -> float:
    """Mean CIEDE2000 between two pictures (H, W, 3)."""
    one, other = (lab_from_srgb(_tensor(picture)) for picture in (result, original))
    return float(ciede2000(one, other).mean())


def _own(colorizer: Colorizer) -> Callable[[Gray], ByteArray]:
    return lambda sample: colorizer(sample.gray, sample.hints)


def _metrics(result: ByteArray, sample: Gray) -> dict[str, float]:
    psnr = psnr_of(result / 255, sample.original / 255)
    copy = np.repeat(sample.gray[..., None], 3, 2)
    return {
        "PSNR": psnr,
        "gain": psnr - psnr_of(copy / 255, sample.original / 255),
        "CIEDE2000": difference(result, sample.original),
        "colourfulness": float(colourfulness(_tensor(result)[None])) / sample.usual,
    }


def _hints(path: Path, original: ByteArray, count: int) -> list[Hint]:
    return random_hints(original, count, zlib.crc32(path.name.encode(errors="surrogatepass")))


def _read(path: Path) -> ByteArray:
    picture: ByteArray = from_unit(read_rgb(path), np.dtype(np.uint8))
    return picture


def _tensor(picture: ByteArray) -> Tensor:
    return torch.from_numpy(picture.copy()).permute(2, 0, 1) / 255
