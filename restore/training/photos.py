"""Photos to train on, held in memory as bytes; random crops of them, made on their device."""

from __future__ import annotations

import hashlib
import logging
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Generator, Tensor

from restore.arrays import as_rgb, from_unit, split_alpha, to_unit
from restore.errors import RestoreError, TrainingError
from restore.picture import READABLE, read_pages, read_picture

log = logging.getLogger(__name__)

ARCHIVE = ".tar"
PIECE = 512
"""Larger photos are cut into pieces of at most this side."""
PIECES_PER_PHOTO = 12
"""So that one huge photo does not outweigh all others."""


@dataclass(frozen=True)
class PhotoStack:
    """Photos end to end in one tensor: a batch of crops is a single indexing operation on any
    device, and photos of all shapes take no more room than their pixels."""

    pixels: Tensor
    """(total,) uint8: each photo as (C, H, W), one after the other."""
    sizes: Tensor
    """(N, 2) int64: height and width of each photo."""
    starts: Tensor
    """(N,) int64: where each photo begins."""
    channels: int = 3
    """C: 3 for photos, 6 for pairs of them."""
    weights: Tensor | None = None
    """(N,): how often each photo is drawn, relative to the others; None: all alike."""

    def __len__(self) -> int:
        return len(self.sizes)

    def to(self, device: torch.device) -> PhotoStack:
        """The same on another device."""
        pixels, sizes, starts = (each.to(device) for each in (self.pixels, self.sizes, self.starts))
        weights = None if self.weights is None else self.weights.to(device)
        return PhotoStack(pixels, sizes, starts, self.channels, weights)

    def photo(self, index: int) -> Tensor:
        """(C, H, W) uint8."""
        height, width = (int(value) for value in self.sizes[index])
        start = int(self.starts[index])
        shape = self.channels, height, width
        return self.pixels[start : start + self.channels * height * width].view(shape)

    def crops(
        self, count: int, side: int, generator: Generator, *, upright: bool = False
    ) -> Tensor:
        """(count, C, side, side) float32 in [0, 1]: random places, mirrored and, unless they are
        to stay upright, turned."""
        device = self.pixels.device
        if self.weights is None:
            which = torch.randint(len(self), (count,), generator=generator, device=device)
        else:
            which = self.weights.multinomial(count, replacement=True, generator=generator)
        size = self.sizes[which]
        free = size - side + 1
        corner = (torch.rand((count, 2), generator=generator, device=device) * free).long()
        span = torch.arange(side, device=device)
        rows = (corner[:, :1] + span)[:, None, :, None]
        columns = (corner[:, 1:] + span)[:, None, None, :]
        channels = torch.arange(self.channels, device=device)[None, :, None, None]
        height, width = size.T[:, :, None, None, None]
        places = self.starts[which][:, None, None, None] + (channels * height + rows) * width
        crops = self.pixels[places + columns].float() / 255
        turn = torch.rand((3, count, 1, 1, 1), generator=generator, device=device) < 0.5
        crops = torch.where(turn[0], crops.flip(-1), crops)
        if upright:
            return crops
        crops = torch.where(turn[1], crops.flip(-2), crops)
        return torch.where(turn[2], crops.transpose(-1, -2), crops)

    def centres(self, count: int, side: int) -> Tensor:
        """(count, C, side, side) float32 in [0, 1]: the middle of evenly spread photos."""
        picked = np.linspace(0, len(self) - 1, min(count, len(self))).round().astype(int)
        crops = []
        for index in picked:
            photo = self.photo(int(index))
            top, left = (photo.shape[1] - side) // 2, (photo.shape[2] - side) // 2
            crops.append(photo[:, top : top + side, left : left + side])
        return torch.stack(crops).float() / 255


def load_photos(
    folder: Path,
    *,
    smallest: int,
    held_out: float,
    device: torch.device,
    short_side: int = 0,
    enlarged: float = 0,
) -> tuple[PhotoStack, PhotoStack]:
    """Photos below a folder, also those in tar files there, as (to train on, held out).

    Which ones are held out depends on their names alone, so that a run that is continued, or
    a later one on more photos, never trains on what it is judged by.

    Args:
        short_side: photos are reduced to this short side where theirs is larger; 0: they are not.
        enlarged: photos that are smaller than `smallest`, but not than half of it, are enlarged to
            it, and this share of what is drawn to train on is of them; 0: they are left out.

    Raises:
        TrainingError: fewer than four usable photos.
    """
    training: list[Tensor] = []
    validation: list[Tensor] = []
    small: list[Tensor] = []
    too_small: list[Path] = []
    for name, content in _files(folder):
        try:
            pixels = _reduced(read_rgb8(name, content), short_side)
        except RestoreError as error:
            log.warning("left out %s", error)
            continue
        chosen = validation if is_held_out(name.name, held_out) else training
        side = min(pixels.shape[:2])
        if side < smallest:
            if not enlarged or side < smallest / 2:
                too_small.append(name)
                continue
            if chosen is validation:  # what is judged are photos as they are
                continue
            chosen, pixels = small, _resized(pixels, smallest)
        photo = torch.from_numpy(pixels.copy()).permute(2, 0, 1)
        chosen.extend(pieces(photo))
    if too_small:
        others = f" and {len(too_small) - 1} more" if len(too_small) > 1 else ""
        log.warning("left out %s%s: smaller than %d px", too_small[0], others, smallest)
    if not validation and len(training) > 1:
        validation.append(training.pop())
    if len(training) < 3 or not validation:
        raise TrainingError(
            f"{folder}: {len(training) + len(validation)} usable photos of at least {smallest} px; "
            "give a folder with at least four"
        )
    stack = stack_photos(training + small, device)
    if small:
        weights = torch.full((len(stack),), (1 - enlarged) / len(training), device=device)
        weights[len(training) :] = enlarged / len(small)
        stack = replace(stack, weights=weights)
    return stack, stack_photos(validation, device)


def is_held_out(name: str, share: float) -> bool:
    """Whether a photo in a file of this name is held out of training, as about this share is."""
    digest = hashlib.sha256(name.encode(errors="surrogatepass")).digest()
    return digest[0] < 256 * share


def _files(folder: Path) -> Iterator[tuple[Path, bytes | None]]:
    """The picture files below a folder, in an order that stays the same; of those in a tar file
    the contents too."""
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in READABLE:
            yield path, None
        elif path.suffix.lower() == ARCHIVE:
            try:
                with tarfile.open(path, "r:") as archive:
                    for member in archive:
                        name = path / member.name
                        content = archive.extractfile(member)
                        if content is not None and name.suffix.lower() in READABLE:
                            yield name, content.read()
            except (OSError, tarfile.TarError) as error:
                log.warning("left out the rest of %s: %s", path, error)


def read_rgb8(path: Path, content: bytes | None = None) -> NDArray[np.uint8]:
    """The pixels of a file, or of its content: (H, W, 3), upright, without alpha, in 8 bits.

    Raises:
        UnreadableImage, MissingExtra: see `restore.picture.read_pages`.
    """
    picture = read_picture(path) if content is None else next(read_pages(content, path))
    colour, _ = split_alpha(picture.array)
    rgb = as_rgb(colour)
    if rgb.dtype != np.uint8:
        rgb = from_unit(to_unit(rgb), np.dtype(np.uint8))
    return np.ascontiguousarray(rgb)


def _reduced(pixels: NDArray[np.uint8], short_side: int) -> NDArray[np.uint8]:
    return _resized(pixels, short_side) if 0 < short_side < min(pixels.shape[:2]) else pixels


def _resized(pixels: NDArray[np.uint8], short_side: int) -> NDArray[np.uint8]:
    scale = short_side / min(pixels.shape[:2])
    height, width = (max(round(side * scale), short_side) for side in pixels.shape[:2])
    resized = Image.fromarray(pixels).resize((width, height), Image.Resampling.LANCZOS)
    return np.asarray(resized)


def pieces(photo: Tensor, most: int = PIECES_PER_PHOTO) -> list[Tensor]:
    """A photo (C, H, W), or where it is large up to `most` pieces of it, evenly spread.

    Pieces have memory of their own, so that not all of the photo stays with them.
    """
    height, width = photo.shape[-2:]
    if max(height, width) <= PIECE:
        return [photo]
    rows, columns = -(-height // PIECE), -(-width // PIECE)
    tops = np.linspace(0, max(height - PIECE, 0), rows).round().astype(int)
    lefts = np.linspace(0, max(width - PIECE, 0), columns).round().astype(int)
    places = [(top, left) for top in tops for left in lefts]
    step = -(-len(places) // most)
    return [
        photo[:, top : top + PIECE, left : left + PIECE].clone() for top, left in places[::step]
    ]


def stack_photos(photos: Sequence[Tensor], device: torch.device) -> PhotoStack:
    """The stack of photos (C, H, W) uint8."""
    sizes = torch.tensor([photo.shape[-2:] for photo in photos])
    counts = torch.tensor([photo.numel() for photo in photos])
    pixels = torch.cat([photo.flatten() for photo in photos])
    starts = (counts.cumsum(0) - counts).to(device)
    return PhotoStack(pixels.to(device), sizes.to(device), starts, len(photos[0]))
