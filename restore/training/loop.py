"""The training loop: photos -> degradation -> network -> loss -> step -> average -> checkpoint."""

from __future__ import annotations

import copy
import logging
import math
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn

from restore.device import autocast_dtype, move
from restore.tasks import learning_of
from restore.training.checkpoint import Average, Progress, load_checkpoint, save_checkpoint
from restore.training.config import TrainingConfig
from restore.training.photos import load_photos

log = logging.getLogger(__name__)

Report = Callable[[Progress, dict[str, float]], None]
"""Called with the progress and what was measured: the terms of the loss, or the validation."""


def train(
    config: TrainingConfig,
    photos: Path,
    run: Path,
    *,
    device: torch.device,
    report: Report,
    report_every: int = 100,
    start: Average | None = None,
) -> Path:
    """Train until the recipe's time or steps are used up and return the path of the checkpoint.

    A run that was stopped, by whatever means, goes on from its last checkpoint.

    Args:
        start: weights to begin with, of a network of the same shape; else it begins with chance.

    Raises:
        TrainingError: too few photos, or `run` holds the checkpoint of another network.
    """
    torch.manual_seed(config.seed)
    task = learning_of(config.task)
    network = move(task.network(config.network), device)
    if start is not None:
        network.load_state_dict(start.tensors)
    for name, part in network.named_children():
        part.requires_grad_(not config.parts or name in config.parts)
    average = copy.deepcopy(network).eval().requires_grad_(False)
    optimizer = torch.optim.AdamW(
        network.parameters(),
        config.learning_rate,
        betas=(0.9, config.second_moment),
        weight_decay=config.weight_decay,
        fused=True,
    )
    generator = torch.Generator(device).manual_seed(config.seed)
    progress = Progress()
    settings = config.to_dict()
    if start is not None:  # what the run before it did belongs on the card too
        settings["start"] = {**start.config, **vars(start.progress)}
    checkpoint = run / "checkpoint.safetensors"
    if checkpoint.exists():
        progress = load_checkpoint(checkpoint, network, average, optimizer, generator, settings)
        log.info("going on from step %d", progress.step)

    training, held_out = load_photos(
        photos,
        smallest=max(config.patch, config.late_patch),
        short_side=config.short_side,
        held_out=config.held_out,
        device=device,
    )
    log.info("%d photos to train on, %d held out", len(training), len(held_out))
    dtype = autocast_dtype(device)
    if config.compile:
        network.compile()

    def save() -> None:
        scores = task.validate(average, held_out, dtype, config)
        progress.best = max(progress.best, scores["score"])
        report(progress, scores)
        save_checkpoint(checkpoint, network, average, optimizer, generator, progress, settings)

    totals: dict[str, torch.Tensor] = {}
    saved = time.monotonic()
    while (done := _share_done(config, progress)) < 1:
        started = time.monotonic()
        for group in optimizer.param_groups:
            group["lr"] = _rate(config, progress.step, done)
        now = config.at(done)
        clean = training.crops(now.batch, now.patch, generator, upright=task.upright)
        damaged = task.degrade(clean, generator, now)
        with torch.autocast(device.type, dtype, enabled=dtype != torch.float32):
            terms = task.objective(network, damaged, generator, now)
        optimizer.zero_grad(set_to_none=True)
        loss = torch.stack(list(terms.values())).sum()
        loss.backward()
        # Each part of the network is clipped by itself, or a lively one would slow the others.
        norms = {
            f"{name} norm": nn.utils.clip_grad_norm_(part.parameters(), config.clip)
            for name, part in network.named_children()
        }
        if all(torch.isfinite(norm) for norm in norms.values()):
            optimizer.step()
            _follow(average, network, min(config.ema, (1 + progress.step) / (10 + progress.step)))
        else:
            progress.skipped += 1
        progress.step += 1
        for name, value in (terms | norms).items():
            totals[name] = totals.get(name, torch.zeros_like(value)) + value.detach()
        progress.seconds += time.monotonic() - started
        if progress.step % report_every == 0:
            report(progress, {name: float(sum_) / report_every for name, sum_ in totals.items()})
            totals.clear()
        if time.monotonic() - saved > 60 * config.checkpoint_minutes:
            save()
            saved = time.monotonic()
    save()
    return checkpoint


def _share_done(config: TrainingConfig, progress: Progress) -> float:
    if config.steps > 0:
        return progress.step / config.steps
    return progress.seconds / (60 * config.minutes)


def _rate(config: TrainingConfig, step: int, done: float) -> float:
    """Learning rate: a linear rise, then a cosine (Loshchilov and Hutter, ICLR 2017)."""
    cosine = (1 + math.cos(math.pi * min(done, 1))) / 2
    rate = config.final_rate + (config.learning_rate - config.final_rate) * cosine
    return rate * min(1, (step + 1) / config.warmup)


@torch.no_grad()
def _follow(average: nn.Module, network: nn.Module, decay: float) -> None:
    for value, target in zip(average.parameters(), network.parameters(), strict=True):
        value.lerp_(target, 1 - decay)
