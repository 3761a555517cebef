"""What the training loop asks of a task."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Generator, Tensor, nn

from restore.autoencoder import AutoencoderConfig
from restore.training.config import TrainingConfig
from restore.training.photos import PhotoStack

Damaged = tuple[Tensor, ...]
"""The truth, the damaged pictures, both (B, 3, H, W), and what a task knows of the damage."""


@dataclass(frozen=True)
class Learning:
    network: Callable[[AutoencoderConfig], nn.Module]
    """A fresh network; it has a method `macs_per_pixel() -> float`."""
    degrade: Callable[[Tensor, Generator, TrainingConfig], Damaged]
    """Damages clean crops (B, 3, H, W) in [0, 1]; runs in float32."""
    objective: Callable[[nn.Module, Damaged, Generator, TrainingConfig], dict[str, Tensor]]
    """The named terms of the loss."""
    validate: Callable[[nn.Module, PhotoStack, torch.dtype, TrainingConfig], dict[str, float]]
    """Measures on held-out photos; the entry `score` is what a run is judged by, in dB."""
    upright: bool = False
    """Crops are only mirrored, never turned: for tasks that have to know the sky from the sea."""
