"""Noise fitted to photos: strength, brightness, grain and colour are those of the photos."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from restore.degradation.fitted import fit_noise


def slopes(count: int) -> Tensor:
    """Smooth pictures (count, 3, 192, 192) of all brightnesses."""
    line = torch.linspace(0.1, 0.9, 192)
    picture = torch.stack(
        [line.expand(192, 192), line.expand(192, 192).T, 0 * line + line[:, None]]
    )
    return picture.repeat(count, 1, 1, 1)


def grain(like: Tensor, seed: int) -> Tensor:
    """Noise of unit variance that is smooth, and partly shared by the channels."""
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(like.shape, generator=generator)
    noise = noise + noise.mean(1, keepdim=True)
    noise = F.avg_pool2d(F.pad(noise, (1, 1, 1, 1), mode="circular"), 3, 1)
    return noise / noise.std()


def facts(noise: Tensor) -> list[float]:
    """Correlation of neighbours, of those two apart, and of two channels."""
    power = noise.square().mean()
    return [
        float((noise[..., 1:] * noise[..., :-1]).mean() / power),
        float((noise[..., 2:] * noise[..., :-2]).mean() / power),
        float((noise[:, 0] * noise[:, 1]).mean() / power),
    ]


def test_what_is_added_is_what_was_there() -> None:
    clean = slopes(3)
    gains = torch.tensor([1.0, 2.0, 1.0]).view(3, 1, 1, 1)
    level = (2 + 6 * clean) / 255 * gains  # brighter is noisier
    noise = grain(clean, 0) * level
    fitted = fit_noise(list(clean + noise), list(clean))
    again = fitted.add_at(clean, fitted.gains, torch.Generator().manual_seed(1)) - clean
    for one, other in zip(again, noise, strict=True):
        assert float(one.std()) == pytest.approx(float(other.std()), rel=0.04)
    dark, bright = (slice(0, 64), slice(128, 192))
    for part in (dark, bright):
        there, made = noise[:, 0, :, part].std(), again[:, 0, :, part].std()
        assert float(made) == pytest.approx(float(there), rel=0.15)
    assert facts(again) == pytest.approx(facts(noise), abs=0.06)
    assert float(fitted.sigma()[1] / fitted.sigma()[0]) == pytest.approx(2, rel=0.1)


def test_gray_noise_stays_gray() -> None:
    clean = slopes(2)
    noise = grain(clean, 0)[:, :1].expand_as(clean) * 5 / 255
    fitted = fit_noise(list(clean + noise), list(clean))
    flat = torch.full((1, 3, 96, 96), 0.5)
    made = fitted.add_at(flat, torch.ones(1), torch.Generator().manual_seed(1)) - flat
    assert float((made[:, 0] - made[:, 1]).abs().max()) <= 2 / 255


def test_photos_without_a_smooth_part_are_refused() -> None:
    with pytest.raises(ValueError, match="no photo has a smooth part"):
        fit_noise([torch.zeros(3, 100, 100)], [torch.zeros(3, 100, 100)])
