"""What a model makes of the held-out pictures, through the very code that restores photos."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
import torch
from torch import nn

from restore.bench.colorize import difference
from restore.bench.measure import psnr_of
from restore.engine import Engine
from restore.errors import Cancelled
from restore.finetune.events import Sample
from restore.finetune.material import ByteArray, Item
from restore.tasks import TASKS
from restore.zoo import Card

MOST_SAMPLES = 4
FEW_PHOTOS = 6
"""With fewer held out, parts of the same photo choose and prove."""


@dataclass(frozen=True)
class Answer:
    """What one model made of one item."""

    result: ByteArray
    """(H, W, 3)"""
    score: float | None
    """None where the truth is not known."""


@dataclass(frozen=True)
class Judge:
    """Measures models of one task on the same items."""

    card: Card
    """Of the base model; networks that are measured have its shape."""
    items: tuple[Item, ...]
    device: torch.device

    @property
    def metric(self) -> str:
        return "CIEDE2000" if self.card.task == "colorize" else "dB PSNR"

    @property
    def higher_is_better(self) -> bool:
        return self.card.task != "colorize"

    def answers(self, network: nn.Module, stop: Callable[[], bool] = lambda: False) -> list[Answer]:
        """One for each item.

        Raises:
            Cancelled: `stop` said so.
        """
        module = import_module(f"restore.tasks.{self.card.task}")
        options = TASKS[self.card.task].options()
        restorer = module.RESTORER(self.card, Engine(network, self.device))
        found = []
        for item in self.items:
            if stop():
                raise Cancelled("stopped while it was measured")
            found.append(self._answer(item, restorer.restore(item.before, options).array))
        return found

    def score(self, answers: Sequence[Answer]) -> float:
        """Mean over what checkpoints are chosen by; higher is better, whatever the metric."""
        mean = statistics.fmean(answers[number].score or 0.0 for number in self.choosers)
        return mean * (1 if self.higher_is_better else -1)

    @property
    def choosers(self) -> list[int]:
        """Numbers of the items that the choice between checkpoints is left to."""
        return [number for number in self._scored if self._chooses(number)]

    @property
    def provers(self) -> list[int]:
        """Numbers of the others, which have no part in any choice; all if there is but one."""
        return [number for number in self._scored if not self._chooses(number)] or self._scored

    def by_photo(
        self, answers: Sequence[Answer], numbers: Sequence[int] | None = None
    ) -> dict[str, float]:
        """The mean score of each held-out photo in units of the metric, over all its items or
        those of the given numbers."""
        rows: dict[str, list[float]] = {}
        for number in self._scored if numbers is None else numbers:
            rows.setdefault(self.items[number].photo, []).append(answers[number].score or 0.0)
        return {photo: statistics.fmean(scores) for photo, scores in rows.items()}

    def samples(self, base: Sequence[Answer], tuned: Sequence[Answer]) -> tuple[Sample, ...]:
        """A few to look at: one of each photo, those that are only shown before the others."""
        scores, better = self.by_photo(base), self.by_photo(tuned)
        order = sorted(range(len(self.items)), key=lambda k: self.items[k].truth is not None)
        chosen: dict[str, int] = {}
        for number in order:
            chosen.setdefault(self.items[number].photo, number)
        return tuple(
            Sample(
                photo,
                _rgb(self.items[number].before),
                base[number].result,
                tuned[number].result,
                self.items[number].truth,
                scores.get(photo, float("nan")),
                better.get(photo, float("nan")),
            )
            for photo, number in list(chosen.items())[:MOST_SAMPLES]
        )

    @property
    def _scored(self) -> list[int]:
        return [number for number, item in enumerate(self.items) if item.truth is not None]

    def _chooses(self, number: int) -> bool:
        """Every other photo; every other part of them where there are only a few."""
        photos = list(dict.fromkeys(self.items[each].photo for each in self._scored))
        if len(photos) >= FEW_PHOTOS:
            return photos.index(self.items[number].photo) % 2 == 0
        return self._scored.index(number) % 2 == 0

    def _answer(self, item: Item, result: Any) -> Answer:
        result = _rgb(result)
        if item.truth is None:
            return Answer(result, None)
        if self.card.task == "colorize":
            return Answer(result, difference(result, item.truth))
        return Answer(result, psnr_of(result / 255, item.truth / 255))


def _rgb(array: ByteArray) -> ByteArray:
    return array if array.ndim == 3 else np.repeat(array[..., None], 3, 2)
