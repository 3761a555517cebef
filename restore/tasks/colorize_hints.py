"""What the user knows of the colours: into the network, and met in the result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from restore.chroma import ChromaMap
from restore.colour import lab_from_srgb
from restore.tasks.options import Hint

_REACH = 0.3
"""How far a correction spreads: standard deviation as a share of the picture's short side."""
_LIGHTNESS_REACH = 10.0
"""And over how much of a difference in lightness, in units of L*."""
_RIDGE = 0.02
"""Of hints that contradict each other at one place, each is met by half, rather than wildly."""


def chroma_of(hints: Sequence[Hint]) -> Tensor:
    """a* and b* (n, 2) of the hints."""
    colours = torch.tensor([hint[2] for hint in hints], dtype=torch.float32).view(-1, 3)
    return lab_from_srgb(colours.T[:, :, None] / 255)[1:, :, 0].T


def pixels_of(hints: Sequence[Hint], size: tuple[int, int]) -> list[tuple[int, int]]:
    """(x, y) of the pixels that the hints are on.

    Raises:
        ValueError: one lies outside of the picture.
    """
    height, width = size
    pixels = []
    for number, (x, y, _) in enumerate(hints, 1):
        if not (0 <= x < width and 0 <= y < height):
            raise ValueError(
                f"hint {number} at ({x:g}, {y:g}) lies outside of the picture of {width} x {height}"
            )
        pixels.append((int(x), int(y)))
    return pixels


def hint_map(hints: Sequence[Hint], size: tuple[int, int], grid: tuple[int, int]) -> Tensor:
    """What the network is told: (1, 3, h, w) with 1, a*, b* where there are hints, their mean where
    there are several in one place; else 0."""
    told = torch.zeros(3, *grid)
    for (x, y), chroma in zip(pixels_of(hints, size), chroma_of(hints), strict=True):
        row, column = y * grid[0] // size[0], x * grid[1] // size[1]
        told[:, row, column] += torch.cat([torch.ones(1), chroma])
    return (told / told[:1].clamp(min=1))[None]


def resampled(hints: Tensor, grid: tuple[int, int]) -> Tensor:
    """A map of hints (1, 3, h, w) on another grid."""
    rows, columns = hints[0, 0].nonzero(as_tuple=True)
    moved = hints.new_zeros(1, 3, *grid)
    to_rows = (2 * rows + 1) * grid[0] // (2 * hints.shape[2])
    to_columns = (2 * columns + 1) * grid[1] // (2 * hints.shape[3])
    moved[:, :, to_rows, to_columns] = hints[:, :, rows, columns]
    return moved


def met(chroma: ChromaMap, hints: Sequence[Hint], lightness: Tensor, small: Tensor) -> ChromaMap:
    """The chroma, corrected so that every hint is met.

    What is missing at the hints spreads to places that are near and of similar lightness: an
    interpolation by a kernel (as in kriging), which takes hints that lie close for one.

    Args:
        lightness: (H, W) of the picture.
        small: (h, w), the same at the size of `chroma`.
    """
    if not hints:
        return chroma
    pixels = pixels_of(hints, chroma.size)
    wanted = chroma_of(hints)
    height, width = small.shape
    reach = _REACH * min(chroma.size)
    rows = (torch.arange(height) + 0.5) * chroma.size[0] / height / reach
    columns = (torch.arange(width) + 0.5) * chroma.size[1] / width / reach
    tones = small / _LIGHTNESS_REACH
    kernels = []
    for x, y in pixels:
        tone = tones[y * height // chroma.size[0], x * width // chroma.size[1]]
        away = (rows - (y + 0.5) / reach).square()[:, None] + (columns - (x + 0.5) / reach).square()
        kernels.append(torch.exp(-0.5 * (away + (tones - tone).square())))
    kernel = torch.stack(kernels)
    at_hints = torch.stack(
        [kernel[:, y * height // chroma.size[0], x * width // chroma.size[1]] for x, y in pixels]
    )
    system = at_hints + _RIDGE * torch.eye(len(pixels))
    # Each round sees what the ridge and the enlargement have left of the last one's aim.
    for _ in range(4):
        now = torch.stack([chroma.at(x, y, lightness[y]) for x, y in pixels])
        weights = torch.linalg.solve(system, wanted - now)
        correction = torch.einsum("nc,nhw->chw", weights, kernel)
        chroma = replace(chroma, offset=chroma.offset + correction)
    return chroma
