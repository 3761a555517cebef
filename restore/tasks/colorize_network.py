"""The network of the colorize task: how likely each colour is, at each place.

After Zhang et al., "Colorful Image Colorization" (ECCV 2016), the chroma of a place is a choice
among bins, so that several colours may be likely at once; an average over them would be brown.
User hints are further input channels, as in Zhang et al., "Real-Time User-Guided Image
Colorization with Learned Deep Priors" (SIGGRAPH 2017).
"""

from __future__ import annotations

import itertools
from functools import lru_cache

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from restore.autoencoder import Autoencoder, AutoencoderConfig
from restore.colour import lab_from_srgb

_NEUTRAL = 15.0
"""Up to this chroma bins are evenly spaced; beyond it they grow with chroma, as most colours of
photos are near gray and the eye tells those apart best."""
_STEP = 0.35
"""Distance of neighbouring bins in the warped plane: 5 units of chroma near gray, 20 at 60."""
_REACH = 10
"""Bins lie on a square grid from -reach to reach."""
LIVELIEST = 1.7
"""Chroma is raised to so many times the mean at most: beyond, it is made up."""


def _warped(ab: Tensor) -> Tensor:
    """(..., 2, H, W) in units of the grid."""
    chroma = ab.norm(dim=-3, keepdim=True).clamp(min=1e-6)
    warped: Tensor = ab / chroma * torch.asinh(chroma / _NEUTRAL) / _STEP
    return warped


@lru_cache
def bin_table() -> tuple[Tensor, Tensor]:
    """The bins that colours of sRGB fall in: a and b (bins, 2), and the number of the bin at each
    node of the grid (2 reach + 1, 2 reach + 1), where there is none that of a near one."""
    levels = torch.linspace(0, 1, 33, dtype=torch.float64)
    cube = torch.cartesian_prod(levels, levels, levels).T[:, :, None]
    used = torch.zeros(2 * _REACH + 1, 2 * _REACH + 1, dtype=torch.bool)
    for rows, columns, share in _neighbours(_warped(lab_from_srgb(cube)[1:])):
        # A little of a bin is not enough, or rounding would decide on how many there are.
        used[rows[share > 0.01], columns[share > 0.01]] = True
    nodes = used.nonzero()
    offset = (nodes - _REACH).double()
    radius = offset.norm(dim=1, keepdim=True).clamp(min=1e-9)
    centres = offset / radius * torch.sinh(radius * _STEP) * _NEUTRAL
    everywhere = torch.cartesian_prod(*[torch.arange(2 * _REACH + 1)] * 2)
    nearest = torch.cdist(everywhere.double(), nodes.double()).argmin(1)
    return centres.float(), nearest.view_as(used)


def _neighbours(warped: Tensor) -> list[tuple[Tensor, Tensor, Tensor]]:
    """The four grid nodes around each place as (rows, columns, share); the shares add up to 1."""
    inside = warped.clamp(-_REACH, _REACH - 1e-3)
    corner = inside.floor()
    rest = inside - corner
    found = []
    for step in itertools.product((0, 1), repeat=2):
        row, column = ((corner.select(-3, axis) + step[axis]).long() + _REACH for axis in range(2))
        shares = [
            rest.select(-3, axis) if step[axis] else 1 - rest.select(-3, axis) for axis in range(2)
        ]
        found.append((row, column, shares[0] * shares[1]))
    return found


class ColorizeNet(nn.Module):
    """Scores of chroma bins for lightness and hints."""

    centres: Tensor
    """(bins, 2): a and b of each bin."""

    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        centres, _ = bin_table()
        shape = (config.in_channels, config.condition_channels, config.out_channels)
        if shape != (1, 3, len(centres)) or config.full_size or config.residual:
            raise ValueError(
                "a colorize network takes 1 channel and 3 of condition, and gives "
                f"{len(centres)} per patch, not residual; got {config}"
            )
        self.autoencoder = Autoencoder(config)
        self.register_buffer("centres", centres, persistent=False)

    def forward(self, lightness: Tensor, hints: Tensor) -> Tensor:
        """Scores (B, bins, H / patch, W / patch) in float32, before softmax.

        Args:
            lightness: (B, 1, H, W), L* in 0..100; H and W are multiples of the patch.
            hints: (B, 3, H / patch, W / patch): 1 where there is a hint, and its a* and b*; else 0.
        """
        patch = self.autoencoder.config.patch
        told = torch.cat([hints[:, :1], hints[:, 1:] / 50], 1)
        told = told.to(lightness.dtype).repeat_interleave(patch, 2).repeat_interleave(patch, 3)
        scores: Tensor = self.autoencoder(lightness / 50 - 1, told)
        return scores

    def macs_per_pixel(self) -> float:
        return self.autoencoder.macs_per_pixel()

    def mean(self, scores: Tensor) -> Tensor:
        """Chroma (B, 2, H, W): the mean over the bins."""
        return torch.einsum("bqhw,qc->bchw", scores.softmax(1), self.centres)

    def lively(self, scores: Tensor, liveliness: float) -> Tensor:
        """Chroma (B, 2, H, W) that is not as pale as the mean.

        The mean over colours that are likely is paler than any of them, the more so the more is
        in doubt. Chroma that is larger by t, where it is in doubt by a variance v, costs t^2 / v
        of the PSNR, about, and makes the picture more colourful by t: the last bit of colour costs
        the same everywhere if t is in proportion to v. On photos held out of training it pays
        besides to give more to pictures that are in doubt as a whole. What is certain, as after
        many hints, stays as it is.

        Args:
            liveliness: t / v for a picture whose spread is as large as its chroma, in 1 / units of
                CIELAB; 0 is the mean.
        """
        mean = self.mean(scores)
        variance = self.spread(scores).square()
        usual = mean.square().sum(1).mean((1, 2)).sqrt().clamp(min=1)
        doubt = variance.mean((1, 2, 3)).sqrt() / usual
        return mean * (1 + liveliness * doubt.view(-1, 1, 1, 1) * variance).clamp(max=LIVELIEST)

    def spread(self, scores: Tensor) -> Tensor:
        """Standard deviation (B, 1, H, W) of the chroma, in units of CIELAB."""
        likely = scores.softmax(1)
        square = torch.einsum("bqhw,q->bhw", likely, self.centres.square().sum(1))
        mean = torch.einsum("bqhw,qc->bchw", likely, self.centres)
        return (square - mean.square().sum(1)).clamp(min=0).sqrt()[:, None]

    def cross_entropy(self, scores: Tensor, ab: Tensor) -> Tensor:
        """Scalar: mean over places of the cross entropy with the bins around the true chroma.

        Args:
            ab: (B, 2, H, W)
        """
        _, numbers = bin_table()
        numbers = numbers.to(ab.device)
        log_likelihood = F.log_softmax(scores, 1)
        total = torch.zeros_like(ab[:, 0])
        for row, column, share in _neighbours(_warped(ab)):
            chosen = log_likelihood.gather(1, numbers[row, column][:, None])[:, 0]
            total = total - share * chosen
        return total.mean()
