"""The way of learning to remove a known mark: laid over photos without one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Generator, Tensor

from restore.degradation.marks import SUFFIXES, MarkBank, load_marks
from restore.degradation.watermark import watermark
from restore.errors import UnreadableImage
from restore.finetune.gather import Gathered
from restore.finetune.lesson import Lesson, Stop
from restore.finetune.material import ByteArray, Item, Material
from restore.finetune.request import Request
from restore.restorer import Restorer
from restore.tasks.dewatermark_learning import LEARNING
from restore.tasks.learning import Damaged, Learning
from restore.training.config import TrainingConfig
from restore.training.photos import stack_photos

TEXTS = 200
"""Texts that are written for marks where the user has none to give."""
OWN_COLOURS = 0.85
"""Share of a user's marks that keep the colours of their file."""
SHARES = {"single": 0.72, "tiled": 0.12, "print": 0.04, "none": 0.12}
CROP = 256
SETTINGS: dict[str, Any] = {
    "parts": ("autoencoder",),  # what a mark looks like; what taking it off leaves is always alike
    "batch": 8,
    "patch": 128,
    "loss": "charbonnier",
    "learning_rate": 3e-4,
    "warmup": 20,
    "clip": 1.0,
    "ema": 0.99,
    "fall": 1.0,
}


def _prepare(request: Request, gathered: Gathered, base: Restorer, stop: Stop) -> Material | None:
    files = _mark_files(request.marks)
    for path in files:
        trouble = _trouble(path)
        if trouble:
            gathered.say("refusal", f"{path}: {trouble}")
    if not gathered.usable:
        return None
    bank = load_marks(files, None, 0 if files else TEXTS)
    gathered.say("fine", f"{len(bank)} marks" if files else "marks: text, for none was given")
    training = stack_photos(
        [piece for photo in gathered.learn for piece in photo.pieces], torch.device("cpu")
    )
    generator = torch.Generator().manual_seed(1)
    items = []
    for photo in gathered.held_out:
        piece = photo.pieces[0]
        height, width = (min(length, CROP) for length in piece.shape[-2:])
        top, left = (piece.shape[-2] - height) // 2, (piece.shape[-1] - width) // 2
        clean = piece[:, top : top + height, left : left + width][None] / 255
        marked = watermark(clean, bank, generator, {"single": 1.0}, own_colours=OWN_COLOURS)
        items.append(Item(photo.name, _array(marked.marked), _array(marked.clean)))
    extra = {f"level{number}": level for number, level in enumerate(bank.levels)}
    return Material(training, tuple(items), extra | {"sizes": bank.sizes})


def _learning(material: Material) -> Learning:
    levels = tuple(material.extra[f"level{number}"] for number in range(3))
    sizes = material.extra["sizes"]
    as_they_are = torch.zeros(len(sizes), dtype=torch.bool)
    bank = MarkBank(levels, sizes, dates=as_they_are, drawn=as_they_are)

    def degrade(clean: Tensor, generator: Generator, config: TrainingConfig) -> Damaged:
        return watermark(clean, bank, generator, SHARES, own_colours=OWN_COLOURS)

    return replace(LEARNING, degrade=degrade)


def _mark_files(marks: tuple[Path, ...]) -> list[Path]:
    found: list[Path] = []
    for path in marks:
        inside = sorted(entry for entry in path.iterdir()) if path.is_dir() else [path]
        found += [entry for entry in inside if entry.suffix.lower() in SUFFIXES]
        if not path.exists():
            raise UnreadableImage(f"{path}: no such file or folder")
    if marks and not found:
        raise UnreadableImage(f"{marks[0]}: no mark there; PNG or WebP with transparency is wanted")
    return found


def _trouble(path: Path) -> str:
    try:
        with Image.open(path) as image:
            alpha = np.asarray(image.convert("RGBA"))[..., 3]
    except (OSError, ValueError, Image.DecompressionBombError):
        return "can't be read as a picture"
    if alpha.min() > 8:
        return "has no transparency, so that its shape is unknown; save it as PNG without ground"
    if alpha.max() <= 8:
        return "is transparent all over"
    return ""


def _array(picture: Tensor) -> ByteArray:
    return (picture[0] * 255).round().byte().permute(1, 2, 0).contiguous().numpy()


MARKS = Lesson(
    "PSNR on held-out photos under the marks, as they are found and removed without help",
    SETTINGS,
    _prepare,
    _learning,
)
