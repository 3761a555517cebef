"""What a way of learning adds to the training loop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from restore.finetune.gather import Gathered
from restore.finetune.material import Material
from restore.finetune.request import Request
from restore.restorer import Restorer
from restore.tasks.learning import Learning

Stop = Callable[[], bool]


@dataclass(frozen=True)
class Lesson:
    """One way of learning; there is a list of them in `restore.finetune.ways`."""

    criterion: str
    """What the proof measures, in words."""
    settings: dict[str, Any]
    """Fields of `TrainingConfig`."""
    prepare: Callable[[Request, Gathered, Restorer, Stop], Material | None]
    """Makes the material with the base model; None, and a refusal among the findings, if it can't.
    """
    learning: Callable[[Material], Learning]
    """Degradation and objective on that material; validation is the judge's."""
