"""How dewatermarking is learned: marks laid over photos, and the way back."""

from __future__ import annotations

import math
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from restore.degradation.marks import MarkBank, load_marks
from restore.degradation.random import chance, uniform
from restore.degradation.watermark import SHARES, Marked, watermark
from restore.metrics import psnr
from restore.tasks.dewatermark_fit import largest_layer, solve
from restore.tasks.dewatermark_mask import found_mask, readily, widened, within
from restore.tasks.dewatermark_network import DewatermarkNet, told
from restore.tasks.learning import Damaged, Learning
from restore.tiles import FloatArray
from restore.training.config import TrainingConfig
from restore.training.objectives import reconstruction_loss
from restore.training.photos import PhotoStack

HELD_OUT_EVERY = 20
"""One mark in so many is never trained on."""
TOLD = 0.25
"""Share of the pictures that come with a user's mask."""
TOLD_TO_MEND = 0.5
"""The same where mending is learned: on a crop, marks are not found as well as on a whole picture,
and what is not found can't be mended."""
WIDEST = 32
"""So many pixels users paint beyond a mark at most; half of them less than the root of it."""
LOOKED = 0.5
"""Share of the pictures that have been looked at before."""
FITTED = 0.5
"""Share of the pictures whose marks have been found and fitted before."""
CUT = 0.4
"""Share of these of which a part is then overlooked: on whole pictures that happens more often."""
MOST_REDUCED = 2.2
"""Reduced for that at most by two to this power: a patch of less says nothing."""
MOST_ENLARGED = 1.0
"""Every second batch is enlarged, at most by two to this power."""
TONED = 0.5
"""Share of the photos whose tones are changed, their gamma at most by two to the power of"""
MOST_TONED = 0.6
VALIDATION_SIDE = 256
VALIDATION_PHOTOS = 32


@lru_cache(maxsize=1)
def _banks(logos: str, fonts: str, texts: int) -> tuple[MarkBank, MarkBank]:
    """Marks to train on and marks held out."""
    bank = load_marks(Path(logos) if logos else None, Path(fonts) if fonts else None, texts)
    return bank.split(HELD_OUT_EVERY)


def damage(clean: Tensor, generator: Generator, config: TrainingConfig) -> Damaged:
    training, _ = _banks(config.logos, config.fonts, config.texts)
    clean = _toned(_softened(clean, config.soften, generator), generator)
    size = clean.shape[-2:]
    factor = 2 ** max(float(uniform(1, -MOST_ENLARGED, MOST_ENLARGED, generator)), 0)
    height, width = (round(side / factor) for side in size)
    clean = clean[..., :height, :width]
    shares = config.shares or SHARES
    damaged = watermark(clean, training, generator, shares, config.own_colours, config.compressed)
    return _turned(damaged if factor == 1 else _enlarged(damaged, size), generator)


def _enlarged(damaged: Marked, size: torch.Size) -> Marked:
    """Pictures and marks, enlarged together: the task looks at pictures so as well, and those that
    users have are softer than photos to train on."""
    maps = torch.cat([each.float() for each in damaged[:-1]], 1)
    maps = F.interpolate(maps, list(size), mode="bilinear", align_corners=False)
    clean, marked, coverage, matte, light, visible, faint = maps.split([3, 3, 1, 1, 3, 1, 1], 1)
    return Marked(clean, marked, coverage, matte, light, visible > 0.5, faint > 0.5, damaged.hidden)


def _turned(damaged: Marked, generator: Generator) -> Marked:
    """Pictures and marks, turned together by quarters: the task looks at pictures so as well, and
    dates, most words and rows are laid upright."""
    quarters = int(uniform(1, 0, 4, generator))
    return Marked(*(torch.rot90(maps, quarters, (2, 3)) for maps in damaged))


def _toned(clean: Tensor, generator: Generator) -> Tensor:
    """Photos (B, 3, H, W), half of them lighter or darker, and with more or less colour: the same
    ones are seen hundreds of times."""
    batch = len(clean)
    chosen = chance(batch, TONED, generator)
    gamma = 2 ** uniform(batch, -MOST_TONED, MOST_TONED, generator)
    colour = uniform(batch, 0.3, 1.4, generator)
    gray = clean.mean(1, keepdim=True)
    toned = (gray + colour * (clean - gray)).clamp(0, 1) ** gamma
    return torch.where(chosen, toned, clean)


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
    damaged = damaged._replace(marked=marked)
    terms = {}
    if _learns(network.autoencoder):
        terms["cross entropy"] = _error_of_coverage(network, damaged, generator)
    if _learns(network.refinement):
        terms["refined"] = _error_below_marks(network, damaged, generator, config)
    return terms


def _learns(part: nn.Module) -> bool:
    return next(part.parameters()).requires_grad


def _error_of_coverage(network: DewatermarkNet, damaged: Marked, generator: Generator) -> Tensor:
    given, painted = _painted(damaged, TOLD, generator)
    condition = _condition(network, damaged.marked, given, painted, generator)
    condition = _fitted_before(network, damaged.marked, condition, generator)
    logits = network.logits(damaged.marked, condition)
    # Patches can't be known unless they are told; what can't be seen is neither here nor there.
    known = ~damaged.faint & (~damaged.hidden | (given > 0))
    error = F.binary_cross_entropy_with_logits(logits, damaged.coverage, reduction="none")
    return (known * error).mean()


def _error_below_marks(
    network: DewatermarkNet, damaged: Marked, generator: Generator, config: TrainingConfig
) -> Tensor:
    given, painted = _painted(damaged, TOLD_TO_MEND, generator)
    condition = _condition(network, damaged.marked, given, painted, generator)
    known, mask, _ = _taken_off(network, damaged.marked, condition)
    refined = torch.where(mask, network.refinement(damaged.marked, known), damaged.clean)
    return reconstruction_loss(refined, damaged.clean, config.loss)


def _painted(damaged: Marked, share: float, generator: Generator) -> tuple[Tensor, Tensor]:
    """Whether users have painted a mask (B, 1, 1, 1), and their masks (B, 1, H, W), for some share
    of the pictures.

    They paint wider than the mark, in some batches along each letter and in some so wide that it
    is nearly a rectangle, and are told of whatever can't be seen.
    """
    batch = len(damaged.marked)
    given = chance(batch, share, generator) | (damaged.hidden & chance(batch, 0.9, generator))
    reach = round(WIDEST ** float(uniform(1, 0, 1, generator)))
    painted = (damaged.coverage > 0.01).float()
    for side in ((2 * reach + 1, 1), (1, 2 * reach + 1)):
        painted = F.max_pool2d(painted, side, 1, (side[0] // 2, side[1] // 2))
    return given.float(), given * painted


def _condition(
    network: DewatermarkNet, marked: Tensor, given: Tensor, painted: Tensor, generator: Generator
) -> Tensor:
    """What the network is told (B, 6, H, W), see `told`."""
    seen = _earlier_look(network, marked, given, painted, generator)
    return told(seen, painted, given)


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


@torch.no_grad()
def _fitted_before(
    network: DewatermarkNet, marked: Tensor, condition: Tensor, generator: Generator
) -> Tensor:
    """The condition (B, 6, H, W), for some of the pictures that of a further look."""
    chosen = chance(len(marked), FITTED, generator).view(-1).nonzero()[:, 0]
    if not len(chosen):
        return condition
    coverage = network(marked[chosen], condition[chosen]).float()
    cut = chance(len(chosen), CUT, generator)
    coverage = torch.where(cut, _overlooked(coverage, generator), coverage)
    return condition.index_copy(
        0, chosen, _further(marked[chosen], condition[chosen], coverage).to(condition)
    )


def _further(marked: Tensor, condition: Tensor, coverage: Tensor) -> Tensor:
    """The condition (B, 6, H, W) of a further look: what has been found (B, 1, H, W), and how that
    was laid; unchanged where that can't be told."""
    further = []
    for picture, known, found in zip(marked, condition, coverage, strict=True):
        array = picture.float().permute(1, 2, 0).cpu().numpy()
        mask = _marked(found, known[1:2], known[:1], readily(0.5))
        layer = largest_layer(array, within(_map(found), mask))
        if layer is not None:
            change = torch.from_numpy(layer.change(array)).permute(2, 0, 1)
            known = torch.cat([known[:2], found.to(known), change.to(known)])
        further.append(known)
    return torch.stack(further)


def _overlooked(coverage: Tensor, generator: Generator) -> Tensor:
    """The coverage (B, 1, H, W), but nothing on one side of a line through it."""
    batch, _, height, width = coverage.shape
    turn = uniform(batch, 0, 2 * math.pi, generator)
    rows = torch.linspace(-1, 1, height, device=coverage.device).view(1, 1, -1, 1)
    columns = torch.linspace(-1, 1, width, device=coverage.device).view(1, 1, 1, -1)
    place = rows * turn.sin() + columns * turn.cos()
    middle = (coverage * place).sum((2, 3), keepdim=True) / coverage.sum((2, 3), keepdim=True)
    return coverage * (place < middle)


class TakenOff(NamedTuple):
    """Pictures whose marks are taken off as the task does it: found, fitted, looked at again with
    that known, and once more with the mask, fitted again."""

    known: Tensor
    """(B, 6, H, W), see `restore.tasks.dewatermark_network.Refinement`."""
    mask: Tensor
    """(B, 1, H, W) bool: where there is something to mend."""
    coverage: Tensor
    """(B, 1, H, W), as it was found."""


@torch.no_grad()
def _taken_off(network: DewatermarkNet, marked: Tensor, condition: Tensor) -> TakenOff:
    """
    Args:
        condition: what the network is told when it looks for the first time, see `told`.
    """
    given, painted, *_ = condition.split([1, 1, 1, 3], 1)
    coverage = network(marked, condition).float()
    condition = _further(marked, condition, coverage)
    coverage = network(marked, condition).float()
    wide = torch.stack([_mask(widened(found_mask(_map(each), 0.5)), each) for each in coverage])
    last = network(marked, told(coverage, wide.to(marked), change=condition[:, 3:])).float()
    coverage = torch.where(given > 0, coverage, (coverage + last) / 2 * wide)
    pictures = zip(marked.float(), coverage, painted, given, strict=True)
    known, mask = zip(*(_fitted(*picture) for picture in pictures), strict=True)
    return TakenOff(torch.stack(known), torch.stack(mask), coverage)


def _fitted(
    marked: Tensor, coverage: Tensor, painted: Tensor, given: Tensor
) -> tuple[Tensor, Tensor]:
    """What is known (6, H, W) of a picture (3, H, W), and its mask (1, H, W)."""
    array = marked.permute(1, 2, 0).cpu().numpy()
    mask = _marked(coverage, painted, given, 0.5)
    inside = within(_map(coverage), mask)
    solution = solve(array, inside, mask)
    if not given.any():
        mask = solution.explained(mask)
    rows, columns = slice(0, array.shape[0]), slice(0, array.shape[1])
    known = solution.known(array, inside, mask, rows, columns)
    return torch.from_numpy(known).permute(2, 0, 1).to(marked), _mask(mask, marked)


def _marked(
    coverage: Tensor, painted: Tensor, given: Tensor, sensitivity: float
) -> NDArray[np.bool_]:
    """(H, W): a user's mask if there is one, or else what is found."""
    return _map(painted) > 0.5 if given.any() else found_mask(_map(coverage), sensitivity)


def _map(coverage: Tensor) -> FloatArray:
    """(H, W) of (1, H, W)."""
    return np.asarray(coverage[0].float().cpu().numpy())


def _mask(mask: NDArray[np.bool_], like: Tensor) -> Tensor:
    """(1, H, W) of (H, W)."""
    return torch.from_numpy(mask)[None].to(like.device)


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
    for kind in ("single", "tiled", "date", "none"):
        before, rough, after, hits, found, true = [], [], [], 0.0, 0.0, 0.0
        for part in clean.split(8):
            damaged = watermark(part, bank, generator, {kind: 1.0})
            marked, nothing = damaged.marked, torch.zeros_like(damaged.matte)
            with torch.autocast(part.device.type, dtype, enabled=dtype != torch.float32):
                known, mask, coverage = _taken_off(network, marked, told(nothing))
                refined = network.refinement(marked, known).float().clamp(0, 1)
            before.append(psnr(marked, damaged.clean))
            rough.append(psnr(known[:, :3], damaged.clean))
            after.append(psnr(torch.where(mask, refined, marked), damaged.clean))
            close = [_mask(found_mask(_map(each), 0.5, rim=False), each) for each in coverage]
            seen = torch.stack(close)
            hits += float((damaged.visible & seen).sum())
            found += float(seen.sum())
            true += float(damaged.visible.sum())
        scores[kind] = float(torch.cat(after).mean())
        scores[f"{kind} unrefined"] = float(torch.cat(rough).mean())
        scores[f"{kind} marked"] = float(torch.cat(before).mean())
        if true:
            scores[f"{kind} F1"] = 2 * hits / (found + true)
    scores["score"] = (scores["single"] + scores["tiled"]) / 2
    return scores


LEARNING = Learning(network=DewatermarkNet, degrade=damage, objective=objective, validate=validate)
