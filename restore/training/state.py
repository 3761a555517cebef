"""All that changes while a network learns, and its way to disk and back."""

from __future__ import annotations

import copy
import logging
from collections.abc import Collection, Mapping
from pathlib import Path

import torch
from torch import nn

from restore.autoencoder import Autoencoder
from restore.device import move
from restore.errors import TrainingError
from restore.tasks.learning import Learning
from restore.training.checkpoint import (
    BEST,
    CHECKPOINT,
    Average,
    Progress,
    load_checkpoint,
    save_average,
    save_checkpoint,
)
from restore.training.config import TrainingConfig
from restore.training.muon import Muon

log = logging.getLogger(__name__)

MOST_RECOVERIES = 5


class TrainingState:
    """Network, its running average, optimizer, generator and progress, as they were last saved in
    the folder of the run, or at the start."""

    def __init__(
        self,
        task: Learning,
        config: TrainingConfig,
        run: Path,
        device: torch.device,
        start: Average | None,
    ) -> None:
        """
        Raises:
            TrainingError: `run` holds the checkpoint of another network.
        """
        torch.manual_seed(config.seed)
        self.run = run
        self.config = config
        self.network = move(task.network(config.network), device)
        if start is not None:
            self.network.load_state_dict(_fitting(start.tensors, self.network, config.parts))
        for name, part in self.network.named_children():
            learns = not config.parts or name in config.parts
            part.requires_grad_(learns)
            for module in part.modules():
                if learns and isinstance(module, Autoencoder):
                    module.drop_out(config.dropout)
        self.average = copy.deepcopy(self.network).eval().requires_grad_(False)
        self.optimizer = _optimizer(self.network, config)
        # A further pass that drew the crops of the one before would learn them by heart.
        drawn = start.progress.step if start is not None else 0
        self.generator = torch.Generator(device).manual_seed(config.seed + drawn)
        self.progress = Progress()
        self._settings = config.to_dict()
        if start is not None:  # what the run before it did belongs on the card too
            self._settings["before"] = start.passes
        self.fresh = not (run / CHECKPOINT).exists()
        if not self.fresh:
            self._load()
            log.info("going on from step %d", self.progress.step)

    def save(self) -> None:
        save_checkpoint(
            self.run / CHECKPOINT,
            self.network,
            self.average,
            self.optimizer,
            self.generator,
            self.progress,
            self._settings,
        )

    def save_best(self) -> None:
        """Keep the average as it is now, for it measured best."""
        save_average(self.run / BEST, self.average, self.progress, self._settings)

    def go_back(self, why: str, *, save: bool = True) -> None:
        """To the last checkpoint, with half the rate from now on.

        Raises:
            TrainingError: it has done so too often.
        """
        seconds, recoveries = self.progress.seconds, self.progress.recoveries + 1
        if recoveries > MOST_RECOVERIES:
            raise TrainingError(
                f"{self.run}: {why}, even at {0.5**MOST_RECOVERIES:.2g} of the rate; choose a "
                "lower one"
            )
        self._load()
        self.progress.seconds, self.progress.recoveries = seconds, recoveries
        if save:  # or a kill would bring the old rate back
            self.save()
        log.warning("%s; back to step %d, at half the rate", why, self.progress.step)

    def set_rate(self, rate: float) -> None:
        for group in self.optimizer.param_groups:
            group["lr"] = rate * 0.5**self.progress.recoveries

    def update(self) -> dict[str, torch.Tensor]:
        """One step along the gradients there are, if they are finite; returns their norms."""
        # Each part of the network is clipped by itself, or a lively one would slow the others.
        norms = {
            f"{name} norm": nn.utils.clip_grad_norm_(part.parameters(), self.config.clip)
            for name, part in self.network.named_children()
        }
        if all(torch.isfinite(norm) for norm in norms.values()):
            self.optimizer.step()
            step = self.progress.step
            self._follow(min(self.config.ema, (1 + step) / (10 + step)))
            self.progress.skipped_in_a_row = 0
        else:
            self.progress.skipped += 1
            self.progress.skipped_in_a_row += 1
        self.progress.step += 1
        return norms

    @torch.no_grad()
    def _follow(self, decay: float) -> None:
        pairs = zip(self.average.parameters(), self.network.parameters(), strict=True)
        for value, target in pairs:
            value.lerp_(target, 1 - decay)

    def _load(self) -> None:
        self.progress = load_checkpoint(
            self.run / CHECKPOINT,
            self.network,
            self.average,
            self.optimizer,
            self.generator,
            self._settings,
        )


def _fitting(
    start: Mapping[str, torch.Tensor], network: nn.Module, trained: Collection[str]
) -> Mapping[str, torch.Tensor]:
    """The tensors to start with; a part that is trained and was built otherwise begins anew."""
    own, fitting = network.state_dict(), dict(start)
    for part in trained:
        shapes, others = (
            {key: value.shape for key, value in tensors.items() if key.split(".")[0] == part}
            for tensors in (own, start)
        )
        if shapes != others:
            log.warning("%s is built otherwise than in what it starts from: it begins anew", part)
            fitting = {key: value for key, value in fitting.items() if key not in others}
            fitting |= {key: own[key] for key in shapes}
    return fitting


def _optimizer(network: nn.Module, config: TrainingConfig) -> torch.optim.Optimizer:
    betas, decay = (0.9, config.second_moment), config.weight_decay
    if config.optimizer == "muon":
        return Muon(network.parameters(), config.learning_rate, betas=betas, weight_decay=decay)
    return torch.optim.AdamW(
        network.parameters(), config.learning_rate, betas=betas, weight_decay=decay, fused=True
    )
