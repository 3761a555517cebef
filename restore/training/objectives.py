"""Losses, and penalties on the code."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from restore.autoencoder import Autoencoder, Encoding
from restore.training.config import LossName, TrainingConfig


def reconstruction_loss(restored: Tensor, clean: Tensor, name: LossName) -> Tensor:
    """Scalar loss of (B, C, H, W) against the truth."""
    if name == "psnr":
        # The constant stands for 50 dB: beyond it nobody sees a gain, and log(0) is avoided.
        return torch.log10((restored - clean).square().mean((1, 2, 3)) + 1e-5).mean()
    if name == "charbonnier":
        return torch.sqrt((restored - clean).square() + 1e-6).mean()
    if name == "l1":
        return F.l1_loss(restored, clean)
    if name == "mse":
        return F.mse_loss(restored, clean)
    return F.binary_cross_entropy(restored.clamp(1e-4, 1 - 1e-4), clean)


def with_code_noise(encoding: Encoding, amount: float) -> Encoding:
    """The encoding with Gaussian noise on its code, relative to the code's own spread."""
    if amount == 0:
        return encoding
    code = encoding.code
    return encoding._replace(code=code + torch.randn_like(code) * code.detach().std() * amount)


def code_penalty(
    autoencoder: Autoencoder, x: Tensor, condition: Tensor, code: Tensor, config: TrainingConfig
) -> Tensor:
    """Sparsity and contractive penalty, weighted; zero where both weights are."""
    penalty = torch.zeros((), device=x.device)
    if config.sparsity > 0:
        penalty = penalty + config.sparsity * code.float().abs().mean()
    if config.contractive > 0:
        # |J v|^2 for a random unit direction v is |J|_F^2 / n in expectation (Hutchinson).
        direction = torch.randn_like(x) * 1e-2
        moved = autoencoder.encode(x + direction, condition).code
        slope = (moved - code).float().square().sum() / direction.square().sum()
        penalty = penalty + config.contractive * slope
    return penalty
