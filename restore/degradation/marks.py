"""Marks to stamp onto pictures: logos from files, and text rendered in the fonts there are."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from torch import Tensor

from restore.errors import TrainingError

SIDE = 256
"""Longest side of a mark in the bank."""

SUFFIXES = {".png", ".webp"}
"""Of files that can hold a mark with its transparency."""

_WORDS = (
    "SAMPLE", "PROOF", "Preview", "DRAFT", "Copyright", "do not copy", "watermark", "STUDIO",
    "Photo", "Archive", "stock", "www.example.com", "all rights reserved", "Press Agency",
    "Museum", "family", "Holiday 1998", "LIVE", "Fotograf", "Bildarchiv", "épreuve", "muestra",
    "образец", "фото", "архив", "δείγμα", "αρχείο", "样本", "图片社", "版权所有", "見本", "写真館",
    "견본", "사진", "עותק", "צילום", "عينة", "صورة", "नमूना", "चित्र", "ตัวอย่าง",
)  # fmt: skip
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789&@#-."
_SYMBOLS = ((0x2190, 0x24FF), (0x25A0, 0x2BFF), (0x1F300, 0x1FAFF), (0x4E00, 0x9FFF))
"""First and last of the characters that are drawn rather than written, or look so from afar."""
_SEGMENTS = ("dseg", "digital", "lcd")
"""How the names of fonts begin whose digits are of segments, as those that cameras print."""
_STAMP_COLOURS = ((255, 140, 20), (255, 90, 30), (255, 200, 60), (250, 60, 40), (255, 255, 255))

Kind = Literal["date", "symbol", "words"]
TRIES = 60
"""Fonts that are asked for a symbol before another one is tried."""


@dataclass(frozen=True)
class MarkBank:
    """Marks on one canvas each, as premultiplied RGBA, in three sizes so that none is aliased."""

    levels: tuple[Tensor, ...]
    """(N, 4, S, S) float16 in [0, 1]: full, half and quarter size."""
    sizes: Tensor
    """(N, 2) int64: height and width of each mark, in the middle of the full-size canvas."""
    dates: Tensor
    """(N,) bool: which of them are dates as cameras print them."""
    drawn: Tensor
    """(N,) bool: which are logos or symbols, and are varied: mirrored, outlined, cut out."""

    def __len__(self) -> int:
        return len(self.sizes)

    def split(self, every: int) -> tuple[MarkBank, MarkBank]:
        """All marks but every `every`-th one, and those."""
        chosen = torch.arange(len(self)) % every == every - 1
        return tuple(  # type: ignore[return-value]
            MarkBank(
                tuple(level[part] for level in self.levels),
                self.sizes[part],
                self.dates[part],
                self.drawn[part],
            )
            for part in (~chosen, chosen)
        )


def load_marks(
    logos: Path | Sequence[Path] | None, fonts: Path | None, texts: int, seed: int = 0
) -> MarkBank:
    """A bank of logos, and of rendered text.

    Args:
        logos: folder of pictures with transparency, or their files; None for text alone.
        fonts: folder that is searched for fonts; None for the one that Pillow brings along.
        texts: number of text marks.

    Raises:
        TrainingError: the folder of logos holds none.
    """
    draw = random.Random(seed)
    marks = [(mark, "symbol") for mark in _logos(logos, draw)]
    marks += _texts(fonts, texts, draw)
    if not marks:
        raise TrainingError("no marks to learn from: give a folder of logos, or a number of texts")
    canvas = np.zeros((len(marks), 4, SIDE, SIDE), np.float16)
    sizes = np.zeros((len(marks), 2), np.int64)
    for index, (mark, _) in enumerate(marks):
        height, width = mark.shape[:2]
        top, left = (SIDE - height) // 2, (SIDE - width) // 2
        alpha = mark[..., 3:].astype(np.float32) / 255
        premultiplied = np.dstack([mark[..., :3] / np.float32(255) * alpha, alpha])
        canvas[index, :, top : top + height, left : left + width] = premultiplied.transpose(2, 0, 1)
        sizes[index] = height, width
    full = torch.from_numpy(canvas)
    half = torch.nn.functional.avg_pool2d(full, 2)
    quarter = torch.nn.functional.avg_pool2d(half, 2)
    dates, drawn = (
        torch.tensor([kind == wanted for _, kind in marks]) for wanted in ("date", "symbol")
    )
    return MarkBank((full, half, quarter), torch.from_numpy(sizes), dates, drawn)


def _logos(logos: Path | Sequence[Path] | None, draw: random.Random) -> Iterator[NDArray[np.uint8]]:
    if logos is None:
        return
    if isinstance(logos, Path):
        files = sorted(path for path in logos.iterdir() if path.suffix.lower() in SUFFIXES)
        if not files:
            raise TrainingError(
                f"{logos}: no logos there; PNG or WebP with transparency are wanted"
            )
    else:
        files = list(logos)
    for path in files:
        with Image.open(path) as image:
            yield _finish(image.convert("RGBA"), draw)


def _texts(
    folder: Path | None, count: int, draw: random.Random
) -> Iterator[tuple[NDArray[np.uint8], Kind]]:
    """Texts, and what each is."""
    fonts = sorted(
        path
        for path in (folder.rglob("*") if folder else ())
        if path.suffix.lower() in {".ttf", ".otf", ".ttc"}
    )
    digits = [path for path in fonts if path.name.lower().startswith(_SEGMENTS)]
    fonts = [path for path in fonts if path not in digits]
    made = 0
    while made < count:
        text, kind = _text(draw)
        segments = digits and kind == "date" and draw.random() < 0.5
        # Few fonts have a given symbol.
        for _ in range(TRIES if fonts and kind == "symbol" else 1):
            font = _font(digits if segments else fonts, draw)
            if _can_write(font, text):
                made += 1
                yield _finish(_render(text, font, kind == "date", draw), draw), kind
                break


def _text(draw: random.Random) -> tuple[str, Kind]:
    """What a mark says: the date that a camera prints, a symbol or two, or words."""
    kind = draw.random()
    if kind < 0.2:
        day, month, year = draw.randint(1, 28), draw.randint(1, 12), draw.randint(1980, 2024)
        forms = (
            f"{day:02}.{month:02}.{year}", f"'{year % 100:02} {month} {day}",
            f"{year}/{month:02}/{day:02}", f"{month}-{day}-{year % 100:02}",
            f"{day:02} {month:02} '{year % 100:02}", f"{year}.{month:02}.{day:02} 1{day % 10}:45",
        )  # fmt: skip
        return draw.choice(forms), "date"
    if kind < 0.45:
        span = draw.choice(_SYMBOLS)
        return "".join(chr(draw.randint(*span)) for _ in range(draw.choice((1, 1, 2)))), "symbol"
    if kind < 0.75:
        text = draw.choice(_WORDS)
        if draw.random() < 0.3:
            text = f"© {draw.randint(1990, 2024)} {text}"
        return (text.upper() if draw.random() < 0.3 else text), "words"
    letters = "".join(draw.choice(_LETTERS) for _ in range(draw.randint(1, 12)))
    if draw.random() < 0.3:
        letters = f"{letters}\n{draw.choice(_WORDS)}"
    return letters, "words"


def _font(fonts: list[Path], draw: random.Random) -> ImageFont.FreeTypeFont:
    size = draw.randint(32, 96)
    if fonts:
        return ImageFont.truetype(draw.choice(fonts), size)
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont)
    return font


def _can_write(font: ImageFont.FreeTypeFont, text: str) -> bool:
    """Whether every character has a shape of its own in the font, not the box for missing ones."""
    try:
        missing = bytes(font.getmask("\U0010fffe"))
        shapes = (bytes(font.getmask(letter)) for letter in set(text) - {" ", "\n"})
        return all(shape != missing and any(shape) for shape in shapes)
    except OSError:  # a broken or bitmap font
        return False


def _render(
    text: str, font: ImageFont.FreeTypeFont, stamp: bool, draw: random.Random
) -> Image.Image:
    """Text as RGBA: plain, outlined, hollow or framed; dates glow a little."""
    colour = draw.choice(_STAMP_COLOURS) if stamp else (255, 255, 255)
    stroke = draw.choice((1, 2, 3)) if draw.random() < 0.25 else 0
    probe = ImageDraw.Draw(Image.new("L", (1, 1)))
    left, top, right, bottom = probe.multiline_textbbox(
        (0, 0), text, font=font, stroke_width=stroke
    )
    pad = 12
    size = (int(right - left) + 2 * pad + 1, int(bottom - top) + 2 * pad + 1)
    if max(size) > 4096:
        size = (min(size[0], 4096), min(size[1], 4096))
    image = Image.new("RGBA", size, (*colour, 0))
    canvas = ImageDraw.Draw(image)
    edge = draw.choice(((0, 0, 0, 255), (40, 40, 40, 255), (255, 255, 255, 255)))
    canvas.multiline_text(
        (pad - left, pad - top), text, font=font, fill=(*colour, 255),
        stroke_width=stroke, stroke_fill=edge if stroke else None,
    )  # fmt: skip
    if stroke and draw.random() < 0.3:  # hollow letters
        inside = Image.new("L", size, 0)
        ImageDraw.Draw(inside).multiline_text((pad - left, pad - top), text, font=font, fill=255)
        image.putalpha(Image.composite(Image.new("L", size, 0), image.getchannel("A"), inside))
    if not stamp and draw.random() < 0.12:
        canvas.rectangle((2, 2, size[0] - 3, size[1] - 3), outline=(*colour, 255), width=3)
    if stamp:
        glow = image.getchannel("A").filter(ImageFilter.GaussianBlur(draw.uniform(0.5, 3)))
        image = Image.merge("RGBA", (*Image.new("RGB", size, colour).split(), glow))
    return image


def _finish(image: Image.Image, draw: random.Random) -> NDArray[np.uint8]:
    """Cut to what can be seen, some with a shadow, the longest side SIDE."""
    if draw.random() < 0.15:
        reach = draw.randint(1, 6)
        alpha = image.getchannel("A").filter(ImageFilter.GaussianBlur(draw.uniform(0.5, 4)))
        dark = Image.new("RGBA", image.size, (0, 0, 0, 0))
        dark.paste(Image.new("RGBA", image.size, (0, 0, 0, 255)), (reach, reach), alpha)
        image = Image.alpha_composite(dark, image)
    box = image.getchannel("A").point(lambda value: 255 if value > 8 else 0).getbbox()
    image = image.crop(box or (0, 0, 1, 1))
    scale = SIDE / max(image.size)
    size = (max(round(image.width * scale), 1), max(round(image.height * scale), 1))
    return np.asarray(image.resize(size, Image.Resampling.LANCZOS))
