"""The training loop: photos -> degradation -> network -> loss -> step -> average -> checkpoint."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from restore.device import autocast_dtype
from restore.errors import Cancelled
from restore.tasks import learning_of
from restore.tasks.learning import Damaged, Learning
from restore.training.checkpoint import CHECKPOINT, Average, Progress
from restore.training.config import TrainingConfig
from restore.training.parallel import join
from restore.training.photos import PhotoStack, load_photos
from restore.training.state import TrainingState

log = logging.getLogger(__name__)

SAVED_EVERY = 300.0
"""Seconds between two checkpoints at most, however rare validations are."""
LONGEST_STEP = 120.0
"""Seconds; a machine on which one seems to take longer was asleep."""
MOST_SKIPPED = 5
"""So many steps in a row without a finite gradient mean that the weights themselves are astray."""

Report = Callable[[Progress, dict[str, float]], None]
"""Called with the progress and what was measured: the terms of the loss, or the validation."""


def _nothing(*_: object) -> None:
    pass


@dataclass(frozen=True)
class Watch:
    """Who is told what a run does, and asked whether it should go on."""

    report: Report = _nothing
    """Told the mean terms of the loss over the last steps."""
    report_every: int = 100
    validated: Report = _nothing
    """Told each validation, once its weights are saved."""
    recovered: Callable[[Progress, str], None] = _nothing
    """Told in plain words that the run had gone astray and is back in its last good state."""
    stop: Callable[[], bool] = lambda: False
    """Asked before each step. A run that is stopped is saved as it is, and not validated again."""
    pause: Callable[[], bool] = lambda: False
    """Asked before each step: nothing is done, and no time used up, while it says True."""
    elsewhere: Callable[[], float] = lambda: 0.0
    """Seconds so far that went to other things, while the run was asking: they are none of its."""


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
    """Train on a folder of photos; return the path of the checkpoint. See `learn`.

    Raises:
        TrainingError: too few photos, or `run` holds the checkpoint of another network.
    """
    device = join(device).device
    training, held_out = load_photos(
        photos,
        smallest=max(config.patch, config.late_patch),
        short_side=config.short_side,
        enlarged=config.enlarged,
        held_out=config.held_out,
        device=device,
    )
    log.info("%d photos to train on, %d held out", len(training), len(held_out))
    watch = Watch(report, report_every, validated=report)
    task = learning_of(config.task)
    learn(task, config, training, held_out, run, device=device, watch=watch, start=start)
    return run / CHECKPOINT


def learn(
    task: Learning,
    config: TrainingConfig,
    training: PhotoStack,
    held_out: PhotoStack,
    run: Path,
    *,
    device: torch.device,
    watch: Watch,
    start: Average | None = None,
) -> Progress:
    """Train until the recipe's time or steps are used up, and return how far it came.

    A run that was stopped, by whatever means, goes on from its last checkpoint, `CHECKPOINT` in
    the folder `run`; `BEST` beside it has the average that validated best.

    Started by `torchrun`, every process computes its share of each batch, on the same weights.

    Args:
        start: weights to begin with, of a network of the same shape; else it begins with chance.

    Raises:
        TrainingError: `run` holds the checkpoint of another network, or the run goes astray again
            and again.
    """
    group = join(device)
    device = group.device
    training, held_out = training.to(device), held_out.to(device)
    state = TrainingState(task, config, run, device, start)
    objective = group.shared(_Objective(task, state.network))
    dtype = autocast_dtype(device)
    if config.compile:
        for part in state.network.children():  # each by itself: tasks have several ways through
            part.compile()

    def recover(why: str) -> None:
        state.go_back(why, save=group.leads)
        _mark_validated(state.progress)
        if group.leads:
            watch.recovered(state.progress, why)

    def validated() -> bool:
        """Measure, save what is good, go back from what is not; False if that was called off."""
        said, why = 0.0, ""
        try:
            if group.leads:
                why = _validate(task, state, held_out, dtype, watch)
            said = 1.0 if why else 0.0
        except Cancelled:
            said = 2.0
        (said,) = group.agree(said)
        if said == 1:
            recover(why)
        clock.tick(state.progress)
        return said < 2

    clock = _Clock(watch.elsewhere)
    if state.fresh and group.leads:
        state.save()
    # What a fall is measured from; a run may have been stopped before it was.
    stopped = config.fall > 0 and state.progress.best == -math.inf and not validated()
    totals: dict[str, Tensor] = {}
    saved = state.progress.seconds
    while not stopped:
        try:
            clock.wait(watch, state.progress)
            halt_wanted = watch.stop()
        except Cancelled:  # whoever watched is gone; between two steps all is whole
            if group.leads:
                state.save()
            raise
        progress = state.progress
        progress.seconds, halt = group.agree(progress.seconds, halt_wanted)
        stopped, done = bool(halt), _share_done(config, progress)
        if stopped or done >= 1:
            break
        state.set_rate(_rate(config, progress.step, done))
        now = config.at(done)
        clean = training.crops(now.batch, now.patch, state.generator, upright=task.upright)
        damaged = group.share(task.degrade(clean, state.generator, now))
        with torch.autocast(device.type, dtype, enabled=dtype != torch.float32):
            terms = objective(damaged, state.generator, now)
        state.optimizer.zero_grad(set_to_none=True)
        torch.stack(list(terms.values())).sum().backward()
        norms = state.update()
        for name, value in (terms | norms).items():
            totals[name] = totals.get(name, torch.zeros_like(value)) + value.detach()
        clock.tick(progress)
        if progress.step % watch.report_every == 0:
            means = {name: group.mean(sum_ / watch.report_every) for name, sum_ in totals.items()}
            if group.leads:
                watch.report(progress, means)
            totals.clear()
        if progress.skipped_in_a_row == MOST_SKIPPED:
            recover("the loss is not a number any more")
        if group.agree(_due(config, progress))[0]:
            stopped = not validated()
            saved = state.progress.seconds
        elif group.leads and progress.seconds - saved > SAVED_EVERY:
            state.save()
            saved = progress.seconds
    if stopped and group.leads:
        state.save()
    elif not stopped and state.progress.step > state.progress.validated_step:
        validated()
    return state.progress


def _validate(
    task: Learning,
    state: TrainingState,
    held_out: PhotoStack,
    dtype: torch.dtype,
    watch: Watch,
) -> str:
    """Measure and save; or say what is wrong, and save nothing."""
    progress = state.progress
    scores = task.validate(state.average, held_out, dtype, state.config)
    score = scores["score"]
    if not math.isfinite(score):
        return "the validation is not a number any more"
    if 0 < state.config.fall < progress.best - score:
        return f"the validation fell from {progress.best:.2f} to {score:.2f}"
    _mark_validated(progress)
    if score > progress.best:
        progress.best = score
        state.save_best()
    watch.validated(progress, scores)
    state.save()
    return ""


class _Objective(nn.Module):
    """The terms of the loss as a module, which is what can be shared among processes."""

    def __init__(self, task: Learning, network: nn.Module) -> None:
        super().__init__()
        self.task = task
        self.network = network

    def forward(
        self, damaged: Damaged, generator: torch.Generator, config: TrainingConfig
    ) -> dict[str, Tensor]:
        return self.task.objective(self.network, damaged, generator, config)


class _Clock:
    """Time that is spent, without pauses and what else was done meanwhile."""

    def __init__(self, elsewhere: Callable[[], float]) -> None:
        self._elsewhere = elsewhere
        self._last = self._now()

    def tick(self, progress: Progress, most: float = math.inf) -> None:
        now = self._now()
        progress.seconds += min(now - self._last, most)
        self._last = now

    def wait(self, watch: Watch, progress: Progress) -> None:
        """As long as the watcher wants a pause."""
        self.tick(progress, LONGEST_STEP)
        while watch.pause() and not watch.stop():
            time.sleep(0.05)
            self._last = self._now()

    def _now(self) -> float:
        return time.monotonic() - self._elsewhere()


def _mark_validated(progress: Progress) -> None:
    progress.validated_step, progress.validated_seconds = progress.step, progress.seconds


def _due(config: TrainingConfig, progress: Progress) -> bool:
    """Whether to validate."""
    if config.checkpoint_steps > 0:
        return progress.step - progress.validated_step >= config.checkpoint_steps
    return progress.seconds - progress.validated_seconds > 60 * config.checkpoint_minutes


def _share_done(config: TrainingConfig, progress: Progress) -> float:
    if config.steps > 0:
        return progress.step / config.steps
    return progress.seconds / (60 * config.minutes)


def _rate(config: TrainingConfig, step: int, done: float) -> float:
    """Learning rate: a linear rise, then a cosine (Loshchilov and Hutter, ICLR 2017)."""
    cosine = (1 + math.cos(math.pi * min(done, 1))) / 2
    rate = config.final_rate + (config.learning_rate - config.final_rate) * cosine
    return rate * min(1, (step + 1) / config.warmup)
