"""Photos to train on, held in memory as bytes; random crops of them, made on their device."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Generator, Tensor

from restore.errors import TrainingError

log = logging.getLogger(__name__)

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp"}
PIECE = 512
"""Larger photos are cut into pieces of at most this side."""
PIECES_PER_PHOTO = 12
"""So that one huge photo does not outweigh all others."""


@dataclass(frozen=True)
class PhotoStack:
    """Photos on one canvas: a batch of crops is a single indexing operation on any device."""

    canvas: Tensor
    """(N, 3, H, W) uint8, each photo in the upper left corner."""
    sizes: Tensor
    """(N, 2) int64: height and width of each photo."""

    def __len__(self) -> int:
        return len(self.canvas)

    def crops(self, count: int, side: int, generator: Generator) -> Tensor:
        """(count, 3, side, side) float32 in [0, 1]: random places, mirrored and turned."""
        device = self.canvas.device
        which = torch.randint(len(self), (count,), generator=generator, device=device)
        free = self.sizes[which] - side + 1
        corner = (torch.rand((count, 2), generator=generator, device=device) * free).long()
        span = torch.arange(side, device=device)
        rows = (corner[:, :1] + span)[:, None, :, None]
        columns = (corner[:, 1:] + span)[:, None, None, :]
        channels = torch.arange(3, device=device)[None, :, None, None]
        crops = self.canvas[which[:, None, None, None], channels, rows, columns].float() / 255
        turn = torch.rand((3, count, 1, 1, 1), generator=generator, device=device) < 0.5
        crops = torch.where(turn[0], crops.flip(-1), crops)
        crops = torch.where(turn[1], crops.flip(-2), crops)
        return torch.where(turn[2], crops.transpose(-1, -2), crops)

    def centres(self, count: int, side: int) -> Tensor:
        """(count, 3, side, side) float32 in [0, 1]: the middle of evenly spread photos."""
        picked = np.linspace(0, len(self) - 1, min(count, len(self))).round().astype(int)
        crops = []
        for index in picked:
            height, width = (int(value) for value in self.sizes[index])
            top, left = (height - side) // 2, (width - side) // 2
            crops.append(self.canvas[index, :, top : top + side, left : left + side])
        return torch.stack(crops).float() / 255


def load_photos(
    folder: Path, *, smallest: int, held_out: float, device: torch.device
) -> tuple[PhotoStack, PhotoStack]:
    """Photos below a folder, as (to train on, held out).

    Which ones are held out depends on their names alone, so that a run that is continued, or
    a later one on more photos, never trains on what it is judged by.

    Raises:
        TrainingError: fewer than four usable photos.
    """
    training: list[Tensor] = []
    validation: list[Tensor] = []
    for path in sorted(entry for entry in folder.rglob("*") if entry.suffix.lower() in SUFFIXES):
        try:
            with Image.open(path) as image:
                pixels = np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
        except (OSError, ValueError, Image.DecompressionBombError) as error:
            log.warning("left out %s: %s", path, error)
            continue
        if min(pixels.shape[:2]) < smallest:
            log.warning("left out %s: smaller than %d px", path, smallest)
            continue
        photo = torch.from_numpy(pixels.copy()).permute(2, 0, 1)
        digest = hashlib.sha256(path.name.encode()).digest()
        chosen = validation if digest[0] < 256 * held_out else training
        chosen.extend(_pieces(photo))
    if not validation and len(training) > 1:
        validation.append(training.pop())
    if len(training) < 3 or not validation:
        raise TrainingError(
            f"{folder}: {len(training) + len(validation)} usable photos of at least {smallest} px; "
            "give a folder with at least four"
        )
    return _stack(training, device), _stack(validation, device)


def _pieces(photo: Tensor) -> list[Tensor]:
    height, width = photo.shape[-2:]
    rows, columns = -(-height // PIECE), -(-width // PIECE)
    tops = np.linspace(0, max(height - PIECE, 0), rows).round().astype(int)
    lefts = np.linspace(0, max(width - PIECE, 0), columns).round().astype(int)
    places = [(top, left) for top in tops for left in lefts]
    step = -(-len(places) // PIECES_PER_PHOTO)
    return [photo[:, top : top + PIECE, left : left + PIECE] for top, left in places[::step]]


def _stack(photos: Iterable[Tensor], device: torch.device) -> PhotoStack:
    photos = list(photos)
    sizes = torch.tensor([photo.shape[-2:] for photo in photos])
    height, width = (int(value) for value in sizes.amax(0))
    canvas = torch.zeros((len(photos), 3, height, width), dtype=torch.uint8)
    for place, photo in zip(canvas, photos, strict=True):
        place[:, : photo.shape[1], : photo.shape[2]] = photo
    return PhotoStack(canvas.to(device), sizes.to(device))
