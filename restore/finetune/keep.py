"""From a checkpoint to a model in the user's folder."""

from __future__ import annotations

from pathlib import Path

from restore.zoo import Model


def keep(name: str, step: int | None = None, home: Path | None = None) -> Model:
    """Make the model of a run from another of its checkpoints (`Verdict.checkpoints`).

    Args:
        step: of the checkpoint; None takes the best one.

    Raises:
        TrainingError: there is no such run or checkpoint.
    """
    raise NotImplementedError
