"""An engine whose trainings are small enough for tests. Its process imports this by its name."""

from __future__ import annotations

import torch

import restore
from restore import home
from restore.finetune import denoise as lessons
from restore.finetune import run
from restore.training.state import TrainingState

lessons.SETTINGS.update({"batch": 2, "patch": 48, "learning_rate": 3e-3, "warmup": 2, "ema": 0.8})
run.OFTEN = 0.01  # minutes between validations
run.VALIDATIONS = 200

torch.set_num_threads(1)  # two wait for each other where others compute as well
load = restore.load

POISON = "poison"
"""A file of this name in the user's folder makes the weights NaN, once."""
update = TrainingState.update


def poisoned(state: TrainingState) -> dict[str, torch.Tensor]:
    poison = home.home() / POISON
    if poison.exists():
        poison.unlink()
        with torch.no_grad():
            for weights in state.network.parameters():
                weights.fill_(torch.nan)
    return update(state)


TrainingState.update = poisoned  # type: ignore[method-assign]
