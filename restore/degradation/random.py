"""Random numbers of one shape per picture, the way every degradation needs them."""

from __future__ import annotations

import torch
from torch import Generator, Tensor


def uniform(count: int, low: float, high: float, generator: Generator) -> Tensor:
    """(count, 1, 1, 1) drawn from [low, high), on the generator's device."""
    values = torch.rand((count, 1, 1, 1), generator=generator, device=generator.device)
    return low + (high - low) * values


def chance(count: int, probability: float, generator: Generator) -> Tensor:
    """(count, 1, 1, 1) of booleans, each true with the given probability."""
    return uniform(count, 0, 1, generator) < probability


def normal_like(x: Tensor, generator: Generator) -> Tensor:
    """Standard normal noise of x's shape."""
    return torch.randn(x.shape, generator=generator, device=generator.device)


def normal_map(batch: int, height: int, width: int, generator: Generator) -> Tensor:
    """(batch, 1, height, width) of standard normal noise."""
    return torch.randn((batch, 1, height, width), generator=generator, device=generator.device)
