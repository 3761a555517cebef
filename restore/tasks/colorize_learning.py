"""How the colorizer is learned: hints, loss, validation."""

from __future__ import annotations

import math
from typing import cast

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from restore.colour import lab_from_srgb, srgb_from_lab
from restore.degradation.random import chance, normal_like, uniform
from restore.metrics import colourfulness, psnr
from restore.tasks.colorize_network import ColorizeNet
from restore.tasks.learning import Damaged, Learning
from restore.training.config import TrainingConfig
from restore.training.objectives import reconstruction_loss
from restore.training.photos import PhotoStack

UNHINTED = 0.8
"""Share of the pictures that come without a hint: the hardest case needs the most practice."""
MOST_HINTS = 64
ZOOM = 0.5
"""Smallest part of a crop, in each direction, that is enlarged to the whole of it."""
STRETCH = 0.25
"""Logarithm of how much wider than high such a part is at most, or higher than wide."""
TILT = math.radians(8)
"""How far it is out of plumb at most, in radians."""
VALIDATION_PHOTOS = 256
LIVELY = 0.7
"""Colourfulness, relative to the originals, at which PSNR is compared: the average of all that is
likely has the highest PSNR and too little colour."""


def damage(clean: Tensor, generator: Generator, config: TrainingConfig) -> Damaged:
    """CIELAB (B, 3, H, W), the lightness as it might have been printed (B, 1, H, W), and hints."""
    lab = lab_from_srgb(reframed(clean, generator))
    most = uniform(len(clean), 0, math.log(MOST_HINTS), generator).exp()
    most = torch.where(chance(len(clean), UNHINTED, generator), 0, most)
    hints = hints_at_random(lab, most, config.network.patch, generator)
    return lab, printed(lab[:, :1], generator), hints


def reframed(x: Tensor, generator: Generator) -> Tensor:
    """A part of each picture (B, C, H, W) enlarged to the whole of it, a little out of proportion
    and of plumb: what is in it keeps its colour, and the same photo is never seen twice."""
    count = len(x)
    side = 1 - (1 - ZOOM) * uniform(count, 0, 1, generator).square()
    stretch = uniform(count, -STRETCH, STRETCH, generator).exp()
    angle = uniform(count, -TILT, TILT, generator) * chance(count, 0.5, generator)
    cos, sin = angle.cos(), angle.sin()
    across, down = side * stretch.sqrt(), side / stretch.sqrt()
    # How far the frame reaches from its middle; nothing outside of the picture may be in it.
    reach = torch.stack([across * cos + down * sin.abs(), across * sin.abs() + down * cos])
    shrink = 1 / reach.amax(0).clamp(min=1)
    across, down, reach = across * shrink, down * shrink, reach * shrink
    place = [(1 - each) * uniform(count, -1, 1, generator) for each in reach]
    rows = [torch.cat([across * cos, -down * sin, place[0]], 3)]
    rows += [torch.cat([across * sin, down * cos, place[1]], 3)]
    grid = F.affine_grid(torch.cat(rows, 2)[:, 0], list(x.shape), align_corners=False)
    return F.grid_sample(x, grid, mode="bilinear", padding_mode="border", align_corners=False)


def printed(lightness: Tensor, generator: Generator) -> Tensor:
    """L* (B, 1, H, W) as film, print and scan might have changed it: contrast, fading, softness
    and grain."""
    count = len(lightness)
    gamma = uniform(count, -0.35, 0.35, generator).exp()
    tone = (lightness / 100).clamp(0, 1) ** gamma
    fades = chance(count, 0.3, generator)
    black, white = uniform(count, 0, 0.15, generator), uniform(count, 0.85, 1, generator)
    tone = torch.where(fades, black + (white - black) * tone, tone)
    soft = F.avg_pool2d(F.pad(tone, (1, 1, 1, 1), mode="replicate"), 3, stride=1)
    softness = uniform(count, 0, 1, generator) * chance(count, 0.3, generator)
    grain = uniform(count, 0, 0.03, generator) * chance(count, 0.3, generator)
    tone = tone.lerp(soft, softness) + grain * normal_like(tone, generator)
    return 100 * tone.clamp(0, 1)


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
        guess = srgb_from_lab(torch.cat([small[:, :1], network.mean(scores)], 1))
        truth = srgb_from_lab(small)
        terms = {
            "cross entropy": network.cross_entropy(scores, small[:, 1:]),
            "error": config.reconstruction * reconstruction_loss(guess, truth, config.loss),
        }
        if config.colourfulness > 0:
            ratio = colourfulness(guess).mean() / colourfulness(truth).mean()
            terms["paleness"] = -config.colourfulness * ratio.to(scores)
        return terms


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
