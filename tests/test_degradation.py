from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from torch.nn.functional import avg_pool2d

from restore.bench.measure import psnr_of
from restore.degradation.jpeg import jpeg
from restore.degradation.noise import add_camera_noise, add_white_noise, degrade


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def batch(photo: NDArray[np.uint8], count: int) -> torch.Tensor:
    x = torch.from_numpy(photo.copy()).permute(2, 0, 1)[None] / 255
    return x[..., :96, :96].expand(count, -1, -1, -1).clone()


@pytest.mark.parametrize("sigma", [5.0, 25.0, 60.0])
def test_white_noise_has_its_level(photo: NDArray[np.uint8], sigma: float) -> None:
    x = batch(photo, 4)
    difference = (add_white_noise(x, sigma, seeded()) - x) * 255
    assert float(difference.std()) == pytest.approx(sigma, rel=0.02)


def test_camera_noise_is_smooth_and_8_bit(photo: NDArray[np.uint8]) -> None:
    """Demosaicing correlates neighbours; white noise would have a correlation of about 0."""
    x = torch.full((8, 3, 96, 96), 0.4)
    noise = add_camera_noise(x, 10, seeded(), quality=100) - x
    noise = noise - noise.mean((2, 3), keepdim=True)
    correlation = (noise[..., 1:] * noise[..., :-1]).mean() / noise.square().mean()
    assert correlation > 0.15
    values = add_camera_noise(batch(photo, 1), 10, seeded()) * 255
    torch.testing.assert_close(values, values.round())


def test_cameras_leave_coarse_noise_in_colour() -> None:
    """Of white noise a hundredth of the energy is left by means of 10 x 10 pixels."""
    x = torch.full((16, 3, 120, 120), 0.4)
    noise = add_camera_noise(x, 10, seeded(), quality=100) - x
    luma = noise.mean(1, keepdim=True)

    def coarse(noise: torch.Tensor) -> float:
        return float(avg_pool2d(noise, 10).square().mean() / noise.square().mean())

    assert coarse(noise - luma) > 0.1
    assert coarse(luma) < coarse(noise - luma)


def test_cameras_leave_more_noise_in_texture_than_in_flat_places() -> None:
    x = torch.full((32, 3, 96, 96), 0.5)
    x[..., 48:] += 0.15 * torch.randn(x[..., 48:].shape, generator=seeded(1))
    noise = (add_camera_noise(x, 6, seeded(2), quality=100) - x).square().mean((0, 1, 2))
    assert noise[60:90].mean() > 1.3 * noise[6:36].mean()
    flat = torch.full_like(x, 0.5)
    noise = (add_camera_noise(flat, 6, seeded(2), quality=100) - flat).square().mean((0, 1, 2))
    assert noise[60:90].mean() == pytest.approx(float(noise[6:36].mean()), rel=0.2)
    assert 255 * noise.mean().sqrt() == pytest.approx(6, rel=0.1)


@pytest.mark.parametrize("quality", [30, 60, 90])
@pytest.mark.parametrize("subsample", [False, True])
def test_jpeg_is_like_libjpeg(photo: NDArray[np.uint8], quality: int, subsample: bool) -> None:
    x = batch(photo, 1)
    one = torch.ones(1, 1, 1, 1)
    ours = jpeg(x, one * quality, one.bool() & subsample)[0].permute(1, 2, 0).numpy()
    buffer = io.BytesIO()
    pixels = (x[0].permute(1, 2, 0) * 255).byte().numpy()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=quality, subsampling=2 if subsample else 0)
    theirs = np.asarray(Image.open(buffer)) / 255
    assert psnr_of(ours, theirs) > 38
    lost = psnr_of(theirs, pixels / 255)
    assert psnr_of(ours, pixels / 255) == pytest.approx(lost, abs=0.3)


def test_degrade_covers_its_range_and_repeats(photo: NDArray[np.uint8]) -> None:
    x = batch(photo, 128)
    truth, noisy, sigma = degrade(x, seeded(1))
    assert noisy.shape == truth.shape == x.shape
    assert sigma.shape == (128, 1, 1, 1)
    assert float(sigma.min()) == 0
    assert 60 < float(sigma.max()) <= 75
    assert torch.isfinite(noisy).all()
    again = degrade(x, seeded(1))
    torch.testing.assert_close(noisy, again[1], rtol=0, atol=0)
    gray = (truth[:, 0] == truth[:, 2]).all(-1).all(-1)
    assert 0 < int(gray.sum()) < 20
    difference = noisy[gray][:, 0] - noisy[gray][:, 2]
    assert float(difference.abs().max()) < 0.02  # gray stays gray, but for JPEG's rounding
