from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from restore.tasks.denoise import Denoiser
from restore.tasks.options import DenoiseOptions
from restore.tiles import restore_tiles, spans
from tests.conftest import with_noise


@pytest.mark.parametrize("length", [1, 63, 64, 512, 513, 640, 1000, 6000])
@pytest.mark.parametrize("tile", [128, 256, 512])
def test_spans_cover_everything_once(length: int, tile: int) -> None:
    total = np.zeros(length)
    for span in spans(length, tile, overlap=64, multiple=16):
        assert span.start % 16 == 0
        assert 0 < span.stop - span.start <= max(tile, 128)
        total[span.start : span.stop] += span.weight
    np.testing.assert_allclose(total, 1, atol=1e-6)


def test_no_tile_size_means_the_whole_picture() -> None:
    assert len(spans(5000, 0, overlap=64, multiple=16)) == 1


def test_unchanged_tiles_make_the_same_picture() -> None:
    picture = np.random.default_rng(0).random((300, 420, 3), np.float32)
    shares: list[float] = []
    blended = restore_tiles(
        lambda top, bottom, left, right: picture[top:bottom, left:right].copy(),
        (300, 420),
        tile=160,
        multiple=16,
        on_progress=shares.append,
    )
    np.testing.assert_allclose(blended, picture, atol=1e-6)
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert len(shares) > 4


def test_tiled_equals_whole(denoiser: Denoiser, photo: NDArray[np.uint8]) -> None:
    """Within 1/255 in at least 99.9 % of the values."""
    noisy = with_noise(np.tile(photo, (4, 4, 1)), 25)
    tile = denoiser.engine.tile
    try:
        denoiser.engine.tile = 0
        whole = denoiser(noisy, sigma=25)
        denoiser.engine.tile = 256
        tiled = denoiser(noisy, sigma=25)
    finally:
        denoiser.engine.tile = tile
    difference = np.abs(whole.astype(int) - tiled.astype(int))
    assert (difference <= 1).mean() >= 0.999


@pytest.mark.parametrize("window", [(0, 90, 0, 120), (130, 300, 200, 420), (70, 71, 5, 400)])
def test_a_window_is_exactly_that_part_of_the_whole(
    denoiser: Denoiser, photo: NDArray[np.uint8], window: tuple[int, int, int, int]
) -> None:
    picture = with_noise(np.tile(photo, (3, 3, 1)), 15)[:300, :420]
    tile = denoiser.engine.tile
    top, bottom, left, right = window
    try:
        denoiser.engine.tile = 160
        whole = denoiser.restore(picture, DenoiseOptions()).array
        part = denoiser.restore_window(picture, window, DenoiseOptions()).array
    finally:
        denoiser.engine.tile = tile
    np.testing.assert_array_equal(part, whole[top:bottom, left:right])
