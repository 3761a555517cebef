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
from restore.tasks.dewatermark_mask import found_mask
from restore.tasks.dewatermark_network import DewatermarkNet, Removal, told
from restore.tasks.learning import Damaged, Learning
from restore.training.config import TrainingConfig
from restore.training.photos import PhotoStack

HELD_OUT_EVERY = 20
"""One mark in so many is never trained on."""
HIGHEST_GAIN = 4.0
"""Above an opacity of 0.8 more noise than picture comes back: a filling may be the better way."""
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
    return watermark(clean, training, generator, config.shares or SHARES)


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
    matte = damaged.matte
    condition = _condition(damaged, generator)
    marked = damaged.marked.contiguous(memory_format=torch.channels_last)
    removal = Removal.of(network(marked, condition))

    # Outside the mark the picture as it is, with the traces of JPEG that it may have.
    touched = matte > 0.01
    truth = torch.where(touched, damaged.clean, marked)
    weight = 1 + 7 * touched.float()
    error = torch.sqrt((removal.apply(marked) - truth).square() + 1e-5)
    clear = (1 - matte).clamp(min=1e-3)
    gain, offset = 1 / clear - 1, -damaged.light / clear
    followed = ((gain < HIGHEST_GAIN) & touched).float()
    way = (removal.gain - gain).abs() + (removal.offset - offset).abs().mean(1, keepdim=True)
    # Patches can't be known unless they are told; what can't be seen is neither here nor there.
    known = (~damaged.hidden | (condition[:, :1] > 0)).float()
    mask = F.binary_cross_entropy_with_logits(removal.logits, damaged.coverage, reduction="none")
    # The coverage matters most: with it, opacity and colour follow from all of the mark at once.
    return {
        "loss": 0.25 * (weight * known * error).mean(),
        "way": 0.1 * (followed * known * way).mean(),
        "mask": 2.0 * (~damaged.faint * known * mask).mean(),
    }


def _condition(damaged: Marked, generator: Generator) -> Tensor:
    """What the network is told in training: nothing, a user's mask, or an earlier look's findings.

    A user paints wider than the mark; an earlier look has been made on a reduced picture, so that
    its maps are blurred and more or less wrong.
    """
    batch, _, height, width = damaged.matte.shape
    shape = (damaged.matte > 0.01).float()
    reach = 2 * int(torch.randint(1, 9, (), generator=generator, device=generator.device)) + 1
    painted = F.max_pool2d(shape, reach, 1, reach // 2)
    clear = (1 - damaged.matte).clamp(min=0.1)
    maps = torch.cat([damaged.coverage, 1 / clear - 1, -damaged.light / clear], 1)
    factor = int(torch.randint(1, 9, (), generator=generator, device=generator.device))
    small = F.avg_pool2d(maps, factor, ceil_mode=True)
    maps = F.interpolate(small, (height, width), mode="bilinear", align_corners=False)
    # It may have overlooked the mark, and at times it saw one that is not there.
    maps = maps * ~chance(batch, 0.3, generator)
    maps = torch.where(chance(batch, 0.1, generator), maps.roll(1, 0), maps)
    wrong = 1 + 0.25 * (uniform(batch, -1, 1, generator) + uniform(batch, -1, 1, generator))
    looked = told(maps[:, :1], maps[:, 1:2] * wrong, maps[:, 2:] * wrong)
    kind = uniform(batch, 0, 1, generator)
    condition = torch.where(kind < 0.12, told(painted), torch.where(kind < 0.25, looked, 0.0))
    return torch.where(damaged.hidden & chance(batch, 0.9, generator), told(painted), condition)


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
                removal = Removal.of(network(damaged.marked, torch.zeros_like(told(damaged.matte))))
            before.append(psnr(damaged.marked, damaged.clean))
            after.append(psnr(_restored(damaged.marked, removal), damaged.clean))
            hits += float((damaged.visible & (removal.logits > 0)).sum())
            found += float((removal.logits > 0).sum())
            true += float(damaged.visible.sum())
        scores[kind] = float(torch.cat(after).mean())
        scores[f"{kind} marked"] = float(torch.cat(before).mean())
        if true:
            scores[f"{kind} F1"] = 2 * hits / (found + true)
    scores["score"] = (scores["single"] + scores["tiled"]) / 2
    return scores


def _restored(marked: Tensor, removal: Removal) -> Tensor:
    """The pictures (B, 3, H, W) without the marks, as the task makes them."""
    pictures = []
    for picture, logits in zip(marked, removal.logits, strict=True):
        probability = torch.sigmoid(logits[0].float()).cpu().numpy()
        mask = found_mask(probability, 0.5)
        array = picture.float().permute(1, 2, 0).cpu().numpy()
        coverage = np.where(mask, probability, np.float32(0))
        solution = solve(array, coverage, mask)
        clean = solution.clean(array, coverage, slice(0, len(array)))
        restored = np.where(mask[..., None], clean, array).clip(0, 1)
        pictures.append(torch.from_numpy(restored).permute(2, 0, 1))
    return torch.stack(pictures).to(marked)


LEARNING = Learning(network=DewatermarkNet, degrade=damage, objective=objective, validate=validate)
