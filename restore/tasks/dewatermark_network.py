"""The network of the dewatermark task: how far each pixel is covered by a mark."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from restore.autoencoder import Autoencoder, AutoencoderConfig

CONDITIONS = 3
"""Channels that the network is told: whether a mask is given, the mask, and the coverage that a
look at a reduced picture has found."""


class DewatermarkNet(nn.Module):
    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        self.autoencoder = Autoencoder(config)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """The coverage (B, 1, H, W) of pictures (B, 3, H, W) in [0, 1]: the shape of the marks with
        their soft edges, whatever their opacity; where in doubt, what is to be expected.

        Args:
            condition: (B, 3, H, W), see `told`.
        """
        return torch.sigmoid(self.logits(x, condition))

    def logits(self, x: Tensor, condition: Tensor) -> Tensor:
        """The same before the sigmoid, which training is steadier with."""
        logits: Tensor = self.autoencoder(x - 0.5, condition)
        return logits

    def macs_per_pixel(self) -> float:
        return self.autoencoder.macs_per_pixel()


def told(seen: Tensor, mask: Tensor | None = None, given: Tensor | None = None) -> Tensor:
    """The condition (B, 3, H, W), see `CONDITIONS`.

    Args:
        seen: (B, 1, H, W), coverage in [0, 1] as an earlier look has it; zeros if there was none.
        mask: (B, 1, H, W) in [0, 1], what a user has painted; None if nobody did.
        given: (B, 1, 1, 1), 1 where the mask is a user's and 0 where there is none; None: all are.
    """
    if mask is None:
        mask = given = torch.zeros_like(seen)
    elif given is None:
        given = torch.ones_like(seen)
    return torch.cat([given.expand_as(seen), mask, seen], 1)
