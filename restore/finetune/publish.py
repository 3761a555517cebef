"""From a checkpoint to a model in the user's folder."""

from __future__ import annotations

from typing import Any

from restore.errors import TrainingError
from restore.finetune.store import Store
from restore.home import models_folder
from restore.training.checkpoint import BEST, read_average
from restore.training.export import write_model
from restore.zoo import Model


def keep(name: str, step: int | None = None) -> Model:
    """Make the model of a run from one of its checkpoints (`Verdict.checkpoints`).

    A model that is made of any but the best checkpoint is a draft: nothing was proven of it.

    Args:
        step: of the checkpoint; None takes the best one.

    Raises:
        TrainingError: there is no such run or checkpoint.
    """
    store = Store(name)
    known = [checkpoint.step for checkpoint in store.checkpoints()]
    if step is not None and step not in known:
        raise TrainingError(f"no checkpoint {step} of {name!r}: there is {known}")
    best = store.answers("best")
    if step is None or (best is not None and step == best[0]):
        done = store.done or {}
        return publish(store, None, done.get("proof", {}), draft=not done.get("better", False))
    return publish(store, step, {}, draft=True)


def publish(store: Store, step: int | None, proof: dict[str, Any], *, draft: bool) -> Model:
    """Write the model of a run: of its best weights, or of those at a step.

    Raises:
        TrainingError: no usable weights there.
    """
    path = store.folder / BEST if step is None else store.state(step)
    average = read_average(path)
    config = average.config
    base, last = average.passes
    training = {"data": "the user's own photos", **base, "passes": [last]}
    return write_model(
        models_folder(), store.name, config["task"], config["network"], average.tensors, training,
        metrics={"proof": proof} if proof else {}, draft=draft,
    )  # fmt: skip
