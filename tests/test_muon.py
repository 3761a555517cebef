"""The optimizer Muon."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from restore.training.muon import Muon, orthogonal


@pytest.mark.parametrize("shape", [(16, 144), (144, 16), (32, 32), (1, 9)])
def test_orthogonal_evens_out_the_directions(shape: tuple[int, int]) -> None:
    draw = torch.Generator().manual_seed(0)
    turned = orthogonal(torch.randn(shape, generator=draw)).float()
    values = torch.linalg.svdvals(turned)
    assert values.min() > 0.7 and values.max() < 1.3


def test_orthogonal_keeps_the_directions() -> None:
    draw = torch.Generator().manual_seed(0)
    left, _ = torch.linalg.qr(torch.randn(8, 8, generator=draw))
    right, _ = torch.linalg.qr(torch.randn(20, 8, generator=draw))
    matrix = left @ torch.diag(torch.logspace(0, -2, 8)) @ right.T
    torch.testing.assert_close(orthogonal(matrix).float(), left @ right.T, atol=0.2, rtol=0)


def test_nothing_comes_of_no_gradient() -> None:
    assert orthogonal(torch.zeros(4, 6)).abs().max() == 0


def test_weak_directions_are_learned_as_fast_as_strong_ones() -> None:
    """A linear map of inputs of very different strength: AdamW leaves the weak ones behind."""
    draw = torch.Generator().manual_seed(0)
    truth = torch.randn(12, 24, generator=draw)
    mixing = torch.linalg.qr(torch.randn(24, 24, generator=draw))[0]
    inputs = torch.randn(256, 24, generator=draw) * torch.logspace(0, -1.5, 24) @ mixing
    left: dict[str, float] = {}
    for name in ("muon", "adamw"):
        layer = nn.Linear(24, 12)
        nn.init.zeros_(layer.weight)
        kind = Muon if name == "muon" else torch.optim.AdamW
        optimizer = kind(layer.parameters(), lr=0.02)
        for step in range(300):
            optimizer.param_groups[0]["lr"] = 0.05 * (1 - step / 300)
            optimizer.zero_grad()
            F.mse_loss(layer(inputs), inputs @ truth.T).backward()
            optimizer.step()
        left[name] = float((layer.weight.detach() - truth).norm() / truth.norm())
    assert left["muon"] < left["adamw"]


def test_weight_decay_pulls_towards_zero() -> None:
    layer = nn.Linear(4, 4)
    optimizer = Muon(layer.parameters(), lr=0.1, weight_decay=0.5)
    before = layer.weight.detach().clone()
    for value in layer.parameters():
        value.grad = torch.zeros_like(value)
    optimizer.step()
    torch.testing.assert_close(layer.weight.detach(), before * 0.95)
