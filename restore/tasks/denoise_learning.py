"""How the denoiser is learned: degradation, loss, validation."""

from __future__ import annotations

from typing import cast

import torch
from torch import Generator, Tensor, nn

from restore.degradation.noise import SHARES, add_camera_noise, add_white_noise, degrade
from restore.degradation.random import chance
from restore.metrics import psnr
from restore.tasks.denoise_network import DenoiseNet
from restore.tasks.learning import Damaged, Learning
from restore.training.config import TrainingConfig
from restore.training.objectives import code_penalty, reconstruction_loss, with_code_noise
from restore.training.photos import PhotoStack

LEVEL_QUANTILE = 0.7
VALIDATION_SIDE = 192
VALIDATION_PHOTOS = 32


def damage(clean: Tensor, generator: Generator, config: TrainingConfig) -> Damaged:
    return degrade(clean, generator, config.shares or SHARES)


def objective(
    network: nn.Module, damaged: Damaged, generator: Generator, config: TrainingConfig
) -> dict[str, Tensor]:
    network = cast(DenoiseNet, network)
    clean, noisy, sigma = damaged
    noisy = noisy.contiguous(memory_format=torch.channels_last)
    estimate = network.noise_level(noisy)
    # A pinball loss (Koenker and Bassett, 1978): where the level is in doubt, as with smooth noise
    # on soft detail, the higher reading is the better one. Too low leaves noise for everyone to
    # see, while a little too high costs next to nothing.
    short = torch.log1p(sigma.flatten()) - torch.log1p(estimate)
    level = 0.04 * torch.maximum(LEVEL_QUANTILE * short, (LEVEL_QUANTILE - 1) * short).mean()
    if not next(network.autoencoder.parameters()).requires_grad:
        return {"level": level}
    # At times the denoiser is told what the estimate says, so that it learns to live with its
    # errors; mostly the truth, which a user or a benchmark may know.
    told = chance(len(clean), 0.95, generator)
    condition = torch.where(told, sigma, estimate.detach().view_as(sigma)) / 255
    encoding = network.autoencoder.encode(noisy, condition)
    residual = network.autoencoder.decode(with_code_noise(encoding, config.code_noise))
    terms = {
        "loss": reconstruction_loss(noisy + residual.float(), clean, config.loss),
        "level": level,
    }
    if config.sparsity > 0 or config.contractive > 0:
        terms["code"] = code_penalty(network.autoencoder, noisy, condition, encoding.code, config)
    return terms


@torch.inference_mode()
def validate(
    network: nn.Module, photos: PhotoStack, dtype: torch.dtype, config: TrainingConfig
) -> dict[str, float]:
    """PSNR in dB with the level given (at 15, 25, 50) and estimated (25, and camera noise of 6)."""
    network = cast(DenoiseNet, network)
    side = min(VALIDATION_SIDE, int(photos.sizes.min()))
    clean = photos.centres(VALIDATION_PHOTOS, side)
    device = clean.device
    scores: dict[str, float] = {}

    def measure(name: str, noisy: Tensor, sigma: float | None) -> None:
        values = []
        for x, truth in zip(noisy.split(8), clean.split(8), strict=True):
            with torch.autocast(device.type, dtype, enabled=dtype != torch.float32):
                level = (
                    network.noise_level(x).view(-1, 1, 1, 1)
                    if sigma is None
                    else torch.full((len(x), 1, 1, 1), sigma, device=device)
                )
                restored = network(x, level)
            values.append(psnr(restored.clamp(0, 1), truth))
        scores[name] = float(torch.cat(values).mean())

    for sigma in (15.0, 25.0, 50.0):
        noisy = add_white_noise(clean, sigma, torch.Generator(device).manual_seed(1))
        measure(f"white {sigma:.0f}", noisy, sigma)
        if sigma == 25:
            measure("white 25 blind", noisy, None)
    camera = add_camera_noise(clean, 6, torch.Generator(device).manual_seed(1))
    measure("camera 6 blind", camera, None)
    scores["score"] = sum(scores.values()) / len(scores)
    return scores


LEARNING = Learning(network=DenoiseNet, degrade=damage, objective=objective, validate=validate)
