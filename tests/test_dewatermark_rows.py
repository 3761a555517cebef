"""Marks in rows complete each other; anything else is left as it is."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from restore.tasks.dewatermark_mask import found_mask
from restore.tasks.dewatermark_rows import completed, steps_between
from restore.tiles import FloatArray

STEPS = np.array([[41.3, -22.6], [18.2, 97.4]])


def word(text: str = "SAMPLE", height: int = 18) -> FloatArray:
    font = ImageFont.load_default(height)
    image = Image.new("L", (90, 30), 0)
    ImageDraw.Draw(image).text((4, 3), text, font=font, fill=255)
    return np.asarray(image.rotate(-10, resample=Image.Resampling.BICUBIC), np.float32) / 255


def laid(
    places: NDArray[np.float64], shape: tuple[int, int], mark: FloatArray | None = None
) -> FloatArray:
    """(H, W): a mark at each of the places (N, 2), to the nearest pixel; some are cut."""
    mark = word() if mark is None else mark
    tall, wide = mark.shape
    coverage = np.zeros((shape[0] + 2 * tall, shape[1] + 2 * wide), np.float32)
    for y, x in np.rint(places).astype(int) + mark.shape:
        if not (0 <= y < shape[0] + tall and 0 <= x < shape[1] + wide):
            continue
        there = coverage[y : y + tall, x : x + wide]
        np.maximum(there, mark, out=there)
    return coverage[tall:-tall, wide:-wide]


def lattice(shape: tuple[int, int], scale: float = 1) -> NDArray[np.float64]:
    times = np.stack(np.meshgrid(np.arange(-30, 31), np.arange(-30, 31)), -1).reshape(-1, 2)
    places = times @ (STEPS * scale) + (7, 11)
    inside = ((places > -30 * scale) & (places < shape)).all(1)
    return np.asarray(places[inside])


def overlap(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """F1."""
    return 2 * float((one & other).sum()) / float(one.sum() + other.sum())


@pytest.mark.parametrize("shape", [(240, 360), (480, 360)])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_some_copies_tell_of_all(shape: tuple[int, int], seed: int) -> None:
    draw = np.random.default_rng(seed)
    places = lattice(shape)
    truth = laid(places, shape)
    seen = laid(places[draw.random(len(places)) < 0.75], shape)
    seen *= draw.random((shape[0] // 12, shape[1] // 12)).repeat(12, 0).repeat(12, 1) < 0.8
    steps = steps_between(seen, found_mask(seen, 0.5))
    assert steps is not None
    times = np.round(STEPS @ np.linalg.inv(steps))
    assert abs(abs(np.linalg.det(times)) - 1) < 1e-6, "copies are left out, or made up"
    np.testing.assert_allclose(times @ steps, STEPS, atol=0.3)
    whole = completed(seen, steps)
    covered = [float((each > 0.5)[truth > 0.5].mean()) for each in (seen, whole)]
    assert covered[0] < 0.85
    assert covered[1] > 0.92
    # Places are rounded to pixels here, and letters are two wide.
    assert overlap(whole > 0.5, truth > 0.5) > 0.83


def test_large_pictures_are_as_exact() -> None:
    shape, scale = (1900, 2602), 5.0
    mark = np.asarray(Image.fromarray(word()).resize((450, 150), Image.Resampling.BICUBIC))
    places = lattice(shape, scale)
    truth = laid(places, shape, mark)
    seen = laid(places[np.random.default_rng(3).random(len(places)) < 0.75], shape, mark)
    steps = steps_between(seen, found_mask(seen, 0.5))
    assert steps is not None
    times = np.round(scale * STEPS @ np.linalg.inv(steps))
    np.testing.assert_allclose(times @ steps, scale * STEPS, atol=0.4)
    assert overlap(completed(seen, steps) > 0.5, truth > 0.5) > 0.9


def test_what_is_not_in_rows_is_left_alone() -> None:
    draw = np.random.default_rng(1)
    shape = (300, 400)
    scattered = laid(draw.uniform((0, 0), (270, 310), (7, 2)), shape)
    bars = np.zeros(shape, np.float32)
    bars[60:240, 60:340] = (np.arange(280) % 28 < 14).astype(np.float32)
    two = laid(np.array([[20.0, 30], [200, 250]]), shape)
    for coverage in (scattered, bars, two, np.zeros(shape, np.float32)):
        assert steps_between(coverage, found_mask(coverage, 0.5)) is None
