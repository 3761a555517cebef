"""The way of learning to colorize: colour photos are their own truth."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from restore.bench.colorize import gray_of
from restore.finetune.gather import Gathered
from restore.finetune.lesson import Lesson, Stop
from restore.finetune.material import Item, Material
from restore.finetune.request import Request
from restore.restorer import Restorer
from restore.tasks.colorize_learning import LEARNING
from restore.training.photos import stack_photos

SETTINGS: dict[str, Any] = {
    "batch": 8,
    "patch": 96,
    "loss": "psnr",
    "learning_rate": 1e-5,
    "warmup": 20,
    "clip": 1.0,
    "ema": 0.99,
    "fall": 1.5,
}


def _prepare(request: Request, gathered: Gathered, base: Restorer, stop: Stop) -> Material | None:
    training = stack_photos(
        [piece for photo in gathered.learn for piece in photo.pieces], torch.device("cpu")
    )
    items = []
    for photo in gathered.held_out:
        colour = np.ascontiguousarray(photo.pieces[0].permute(1, 2, 0).numpy())
        items.append(Item(photo.name, gray_of(colour), colour))
    return Material(training, tuple(items))


COLOURS = Lesson(
    "CIEDE2000 on held-out photos, coloured anew from their gray copies without hints",
    SETTINGS,
    _prepare,
    lambda material: LEARNING,
)
