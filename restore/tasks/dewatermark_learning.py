"""How dewatermarking is learned: marks laid over photos, and the way back."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import cast

import numpy as np
import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from restore.degradation.marks import MarkBank, load_marks
from restore.degradation.random import chance, uniform
from restore.degradation.watermark import SHARES, Marked, watermark
from restore.metrics import psnr
from restore.tasks.dewatermark_fit import solve
from restore.tasks.dewatermark_mask import found_mask, within
from restore.tasks.dewatermark_network import DewatermarkNet, told
from restore.tasks.learning import Damaged, Learning
from restore.training.config import TrainingConfig
from restore.training.photos import PhotoStack

HELD_OUT_EVERY = 20
"""One mark in so many is never trained on."""
TOLD = 0.15
"""Share of the pictures that come with a user's mask."""
LOOKED = 0.5
"""Share of the pictures that have been looked at before."""
MOST_REDUCED = 2.2
"""Reduced for that at most by two to this power: a patch of less says nothing."""
MOST_ENLARGED = 1.0
"""Every second batch is enlarged, at most by two to this power."""
VALIDATION_SIDE = 256
VALIDATION_PHOTOS = 32


@lru_cache(maxsize=1)
def _banks(logos: str, fonts: str, texts: int) -> tuple[MarkBank, MarkBank]:
    """Marks to train on and marks held out."""
    bank = load_marks(Path(logos) if logos else None, Path(fonts) if fonts else None, texts)
    return bank.split(HELD_OUT_EVERY)


def damage(clean: Tensor, generator: Generator, config: TrainingConfig) -> Damaged:
    training, _ = _banks(config.logos, config.fonts, config.texts)
    clean = _softened(clean, config.soften, generator)
    size = clean.shape[-2:]
    factor = 2 ** max(float(uniform(1, -MOST_ENLARGED, MOST_ENLARGED, generator)), 0)
    height, width = (round(side / factor) for side in size)
    damaged = watermark(clean[..., :height, :width], training, generator, config.shares or SHARES)
    return damaged if factor == 1 else _enlarged(damaged, size)


def _enlarged(damaged: Marked, size: torch.Size) -> Marked:
    """Pictures and marks, enlarged together: the task looks at pictures so as well, and those that
    users have are softer than photos to train on."""
    maps = torch.cat([each.float() for each in damaged[:-1]], 1)
    maps = F.interpolate(maps, list(size), mode="bilinear", align_corners=False)
    clean, marked, coverage, matte, light, visible, faint = maps.split([3, 3, 1, 1, 3, 1, 1], 1)
    return Marked(clean, marked, coverage, matte, light, visible > 0.5, faint > 0.5, damaged.hidden)


def _softened(clean: Tensor, most: float, generator: Generator) -> Tensor:
    """Photos as soft as if enlarged by `most` or somewhat less, for a curriculum (Bengio et al.,
    ICML 2009): from scratch on sharp photos nothing is learned in thousands of steps."""
    if most <= 1:
        return clean
    size = clean.shape[-2:]
    parts = []
    for picture in clean.split(1):
        power = float(uniform(1, 0.6, 1, generator))
        small = [max(4, round(side / most**power)) for side in size]
        picture = F.interpolate(picture, small, mode="area")
        parts.append(F.interpolate(picture, size, mode="bicubic"))
    return torch.cat(parts).clamp(0, 1)


def objective(
    network: nn.Module, damaged: Damaged, generator: Generator, config: TrainingConfig
) -> dict[str, Tensor]:
    network = cast(DewatermarkNet, network)
    damaged = Marked(*damaged)
    marked = damaged.marked.contiguous(memory_format=torch.channels_last)
    given, painted = _painted(damaged, generator)
    seen = _earlier_look(network, marked, given, painted, generator)
    logits = network.logits(marked, told(seen, painted, given))
    # Patches can't be known unless they are told; what can't be seen is neither here nor there.
    known = ~damaged.faint & (~damaged.hidden | (given > 0))
    error = F.binary_cross_entropy_with_logits(logits, damaged.coverage, reduction="none")
    return {"cross entropy": (known * error).mean()}


def _painted(damaged: Marked, generator: Generator) -> tuple[Tensor, Tensor]:
    """Whether users have painted a mask (B, 1, 1, 1), and their masks (B, 1, H, W).

    They paint wider than the mark, and are told of whatever can't be seen.
    """
    batch = len(damaged.marked)
    given = chance(batch, TOLD, generator) | (damaged.hidden & chance(batch, 0.9, generator))
    reach = 2 * int(torch.randint(1, 9, (), generator=generator, device=generator.device)) + 1
    shape = (damaged.coverage > 0.01).float()
    return given.float(), given * F.max_pool2d(shape, reach, 1, reach // 2)


@torch.no_grad()
def _earlier_look(
    network: DewatermarkNet, marked: Tensor, given: Tensor, painted: Tensor, generator: Generator
) -> Tensor:
    """The coverage (B, 1, H, W) that the network itself sees on a picture more or less reduced; for
    some of the pictures zeros, as in a first look.

    Its real findings, for made-up ones taught it to trust what it is told too much.
    """
    size = marked.shape[-2:]
    factor = 2 ** float(uniform(1, 0, MOST_REDUCED, generator))
    shape = [max(round(side / factor), 1) for side in size]
    small, mask = (F.interpolate(maps, shape, mode="area") for maps in (marked, painted))
    first = network(small, told(torch.zeros_like(mask), mask, given))
    seen = F.interpolate(first, size, mode="bilinear", align_corners=False)
    return seen * chance(len(marked), LOOKED, generator)


@torch.inference_mode()
def validate(
    network: nn.Module, photos: PhotoStack, dtype: torch.dtype, config: TrainingConfig
) -> dict[str, float]:
    """PSNR in dB of held-out photos under held-out marks, before and after, and F1 of the mask."""
    network = cast(DewatermarkNet, network)
    side = min(VALIDATION_SIDE, int(photos.sizes.min()))
    clean = photos.centres(VALIDATION_PHOTOS, side)
    generator = torch.Generator(clean.device).manual_seed(1)
    _, bank = _banks(config.logos, config.fonts, config.texts)
    scores: dict[str, float] = {}
    for kind in ("single", "tiled", "none"):
        before, after, hits, found, true = [], [], 0.0, 0.0, 0.0
        for part in clean.split(8):
            damaged = watermark(part, bank, generator, {kind: 1.0})
            with torch.autocast(part.device.type, dtype, enabled=dtype != torch.float32):
                coverage = network(damaged.marked, told(torch.zeros_like(damaged.matte)))
            before.append(psnr(damaged.marked, damaged.clean))
            looked = zip(damaged.marked, coverage.float(), strict=True)
            restored, masks = zip(*(_restored(*each) for each in looked), strict=True)
            after.append(psnr(torch.stack(restored), damaged.clean))
            mask = torch.stack(masks)
            hits += float((damaged.visible & mask).sum())
            found += float(mask.sum())
            true += float(damaged.visible.sum())
        scores[kind] = float(torch.cat(after).mean())
        scores[f"{kind} marked"] = float(torch.cat(before).mean())
        if true:
            scores[f"{kind} F1"] = 2 * hits / (found + true)
    scores["score"] = (scores["single"] + scores["tiled"]) / 2
    return scores


def _restored(marked: Tensor, coverage: Tensor) -> tuple[Tensor, Tensor]:
    """A picture (3, H, W) without the mark, as the task makes it, and where the mark was found
    (1, H, W), from the coverage (1, H, W)."""
    array = marked.float().permute(1, 2, 0).cpu().numpy()
    probability = coverage[0].cpu().numpy()
    mask = found_mask(probability, 0.5)
    inside = within(probability, mask)
    solution = solve(array, inside, mask)
    mask = solution.explained(mask)
    clean = solution.clean(array, inside, slice(0, len(array)))
    restored = np.where(mask[..., None], clean, array).clip(0, 1)
    close = found_mask(probability, 0.5, rim=False)
    return (
        torch.from_numpy(restored).permute(2, 0, 1).to(marked),
        torch.from_numpy(close)[None].to(marked.device),
    )


LEARNING = Learning(network=DewatermarkNet, degrade=damage, objective=objective, validate=validate)
