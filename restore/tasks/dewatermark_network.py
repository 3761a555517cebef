"""The network of the dewatermark task: where the mark is, and what gives the pixels below back."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from restore.autoencoder import Autoencoder, AutoencoderConfig

CONDITIONS = 6
"""Channels that the network is told: whether a mask is given, the mask, and what a look at a
reduced picture has found: gain and offset (3)."""


class Removal(NamedTuple):
    """A mark's place, and the way back: clean = marked * (1 + gain) + offset.

    Made of what the network puts out, (B, 5, H, W), by `Removal.of`.

    For a mark of matte A and colour W that is gain = 1 / (1 - A) - 1, offset = -A W / (1 - A), and
    all fine detail comes from the picture itself. Where nothing shines through, gain = -1
    leaves the offset, a filling.
    """

    logits: Tensor
    """(B, 1, H, W): the mask before the sigmoid."""
    gain: Tensor
    """(B, 1, H, W)"""
    offset: Tensor
    """(B, 3, H, W)"""

    @classmethod
    def of(cls, output: Tensor) -> Removal:
        return cls(output[:, :1], output[:, 1:2], output[:, 2:])

    def apply(self, marked: Tensor) -> Tensor:
        """The clean picture (B, 3, H, W) everywhere, not clipped."""
        return marked * (1 + self.gain) + self.offset


class DewatermarkNet(nn.Module):
    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        self.autoencoder = Autoencoder(config)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """What to do about the marks on pictures (B, 3, H, W) in [0, 1], see `Removal`.

        Args:
            condition: (B, 6, H, W), see `CONDITIONS`; zeros where nothing is known.
        """
        removal: Tensor = self.autoencoder(x - 0.5, condition)
        return removal

    def macs_per_pixel(self) -> float:
        return self.autoencoder.macs_per_pixel()


def told(mask: Tensor, gain: Tensor | None = None, offset: Tensor | None = None) -> Tensor:
    """The condition (B, 6, H, W) of a mask (B, 1, H, W) in [0, 1], and of a first look if any."""
    if gain is None or offset is None:
        gain, offset = torch.zeros_like(mask), torch.zeros_like(mask).expand(-1, 3, -1, -1)
    # Gains of very opaque marks would drown everything else.
    return torch.cat([torch.ones_like(mask), mask, gain.clamp(-1, 4), offset.clamp(-4, 1)], 1)
