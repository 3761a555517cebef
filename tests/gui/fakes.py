"""Restorers for what has no weights yet, or what can't be had on demand: slowness, lack of memory.

They run in the engine's process, which imports this module by its name.
"""

from __future__ import annotations

import os
import time
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

import restore
from restore.restorer import Outcome
from restore.zoo import Card

CARD = {
    "about": "for tests",
    "architecture": {},
    "parameters": 1,
    "gmac_per_megapixel": 1.0,
    "sha256": "0" * 64,
    "date": "2026-01-01",
    "version": "0",
    "training": {"data": "none"},
    "metrics": {},
}


SLOW, DEAF, DEADLY = 41, 43, 47
"""Widths of pictures that take two seconds, that keep the engine from listening, that kill it."""


class Fake:
    """Halves the values; tells 8 times how far it is."""

    def __init__(self, task: str) -> None:
        self.card = Card(**CARD, name=f"{task}-fast", task=task)  # type: ignore[arg-type]
        self.device = torch.device("cpu")
        self.engine = SimpleNamespace(tile=512)

    def restore(self, array: NDArray[Any], options: Any, on_progress: Any = None) -> Outcome:
        width = array.shape[1]
        if width == DEADLY:
            os._exit(9)
        if width == DEAF:
            time.sleep(10)
        for part in range(8):
            time.sleep(0.25 if width == SLOW else 0)
            if on_progress is not None:
                on_progress((part + 1) / 8)
        restored = array // 2
        strength = options.strength
        mixed = np.rint(array + strength * (restored.astype(float) - array)).astype(array.dtype)
        return Outcome(mixed, {"sigma": 5.0})


class Remover(Fake):
    """Takes pure red for the mark and makes what is marked green."""

    def restore(self, array: NDArray[Any], options: Any, on_progress: Any = None) -> Outcome:
        marked = (
            (array[..., 0] > 250) & (array[..., 1] < 5)
            if options.mask is None
            else np.asarray(options.mask) > 127
        )
        result = array.copy()
        result[marked, :3] = (0, 255, 0)
        return Outcome(
            result,
            {"marked": float(marked.mean())},
            maps={"mask": marked.astype(np.uint8) * 255},
        )


class Painter(Fake):
    """Makes gray warm; a square around each colour point has that colour exactly."""

    def restore(self, array: NDArray[Any], options: Any, on_progress: Any = None) -> Outcome:
        gray = array if array.ndim == 2 else array[..., 1]
        result = np.stack([gray, gray // 2, gray // 4], -1)
        for x, y, colour in getattr(options, "hints", ()):
            result[max(y - 3, 0) : y + 4, max(x - 3, 0) : x + 4] = colour
        return Outcome(result)

    def uncertainty(self, array: NDArray[Any]) -> NDArray[np.float32]:
        return np.broadcast_to(
            np.linspace(0, 1, array.shape[1], dtype=np.float32), array.shape[:2]
        ).copy()


def load(task: str, model: str = "auto", device: str = "auto", tile: int | None = None) -> Any:
    return {"denoise": Fake, "dewatermark": Remover, "colorize": Painter}[task](task)


def load_short_of_memory(
    task: str, model: str = "auto", device: str = "auto", tile: int | None = None
) -> Any:
    """The real denoiser on a device whose memory holds tiles of less than 300 pixels only."""
    restorer: Any = restore.load(task, model, device, tile)
    forward = restorer.engine._checked

    def checked(part: NDArray[Any], condition: Any) -> Any:
        if max(part.shape[:2]) >= 300:
            raise torch.OutOfMemoryError("simulated")
        return forward(part, condition)

    restorer.engine._checked = checked
    return restorer


load.cards = tuple(  # type: ignore[attr-defined]
    CARD | {"name": f"{task}-fast", "task": task} for task in ("denoise", "dewatermark", "colorize")
)
