"""A picture in other colours: to the network it is another one, and a mark in it is still a mark.

J = (1 - A) I + A W holds for M J, M I and M W as well, whatever the matrix M: as a negative, with
its channels exchanged or with less colour, a picture is covered by the mark where it was before.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Generator, Tensor

from restore.degradation.random import chance, uniform
from restore.tiles import FloatArray

MIDDLE = 0.5
"""The gray that stays as it is."""
NEGATIVE, EXCHANGED, PALER = 0.4, 0.3, 0.4
"""Shares of the pictures to learn from of which one sees the negative, exchanged channels, less
colour."""
_LUMA = (0.299, 0.587, 0.114)


class Colours(NamedTuple):
    """Other colours for one picture."""

    matrix: FloatArray
    """(3, 3)."""

    def picture(self, picture: FloatArray) -> FloatArray:
        """A picture (H, W, 3) in [0, 1] in these colours."""
        return self.change(picture - np.float32(MIDDLE)) + np.float32(MIDDLE)

    def change(self, change: FloatArray) -> FloatArray:
        """The difference (H, W, 3) of two pictures in these colours."""
        return np.asarray(change @ self.matrix.T)


def colours(*, paler: float = 1.0, order: str = "rgb", negative: bool = False) -> Colours:
    """
    Args:
        paler: how much of its colour a picture keeps, in [0, 1].
        order: of its channels.
        negative: whether light is dark.
    """
    matrix = np.array(_LUMA) + paler * (np.eye(3) - _LUMA)
    matrix = matrix[["rgb".index(channel) for channel in order]]
    return Colours(np.asarray(-matrix if negative else matrix, np.float32))


def recoloured(maps: Tensor, matrices: Tensor, matte: float | Tensor = 1.0) -> Tensor:
    """Pictures (B, 3, H, W) in other colours.

    Args:
        matrices: (B, 3, 3).
        matte: (B, 1, H, W), of what is premultiplied by one.
    """
    middle = MIDDLE * matte
    return torch.einsum("bij,bjhw->bihw", matrices.to(maps), maps - middle) + middle


def random_colours(batch: int, generator: Generator) -> Tensor:
    """Matrices (B, 3, 3) for `recoloured`."""
    device = generator.device
    identity = torch.eye(3, device=device)
    paler = torch.where(chance(batch, PALER, generator), uniform(batch, 0, 1, generator), 1.0)
    gray = torch.tensor(_LUMA, device=device).expand(3, 3)
    matrices = gray + paler.view(-1, 1, 1) * (identity - gray)
    orders = torch.rand((batch, 3), generator=generator, device=device).argsort(1)
    exchanged = chance(batch, EXCHANGED, generator).view(-1, 1, 1)
    matrices = torch.where(exchanged, identity[orders] @ matrices, matrices)
    negative = chance(batch, NEGATIVE, generator).view(-1, 1, 1)
    return torch.where(negative, -matrices, matrices)
