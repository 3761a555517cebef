"""How the colorizer is learned: hints, loss, validation."""

from __future__ import annotations

import math
from typing import cast

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from restore.colour import lab_from_srgb, srgb_from_lab
from restore.degradation.random import chance, uniform
from restore.metrics import colourfulness, psnr
from restore.tasks.colorize_network import ColorizeNet
from restore.tasks.learning import Damaged, Learning
from restore.training.config import TrainingConfig
from restore.training.objectives import reconstruction_loss
from restore.training.photos import PhotoStack

UNHINTED = 0.75
"""Share of the pictures that come without a hint: the hardest case needs the most practice."""
MOST_HINTS = 64
ZOOM = 0.75
"""Smallest share of a crop that is enlarged to the whole of it."""
RECONSTRUCTION = 3.0
"""Weight of the error in RGB beside the cross entropy."""
VALIDATION_PHOTOS = 256
LIVELY = 0.7
"""Colourfulness, relative to the originals, at which PSNR is compared: the average of all that is
likely has the highest PSNR and too little colour."""


def damage(clean: Tensor, generator: Generator, config: TrainingConfig) -> Damaged:
    """CIELAB (B, 3, H, W), the lightness as it might have been printed (B, 1, H, W), and hints."""
    side = clean.shape[-1]
    device = clean.device
    draw = torch.rand(3, generator=generator, device=device).tolist()
    part = round(side * (ZOOM + (1 - ZOOM) * draw[0]))
    top, left = (int(value * (side - part + 1)) for value in draw[1:])
    zoomed = F.interpolate(
        clean[..., top : top + part, left : left + part],
        (side, side),
        mode="bilinear",
        align_corners=False,
    )
    lab = lab_from_srgb(zoomed)
    gamma = torch.exp(uniform(len(clean), -0.3, 0.3, generator))
    lightness = 100 * (lab[:, :1] / 100).clamp(0, 1) ** gamma
    most = uniform(len(clean), 0, math.log(MOST_HINTS), generator).exp()
    most = torch.where(chance(len(clean), UNHINTED, generator), 0, most)
    return lab, lightness, hints_at_random(lab, most, config.network.patch, generator)


def hints_at_random(lab: Tensor, count: Tensor, patch: int, generator: Generator) -> Tensor:
    """Hints (B, 3, H / patch, W / patch) with the true chroma, about `count` (B, 1, 1, 1) each."""
    chroma = F.avg_pool2d(lab[:, 1:], patch)
    places = torch.rand((len(lab), 1, *chroma.shape[-2:]), generator=generator, device=lab.device)
    mask = (places < count / places[0].numel()).to(chroma)
    return torch.cat([mask, mask * chroma], 1)


def objective(
    network: nn.Module, damaged: Damaged, generator: Generator, config: TrainingConfig
) -> dict[str, Tensor]:
    network = cast(ColorizeNet, network)
    lab, lightness, hints = damaged
    scores = network(lightness, hints)
    with torch.autocast(lab.device.type, enabled=False):
        small = F.avg_pool2d(lab, config.network.patch)
        guess = torch.cat([small[:, :1], network.mean(scores)], 1)
        error = reconstruction_loss(srgb_from_lab(guess), srgb_from_lab(small), config.loss)
        return {
            "cross entropy": network.cross_entropy(scores, small[:, 1:]),
            "error": RECONSTRUCTION * error,
        }


@torch.inference_mode()
def validate(
    network: nn.Module, photos: PhotoStack, dtype: torch.dtype, config: TrainingConfig
) -> dict[str, float]:
    """Gain over the gray picture in dB, and colourfulness relative to the originals'; without
    hints, with about ten, and without at saturation that makes up for timid colours."""
    network = cast(ColorizeNet, network)
    patch, multiple = config.network.patch, config.network.multiple
    side = int(photos.sizes.min()) // multiple * multiple
    truth = photos.centres(VALIDATION_PHOTOS, side)
    lab = lab_from_srgb(truth)
    generator = torch.Generator(truth.device).manual_seed(1)
    gray = psnr(srgb_from_lab(lab * lab.new_tensor([1, 0, 0]).view(3, 1, 1)), truth)
    scores: dict[str, float] = {}
    for name, count in (("auto", 0), ("10 hints", 10)):
        hints = hints_at_random(lab, lab.new_full((len(lab), 1, 1, 1), count), patch, generator)
        guesses, entropies = [], []
        for part, told, small in zip(
            lab.split(8), hints.split(8), F.avg_pool2d(lab, patch).split(8), strict=True
        ):
            with torch.autocast(truth.device.type, dtype, enabled=dtype != torch.float32):
                likely = network(part[:, :1], told)
            entropies.append(network.cross_entropy(likely, small[:, 1:]))
            ab = F.interpolate(network.mean(likely), (side, side), mode="bilinear")
            guesses.append(torch.cat([part[:, :1], ab], 1))
        guess = torch.cat(guesses)
        scores[f"{name} entropy"] = float(torch.stack(entropies).mean())

        def measure(saturation: float, guess: Tensor = guess) -> tuple[float, float]:
            rgb = srgb_from_lab(guess * guess.new_tensor([1, saturation, saturation]).view(3, 1, 1))
            colour = colourfulness(rgb).mean() / colourfulness(truth).mean()
            return float((psnr(rgb, truth) - gray).mean()), float(colour)

        scores[f"{name} gain"], colour = measure(1)
        scores[f"{name} colour"] = colour
        if count == 0:
            scores["auto lively gain"], _ = measure(LIVELY / max(colour, 0.1))
    scores["score"] = (scores["auto lively gain"] + scores["10 hints gain"]) / 2
    return scores


LEARNING = Learning(
    network=ColorizeNet, degrade=damage, objective=objective, validate=validate, upright=True
)
