"""Ways of learning to denoise: from noisy photos alone, with clean ones, and from pairs.

From noisy photos alone: the noise is fitted where they are smooth (`restore.degradation.fitted`)
and laid anew over what the base model makes of them, at full and at half size. What that teaches
is this noise, its strength, its grain and its colour; what pictures look like the network knows
already. docs/finetune.md has the measurements beside Neighbor2Neighbor (Huang et al., CVPR 2021)
and Recorrupted-to-Recorrupted (Pang et al., CVPR 2021).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar, cast

import numpy as np
import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from restore.degradation.fitted import FittedNoise, fit_noise
from restore.errors import Cancelled
from restore.finetune.gather import Gathered, Photo, gather
from restore.finetune.lesson import Lesson, Stop
from restore.finetune.material import ByteArray, Item, Material
from restore.finetune.request import Request
from restore.restorer import Restorer
from restore.tasks.denoise import Denoiser
from restore.tasks.denoise_learning import LEARNING
from restore.tasks.denoise_network import DenoiseNet
from restore.tasks.learning import Damaged, Learning
from restore.training.config import TrainingConfig
from restore.training.objectives import reconstruction_loss
from restore.training.photos import stack_photos

Crop = TypeVar("Crop")
NOISELESS, FAINT = 1.0, 2.0
"""Levels in 8-bit units below which there is nothing to learn, and below which hardly anything."""
SMOOTHING = 4.0
"""The noise is what the base model takes away when it is told so many times the level."""
LEAST_SMOOTHING, MOST_SMOOTHING = 15.0, 75.0
CLEANING = 1.6
"""And at so many times the level that was fitted it leaves the picture: smooth noise needs more
than its own level."""
CROP = 256
"""Largest side of the held-out pictures that are measured."""
MOST_CROPS = 16
SHOWN = 4
SETTINGS: dict[str, Any] = {
    "batch": 8,
    "patch": 128,
    "loss": "psnr",
    "learning_rate": 1e-4,
    "warmup": 30,
    "clip": 0.2,
    "ema": 0.99,
    "fall": 0.7,
}


def _prepare_noisy(
    request: Request, gathered: Gathered, base: Restorer, stop: Stop
) -> Material | None:
    base = cast(Denoiser, base)
    learned = _worth_learning(gathered, base, stop)
    if learned is None:
        return None
    judged = _judged(gathered, learned, base, stop)
    clean = _cleaned(learned, base, stop)
    halves = [_half(piece) for piece in clean if min(piece.shape[-2:]) >= 2 * SETTINGS["patch"]]
    training = stack_photos([*clean, *halves], torch.device("cpu"))
    # The noise of the held-out photos is measured on them, not on those that are learned from.
    truths = _cleaned(judged, base, stop)
    items = _noised_items([name for name, _ in judged.pieces], truths, judged.noise)
    shown = [
        Item(name, _array(_centre(piece, CROP))) for name, piece in _firsts(judged.pieces)[:SHOWN]
    ]
    return Material(training, (*items, *shown), _tensors(learned.noise))


def _prepare_clean(
    request: Request, gathered: Gathered, base: Restorer, stop: Stop
) -> Material | None:
    base = cast(Denoiser, base)
    assert request.photos_clean is not None
    learned = _worth_learning(gathered, base, stop)
    if learned is None:
        return None
    judged = _judged(gathered, learned, base, stop)
    clean = gather(replace(request, photos=request.photos_clean, photos_clean=None), stop)
    gathered.findings += [
        replace(finding, text=f"clean photos: {finding.text}") for finding in clean.findings
    ]
    if not clean.usable:
        return None
    levels = [base.estimate_sigma(_array(photo.pieces[0])) for photo in clean.learn]
    if float(np.median(levels)) > 0.5 * float(learned.noise.sigma().median()):
        gathered.say(
            "warning", f"the clean photos are noisy themselves: {np.median(levels):.1f} of 255"
        )
    training = stack_photos(
        [piece for photo in clean.learn for piece in photo.pieces], torch.device("cpu")
    )
    there = [(photo.name, piece) for photo in clean.held_out for piece in photo.pieces]
    items = _noised_items([name for name, _ in there], [piece for _, piece in there], judged.noise)
    shown = [
        Item(photo.name, _array(_centre(photo.pieces[0], CROP)))
        for photo in gathered.held_out[:SHOWN]
    ]
    return Material(training, (*items, *shown), _tensors(learned.noise))


def _prepare_pairs(
    request: Request, gathered: Gathered, base: Restorer, stop: Stop
) -> Material | None:
    training = stack_photos(
        [piece for photo in gathered.learn for piece in photo.pieces], torch.device("cpu")
    )
    items = []
    for photo in gathered.held_out:
        crops = [crop for piece in photo.pieces for crop in _crops(piece)]
        for pair in _spread(crops, len(gathered.held_out)):
            items.append(Item(photo.name, _array(pair[3:]), _array(pair[:3])))
    return Material(training, tuple(items))


@dataclass(frozen=True)
class _Measured:
    """Photos and their noise."""

    pieces: list[tuple[str, Tensor]]
    """(3, H, W) uint8 each, with the name of the photo."""
    noise: FittedNoise
    """With a gain for each piece."""
    readings: Tensor
    """The level of each piece as the base model reads it, in 8-bit units."""


def _measured(photos: Sequence[Photo], base: Denoiser, stop: Stop) -> _Measured:
    """
    Raises:
        ValueError: see `restore.degradation.fitted.fit_noise`.
    """
    pieces = _pieces(photos)
    noisy, smooth, readings = [], [], []
    for _, piece in pieces:
        _heed(stop)
        array = _array(piece)
        readings.append(base.estimate_sigma(array))
        level = SMOOTHING * readings[-1]
        soft = base(array, sigma=min(max(level, LEAST_SMOOTHING), MOST_SMOOTHING))
        noisy.append(piece / 255)
        smooth.append(_tensor(cast(ByteArray, soft)) / 255)
    return _Measured(pieces, fit_noise(noisy, smooth), torch.tensor(readings))


def _pieces(photos: Sequence[Photo]) -> list[tuple[str, Tensor]]:
    return [(photo.name, piece) for photo in photos for piece in photo.pieces]


def _worth_learning(gathered: Gathered, base: Denoiser, stop: Stop) -> _Measured | None:
    """The photos to learn from; None where they are refused."""
    try:
        found = _measured(gathered.learn, base, stop)
    except ValueError as error:
        gathered.say("refusal", f"{error}; choose photos with some sky, wall or shade in them")
        return None
    return found if _noisy_enough(gathered, found) else None


def _judged(gathered: Gathered, learned: _Measured, base: Denoiser, stop: Stop) -> _Measured:
    """The photos that are held out; with the noise of the others, in its usual strength, where
    there is no place to measure theirs."""
    try:
        return _measured(gathered.held_out, base, stop)
    except ValueError:
        pieces = _pieces(gathered.held_out)
        gains, readings = (
            values.median().expand(len(pieces))
            for values in (learned.noise.gains, learned.readings)
        )
        return _Measured(pieces, replace(learned.noise, gains=gains), readings)


def _noisy_enough(gathered: Gathered, found: _Measured) -> bool:
    # Where nothing is smooth the fit takes texture for noise; the base model can tell the two.
    levels = torch.minimum(found.noise.sigma(), found.readings)
    usual = float(levels.median())
    if usual < NOISELESS:
        gathered.say(
            "refusal",
            f"these photos are not noisy: {usual:.1f} of 255, so there is nothing "
            "to learn; give the ones that you would denoise",
        )
        return False
    low, high = float(levels.min()), float(levels.max())
    level = "warning" if usual < FAINT else "fine"
    rest = ", which is faint: expect little" if usual < FAINT else ""
    gathered.say(level, f"noise of {low:.1f} to {high:.1f} of 255, mostly {usual:.1f}{rest}")
    return True


def _cleaned(found: _Measured, base: Denoiser, stop: Stop) -> list[Tensor]:
    """The pieces without their noise."""
    cleaned = []
    for (_, piece), sigma in zip(found.pieces, found.noise.sigma().tolist(), strict=True):
        _heed(stop)
        level = min(CLEANING * sigma, MOST_SMOOTHING)
        cleaned.append(_tensor(cast(ByteArray, base(_array(piece), sigma=level))))
    return cleaned


def _noised_items(names: Sequence[str], truths: Sequence[Tensor], noise: FittedNoise) -> list[Item]:
    """Crops of clean pieces with noise of one seed on them."""
    generator = torch.Generator().manual_seed(1)
    crops: dict[str, list[tuple[Tensor, Tensor]]] = {}
    for number, (name, truth) in enumerate(zip(names, truths, strict=True)):
        gain = noise.gains[number % len(noise.gains)].view(1)
        crops.setdefault(name, []).extend((crop, gain) for crop in _crops(truth))
    items = []
    for name, found in crops.items():
        for crop, gain in _spread(found, len(crops)):
            noisy = noise.add_at(crop[None] / 255, gain, generator)[0]
            items.append(Item(name, _array((noisy * 255).round().byte()), _array(crop)))
    return items


def _crops(piece: Tensor) -> list[Tensor]:
    """A piece (C, H, W) in parts of at most CROP, side by side; what is left over is left out."""
    height, width = piece.shape[-2:]
    return [
        piece[:, top : top + CROP, left : left + CROP]
        for top in range(0, max(height - CROP, 0) + 1, CROP)
        for left in range(0, max(width - CROP, 0) + 1, CROP)
    ]


def _spread(crops: Sequence[Crop], photos: int) -> Sequence[Crop]:
    """As many of one photo's as it has a claim to among so many photos, evenly spread."""
    each = max(MOST_CROPS // photos, 1)
    return crops[:: -(-len(crops) // each)]


def _firsts(pieces: Sequence[tuple[str, Tensor]]) -> list[tuple[str, Tensor]]:
    first: dict[str, Tensor] = {}
    for name, piece in pieces:
        first.setdefault(name, piece)
    return list(first.items())


def _learning_by_noise(material: Material) -> Learning:
    noise = FittedNoise(*(material.extra[name] for name in ("kernel", "levels", "gains")))

    def degrade(clean: Tensor, generator: Generator, config: TrainingConfig) -> Damaged:
        there = FittedNoise(*(part.to(clean.device) for part in vars(noise).values()))
        return clean, there.add(clean, generator)

    return replace(LEARNING, degrade=degrade, objective=_blind)


def _learning_by_pairs(material: Material) -> Learning:
    return replace(
        LEARNING, degrade=lambda pair, generator, config: (pair[:, :3], pair[:, 3:]),
        objective=_blind,
    )  # fmt: skip


def _blind(
    network: nn.Module, damaged: Damaged, generator: Generator, config: TrainingConfig
) -> dict[str, Tensor]:
    """The loss of what a user gets: the level is the network's own reading, and learned with it.

    For noise that is not white the level at which the denoiser does best is not the true one."""
    network = cast(DenoiseNet, network)
    clean, noisy = damaged
    level = network.noise_level(noisy).view(-1, 1, 1, 1)
    restored = network(noisy.contiguous(memory_format=torch.channels_last), level)
    return {"loss": reconstruction_loss(restored, clean, config.loss)}


def _tensors(noise: FittedNoise) -> dict[str, Tensor]:
    return {name: value.contiguous() for name, value in vars(noise).items()}


def _half(piece: Tensor) -> Tensor:
    """(3, H / 2, W / 2): sharp to the pixel, and what is left of noise is halved."""
    return F.avg_pool2d(piece.float()[None], 2)[0].round().byte()


def _centre(piece: Tensor, side: int) -> Tensor:
    height, width = (min(length, side) for length in piece.shape[-2:])
    top, left = (piece.shape[-2] - height) // 2, (piece.shape[-1] - width) // 2
    return piece[:, top : top + height, left : left + width]


def _array(piece: Tensor) -> ByteArray:
    return np.ascontiguousarray(piece.permute(1, 2, 0).numpy())


def _tensor(array: ByteArray) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(array.transpose(2, 0, 1)))


def _heed(stop: Stop) -> None:
    if stop():
        raise Cancelled("stopped while the photos were looked at")


NOISY = Lesson(
    "PSNR on held-out photos: their own noise, measured and laid anew over their cleaned selves",
    SETTINGS,
    _prepare_noisy,
    _learning_by_noise,
)
CLEAN = Lesson(
    "PSNR on held-out clean photos under the noise of the held-out noisy ones",
    SETTINGS,
    _prepare_clean,
    _learning_by_noise,
)
PAIRS = Lesson(
    "PSNR of held-out noisy photos against their clean ones",
    SETTINGS,
    _prepare_pairs,
    _learning_by_pairs,
)
