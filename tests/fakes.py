"""A task that is quick and needs no torch, for tests of all that is around the tasks."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from restore.pipeline import Pipeline, Saving
from restore.tasks.options import DenoiseOptions
from restore.zoo import Card


@dataclass(frozen=True)
class Outcome:
    array: NDArray[Any]
    facts: dict[str, Any] = field(default_factory=dict)
    note: str = ""
    changed: bool = True
    coloured: bool = False
    maps: dict[str, NDArray[np.uint8]] = field(default_factory=dict)


class Inverter:
    """Turns a picture into its negative; alpha stays."""

    def __init__(self, name: str = "inverter", seconds: float = 0.0) -> None:
        self.card = Card(
            name=name,
            task="denoise",
            about="",
            architecture={},
            parameters=0,
            gmac_per_megapixel=0,
            sha256="0" * 64,
            date="",
            version="",
            training={},
        )
        self.device = name
        self.engine = SimpleNamespace(tile=512)
        self.seconds = seconds
        self.calls = 0

    def restore(
        self,
        array: NDArray[Any],
        options: DenoiseOptions,
        on_progress: Callable[[float], None] | None = None,
    ) -> Outcome:
        self.calls += 1
        for step in range(4):
            time.sleep(self.seconds / 4)
            if on_progress is not None:
                on_progress((step + 1) / 4)
        if options.strength == 0:
            return Outcome(array, {"sigma": 0.0}, changed=False)
        colours = 1 if array.ndim == 2 else array.shape[2] - (array.shape[2] in (2, 4))
        peak = np.iinfo(array.dtype).max
        negative = array.copy()
        if array.ndim == 2:
            negative = peak - array
        else:
            negative[..., :colours] = peak - array[..., :colours]
        return Outcome(negative, {"sigma": 1.5}, maps={"mask": np.zeros(array.shape[:2], np.uint8)})


def pipeline(
    inverter: Inverter | None = None, saving: Saving | None = None, **options: Any
) -> Pipeline:
    step = (inverter or Inverter(), DenoiseOptions(**options))
    return Pipeline([cast(Any, step)], saving)
