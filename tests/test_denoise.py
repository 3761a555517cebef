from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from restore.bench.measure import psnr_of
from restore.errors import UnreadableImage
from restore.tasks.denoise import Denoiser
from tests.conftest import with_noise


@pytest.mark.parametrize(("sigma", "gain"), [(15, 5.0), (25, 7.0), (50, 9.0)])
def test_removes_noise(
    denoiser: Denoiser, photo: NDArray[np.uint8], sigma: float, gain: float
) -> None:
    noisy = with_noise(photo, sigma)
    before = psnr_of(noisy / 255, photo / 255)
    assert psnr_of(denoiser(noisy, sigma=sigma) / 255, photo / 255) > before + gain
    assert psnr_of(denoiser(noisy) / 255, photo / 255) > before + gain - 0.5


@pytest.mark.parametrize("sigma", [5, 15, 25, 50])
def test_finds_the_noise_level(denoiser: Denoiser, photo: NDArray[np.uint8], sigma: float) -> None:
    # Low levels read a little high: the estimate leans that way where it is in doubt.
    estimate = denoiser.estimate_sigma(with_noise(photo, sigma))
    assert estimate == pytest.approx(sigma, rel=0.2, abs=1.6)


def test_the_level_does_not_depend_on_the_size(
    denoiser: Denoiser, photo: NDArray[np.uint8]
) -> None:
    noisy = with_noise(photo, 15)
    whole = denoiser.estimate_sigma(noisy[:96, :128])
    for height, width in ((97, 129), (111, 128), (96, 143)):
        assert denoiser.estimate_sigma(noisy[:height, :width]) == pytest.approx(whole, rel=0.1)


def test_leaves_a_clean_photo_alone(denoiser: Denoiser, photo: NDArray[np.uint8]) -> None:
    restored = denoiser(photo)
    assert psnr_of(restored / 255, photo / 255) > 36
    shift = restored.mean((0, 1)) - photo.mean((0, 1))
    assert np.abs(shift).max() < 0.5


def _kinds(photo: NDArray[np.uint8]) -> dict[str, NDArray[Any] | Image.Image]:
    image = Image.fromarray(photo)
    return {
        "uint8": photo,
        "uint16": photo.astype(np.uint16) * 257,
        "float32": (photo / 255).astype(np.float32),
        "gray uint8": photo[..., 0].copy(),
        "gray uint16": photo[..., 0].astype(np.uint16) * 257,
        "RGB": image,
        "L": image.convert("L"),
        "RGBA": image.convert("RGBA"),
        "LA": image.convert("LA"),
        "one pixel": photo[:1, :1],
        "one row": photo[:1],
    }


@pytest.mark.parametrize("kind", _kinds(np.zeros((1, 1, 3), np.uint8)))
def test_same_kind_comes_back(denoiser: Denoiser, photo: NDArray[np.uint8], kind: str) -> None:
    image = _kinds(with_noise(photo, 25)[:40, :50])[kind]
    restored = denoiser(image, sigma=25)
    assert type(restored) is type(image)
    if isinstance(image, Image.Image):
        assert isinstance(restored, Image.Image)
        assert (restored.mode, restored.size) == (image.mode, image.size)
    else:
        assert isinstance(restored, np.ndarray)
        assert (restored.shape, restored.dtype) == (image.shape, image.dtype)
        assert restored.shape[0] == 1 or not np.array_equal(restored, image)


def test_depths_agree(denoiser: Denoiser, photo: NDArray[np.uint8]) -> None:
    noisy = with_noise(photo, 20)
    eight = denoiser(noisy, sigma=20).astype(float)
    sixteen = denoiser(noisy.astype(np.uint16) * 257, sigma=20) / 257
    real = denoiser((noisy / 255).astype(np.float32), sigma=20) * 255
    assert np.abs(sixteen - eight).max() <= 0.51
    assert np.abs(real - sixteen).max() < 0.01
    assert len(np.unique(sixteen)) > 300  # more values than 8 bits can hold


def test_alpha_is_kept(denoiser: Denoiser, photo: NDArray[np.uint8]) -> None:
    alpha = np.random.default_rng(0).integers(0, 256, photo.shape[:2], np.uint8)
    image = Image.fromarray(np.dstack([with_noise(photo, 25), alpha]), "RGBA")
    restored = np.asarray(denoiser(image, sigma=25))
    np.testing.assert_array_equal(restored[..., 3], alpha)
    np.testing.assert_array_equal(restored[..., :3], denoiser(np.asarray(image)[..., :3], sigma=25))


def test_gray_gains_too(denoiser: Denoiser, photo: NDArray[np.uint8]) -> None:
    gray = photo.mean(2).astype(np.uint8)
    noisy = with_noise(gray, 25)
    before = psnr_of(noisy / 255, gray / 255)
    assert psnr_of(denoiser(noisy) / 255, gray / 255) > before + 5


def test_strength_blends(denoiser: Denoiser, photo: NDArray[np.uint8]) -> None:
    noisy = (with_noise(photo, 25) / 255).astype(np.float32)
    full, half = denoiser(noisy, sigma=25), denoiser(noisy, sigma=25, strength=0.5)
    np.testing.assert_array_equal(denoiser(noisy, sigma=25, strength=0), noisy)
    np.testing.assert_allclose(half, (full + noisy) / 2, atol=1e-3)


def test_more_sigma_takes_more_away(denoiser: Denoiser, photo: NDArray[np.uint8]) -> None:
    noisy = with_noise(photo, 15)
    changes = [
        np.abs(denoiser(noisy, sigma=sigma).astype(float) - noisy).mean() for sigma in (2, 15, 40)
    ]
    assert changes == sorted(changes)
    assert changes[2] > 1.5 * changes[0]


@pytest.mark.parametrize("arguments", [{"strength": 1.2}, {"strength": -0.1}, {"sigma": 300.0}])
def test_wrong_arguments(
    denoiser: Denoiser, photo: NDArray[np.uint8], arguments: dict[str, float]
) -> None:
    with pytest.raises(ValueError, match="must be between"):
        denoiser(photo, **arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((4, 4, 3), np.int64),
        np.zeros((4, 4, 5), np.uint8),
        np.zeros((0, 4, 3), np.uint8),
        np.full((4, 4, 3), 255, np.float32),
        np.full((4, 4, 3), np.nan, np.float32),
    ],
)
def test_wrong_images(denoiser: Denoiser, image: NDArray[Any]) -> None:
    with pytest.raises(UnreadableImage, match=r"shape|convert|divide"):
        denoiser(image)


def test_implausible_results_are_redone_in_float32(
    denoiser: Denoiser, photo: NDArray[np.uint8], caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(torch.nn.Module):
        def forward(self, x: torch.Tensor, sigma: torch.Tensor) -> torch.Tensor:
            return x * float("nan")

    engine = denoiser.engine
    kept = engine._reduced
    expected = denoiser(photo, sigma=10)
    try:
        engine._reduced = Broken()
        restored = denoiser(photo, sigma=10)
    finally:
        engine._reduced = kept
    assert "redone in float32" in caplog.text
    assert np.abs(restored.astype(int) - expected.astype(int)).max() <= 3


def test_out_of_memory_takes_smaller_tiles(
    denoiser: Denoiser,
    photo: NDArray[np.uint8],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    large = np.tile(photo, (3, 3, 1))
    expected = denoiser(large, sigma=10)
    forward = denoiser.engine._forward

    def short_of_memory(network: Any, part: NDArray[Any], condition: torch.Tensor) -> Any:
        if max(part.shape) > 256:
            raise torch.OutOfMemoryError("simulated")
        return forward(network, part, condition)

    monkeypatch.setattr(denoiser.engine, "_forward", short_of_memory)
    monkeypatch.setattr(denoiser.engine, "tile", 512)
    restored = denoiser(large, sigma=10)
    assert "tile 480 -> 240, retried" in caplog.text
    # Tiles this small have more of their pixels near an edge than the usual ones.
    assert (np.abs(restored.astype(int) - expected.astype(int)) <= 1).mean() > 0.998
