"""The bench of the dewatermark task: marks laid over clean photos, and photos without any.

Logos follow the protocol of CLWD (Liu et al., "WDNet", WACV 2021): photos resized to 256x256, a
logo turned by any angle, height and width each drawn from 10 to 256 pixels, anywhere, its opacity
from 0.3 to 0.7; a pixel is marked where its channels change by more than 15 together. Text, dates
and tiles are rendered in the font that Pillow brings along, on photos of their own size. Stamps are
dates that hide all below them, and who is told of them is told of a rectangle around them.

Pictures that people have went through JPEG once they were marked, and marks lose more by that than
one sees. So all but the first case do, logos again among them. The photo without its mark does as
well: what is asked for is the file as it would be without.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from restore.bench.measure import Bench, Case, pictures_in, psnr_of
from restore.errors import UnreadableImage
from restore.tasks.dewatermark import Dewatermarker
from restore.tasks.dewatermark_mask import found_mask

VISIBLE = 15
OPACITY = 0.3, 0.7
QUALITY = 75, 95
"""Of JPEG, from 1 to 100. Chroma is halved."""
_RIM = 1
"""Pixels by which masks are wider than what changed visibly: else, with Telea, the rim of the mark
is taken for the surroundings and spreads inwards."""
BEYOND = 0.02
"""How far a rectangle over a stamp goes beyond it, as a share of the photo's short side."""


class Sample(NamedTuple):
    marked: NDArray[np.uint8]
    """(H, W, 3)"""
    clean: NDArray[np.uint8]
    mask: NDArray[np.bool_]
    """(H, W): what changed visibly."""
    painted: NDArray[np.bool_]
    """(H, W): what a user paints who sees it."""


class Answer(NamedTuple):
    """What a method made of a sample; no mask where it did not look for one."""

    restored: NDArray[np.uint8]
    mask: NDArray[np.bool_] | None = None


def bench(
    dewatermarkers: list[Dewatermarker], cases: list[Case[Sample]], baselines: bool
) -> Bench[Sample]:
    """The marked input, OpenCV's inpainting with the true mask if wanted, and the models."""
    methods: dict[str, Callable[[Sample], Answer]] = {
        "marked input": lambda sample: Answer(sample.marked),
    }
    if baselines:
        methods["Telea, true mask"] = _telea
    for each in dewatermarkers:
        methods[each.card.name] = _own(each)
    for each in dewatermarkers:
        methods[f"{each.card.name}, mask given"] = _told(each)
    draw = np.random.default_rng(0)
    photo = Image.fromarray(draw.integers(0, 256, (50, 50, 3), np.uint8)).resize((1000, 1000))
    return Bench(cases, methods, _metrics, _marked(photo, _tiled(photo.size, draw), draw))


def cases(photos: Path, logos: Path | None, limit: int | None = None) -> list[Case[Sample]]:
    """Logos (if a folder of them is given), text, dates, stamps, tiles and nothing over every
    photo."""
    files = pictures_in(photos)[:limit]

    def samples(
        mark: Mark,
        side: int | None,
        seed: int,
        *,
        solid: bool = False,
        packed: bool = True,
    ) -> Callable[[], Iterator[Sample]]:
        def make() -> Iterator[Sample]:
            for number, path in enumerate(files):
                draw = np.random.default_rng([seed, number])
                with Image.open(path) as image:
                    photo = image.convert("RGB")
                if side:
                    photo = photo.resize((side, side), Image.Resampling.BICUBIC)
                sample = _marked(photo, mark(photo.size, draw), draw, solid=solid)
                yield in_jpeg(sample, draw) if packed else sample

        return make

    found = [
        Case("text", samples(_text, None, 1)),
        Case("date", samples(_date, None, 2)),
        Case("stamp", samples(_date, None, 5, solid=True)),
        Case("tiled", samples(_tiled, None, 3)),
        Case("unmarked", samples(_nothing, None, 4)),
    ]
    if logos is None:
        return found
    marks = [path for path in sorted(logos.iterdir()) if path.suffix.lower() in {".png", ".webp"}]
    if not marks:
        raise UnreadableImage(f"{logos}: no logos there; PNG or WebP with transparency are wanted")

    logo = logo_of(marks)
    protocol = Case("logo", samples(logo, 256, 0, packed=False))
    return [protocol, Case("logo in JPEG", samples(logo, 256, 0)), *found]


Mark = Callable[[tuple[int, int], np.random.Generator], Image.Image]
"""From the size (width, height) of a photo to an RGBA layer as large, of full opacity."""


def logo_of(files: list[Path]) -> Mark:
    """One of these logos, as CLWD lays them."""

    def logo(size: tuple[int, int], draw: np.random.Generator) -> Image.Image:
        with Image.open(files[int(draw.integers(len(files)))]) as image:
            mark = image.convert("RGBA").rotate(int(draw.integers(360)), expand=True)
        mark = mark.resize((int(draw.integers(10, 257)), int(draw.integers(10, 257))))
        left = int(draw.integers(size[0] - mark.width + 1))
        top = int(draw.integers(size[1] - mark.height + 1))
        return _placed(mark, size, (left, top))

    return logo


def _marked(
    photo: Image.Image, layer: Image.Image, draw: np.random.Generator, *, solid: bool = False
) -> Sample:
    """
    Args:
        solid: the mark is opaque, and users paint a rectangle over it; else they follow its shape.
    """
    clean = np.asarray(photo)
    rgba = np.asarray(layer, np.float64)
    matte = rgba[..., 3:] / 255 * (1 if solid else draw.uniform(*OPACITY))
    marked = np.rint(clean * (1 - matte) + rgba[..., :3] * matte).astype(np.uint8)
    mask = np.abs(marked.astype(int) - clean).sum(2) > VISIBLE
    painted = _wider(mask, _RIM)
    if solid and mask.any():
        rows, columns = (np.flatnonzero(mask.any(axis)) for axis in (1, 0))
        painted[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] = True
        painted = _wider(painted, round(BEYOND * min(photo.size)))
    return Sample(marked, clean, mask, painted)


def in_jpeg(sample: Sample, draw: np.random.Generator) -> Sample:
    """The sample as it comes back from a file."""
    quality = int(draw.integers(QUALITY[0], QUALITY[1] + 1))

    def saved(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        file = BytesIO()
        Image.fromarray(picture).save(file, "JPEG", quality=quality, subsampling="4:2:0")
        with Image.open(file) as image:
            return np.asarray(image)

    return sample._replace(marked=saved(sample.marked), clean=saved(sample.clean))


def _wider(mask: NDArray[np.bool_], pixels: int) -> NDArray[np.bool_]:
    kernel = np.ones((2 * pixels + 1, 2 * pixels + 1), np.uint8)
    return cv2.dilate(mask.astype(np.uint8), kernel) > 0


def _placed(mark: Image.Image, size: tuple[int, int], corner: tuple[int, int]) -> Image.Image:
    layer = Image.new("RGBA", size, (0, 0, 0, 0))
    layer.paste(mark, corner)
    return layer


def _line(text: str, height: int, colour: tuple[int, int, int]) -> Image.Image:
    font = ImageFont.load_default(height)
    left, top, right, bottom = font.getbbox(text)
    mark = Image.new("RGBA", (int(right - left) + 5, int(bottom - top) + 5), (*colour, 0))
    ImageDraw.Draw(mark).text((2 - left, 2 - top), text, font=font, fill=(*colour, 255))
    return mark


def _colour(draw: np.random.Generator) -> tuple[int, int, int]:
    """White, black, gray or any."""
    kind = int(draw.integers(4))
    value = (255, 0, int(draw.integers(60, 220)))[kind] if kind < 3 else 0
    red, green, blue = (int(part) for part in draw.integers(0, 256, 3))
    return (red, green, blue) if kind == 3 else (value, value, value)


def _text(size: tuple[int, int], draw: np.random.Generator) -> Image.Image:
    words = ("SAMPLE", "Proof only", "© Lakeside Photo", "do not copy", "PREVIEW 2016", "Atelier 9")
    height = int(min(size) * draw.uniform(0.06, 0.25))
    mark = _line(words[int(draw.integers(len(words)))], max(height, 10), _colour(draw))
    mark = mark.rotate(float(draw.uniform(-45, 45)), expand=True, resample=Image.Resampling.BICUBIC)
    mark.thumbnail(size)
    left = int(draw.integers(size[0] - mark.width + 1))
    top = int(draw.integers(size[1] - mark.height + 1))
    return _placed(mark, size, (left, top))


def _date(size: tuple[int, int], draw: np.random.Generator) -> Image.Image:
    day, month, year = (int(draw.integers(*span)) for span in ((1, 29), (1, 13), (0, 100)))
    mark = _line(f"{day} {month} '{year:02}", max(int(min(size) * 0.055), 9), (255, 140, 20))
    return _placed(mark, size, (size[0] - mark.width - 12, size[1] - mark.height - 12))


def _tiled(size: tuple[int, int], draw: np.random.Generator) -> Image.Image:
    side = 2 * max(size)
    mark = _line("SAMPLE", max(int(min(size) * draw.uniform(0.05, 0.12)), 9), _colour(draw))
    sheet = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    step_x, step_y = int(mark.width * 1.6), int(mark.height * draw.uniform(2, 4))
    for row, y in enumerate(range(0, side, step_y)):
        for x in range(-(row % 2) * step_x // 2, side, step_x):
            sheet.paste(mark, (x, y))
    sheet = sheet.rotate(float(draw.uniform(15, 45)), resample=Image.Resampling.BICUBIC)
    left, top = (side - size[0]) // 2, (side - size[1]) // 2
    return sheet.crop((left, top, left + size[0], top + size[1]))


def _nothing(size: tuple[int, int], draw: np.random.Generator) -> Image.Image:
    return Image.new("RGBA", size, (0, 0, 0, 0))


def _telea(sample: Sample) -> Answer:
    """OpenCV's inpainting (Telea, 2004) where the mark really is."""
    mask = _wider(sample.mask, _RIM).astype(np.uint8)
    restored = cv2.inpaint(sample.marked, mask, 3, cv2.INPAINT_TELEA)
    return Answer(np.asarray(restored, np.uint8))


def _own(dewatermarker: Dewatermarker) -> Callable[[Sample], Answer]:
    def answer(sample: Sample) -> Answer:
        found = dewatermarker.find(sample.marked)
        restored = dewatermarker.take_off(sample.marked, found).array
        return Answer(restored, found_mask(found.coverage, 0.5, rim=False))

    return answer


def _told(dewatermarker: Dewatermarker) -> Callable[[Sample], Answer]:
    return lambda sample: Answer(dewatermarker(sample.marked, sample.painted))


def _metrics(answer: Answer, sample: Sample) -> dict[str, float]:
    """PSNR, SSIM, RMSE within the mask (of 256, as in SLBR), F1 of what is found, and the share of
    pictures without a mark of which no pixel changes."""
    from skimage.metrics import structural_similarity

    restored, clean = answer.restored, sample.clean
    error = ((restored.astype(np.float64) - clean) / 255) ** 2
    marked = float(sample.mask.sum())
    values: dict[str, float] = {
        "PSNR": psnr_of(restored / 255, clean / 255),
        "SSIM": float(structural_similarity(restored, clean, channel_axis=2)),
        "RMSEw": 256 * float(np.sqrt(error[sample.mask].mean())) if marked else 0.0,
    }
    if answer.mask is not None:
        hits, found = float((answer.mask & sample.mask).sum()), float(answer.mask.sum())
        # Finding nothing where there is nothing is right.
        values["F1"] = 2 * hits / (marked + found) if marked + found else 1.0
    if not marked:
        values["untouched"] = float((restored == sample.marked).all())
    return values
