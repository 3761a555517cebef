"""Muon: steps that turn every direction of a layer alike.

Jordan et al., "Muon" (2024), at the scale of Liu et al., "Muon is scalable for LLM training"
(2025), so that rates are those of AdamW. Each matrix of weights moves along its momentum made
orthogonal: the many weak directions of a gradient count as much as the few strong ones. More is
learned per step than with AdamW; it pays where the work of a step, which grows with the pixels, is
large beside that of the weights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from restore.device import autocast_dtype

ROUNDS = (
    (8.2872, -23.5959, 17.3004),
    (4.1071, -2.9478, 0.5448),
    (3.9487, -2.9089, 0.5518),
    (3.3184, -2.4885, 0.5100),
    (2.3007, -1.6689, 0.4188),
)
"""Coefficients of odd polynomials that bring singular values of 0.001 to 1 near 1, from Amsel et
al., "The Polar Express" (2025)."""
SAFETY = 1.01
"""Rounding may not carry a value beyond where the polynomials hold."""
ALIKE = 0.2
"""Root mean square of a step of AdamW, about, in units of the rate."""


class Muon(Optimizer):
    """Muon for kernels, AdamW for what is no matrix (biases, the scales of normalisations)."""

    def __init__(
        self,
        parameters: Iterable[nn.Parameter],
        lr: float,
        *,
        momentum: float = 0.95,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0.0,
    ) -> None:
        values = {"lr": lr, "momentum": momentum, "betas": betas, "weight_decay": weight_decay}
        super().__init__(parameters, values)

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """One step along the gradients there are; `closure` is not supported."""
        assert closure is None
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                weight.mul_(1 - group["lr"] * group["weight_decay"])
                move = self._turned if weight.ndim > 1 else self._adam
                weight.add_(move(weight, group), alpha=-group["lr"])

    def _turned(self, weight: nn.Parameter, group: dict[str, Any]) -> Tensor:
        state = self.state[weight]
        if not state:
            state["mean"] = torch.zeros_like(weight)
        assert weight.grad is not None
        mean = state["mean"].lerp_(weight.grad, 1 - group["momentum"])
        ahead = weight.grad.lerp(mean, group["momentum"])  # as Nesterov looks ahead
        matrix = ahead.reshape(len(ahead), -1)
        turned = orthogonal(matrix).to(weight.dtype).view(weight.shape)
        step: Tensor = turned * (ALIKE * max(matrix.shape) ** 0.5)
        return step

    def _adam(self, weight: nn.Parameter, group: dict[str, Any]) -> Tensor:
        state = self.state[weight]
        if not state:
            state["step"] = torch.zeros(())
            state["mean"], state["square"] = torch.zeros_like(weight), torch.zeros_like(weight)
        assert weight.grad is not None
        state["step"] += 1
        first, second = group["betas"]
        mean = state["mean"].lerp_(weight.grad, 1 - first)
        square = state["square"].lerp_(weight.grad.square(), 1 - second)
        steps = float(state["step"])
        spread: Tensor = (square / (1 - second**steps)).sqrt()
        step: Tensor = mean / (1 - first**steps) / (spread + 1e-8)
        return step


def orthogonal(matrix: Tensor) -> Tensor:
    """The matrix (M, N) with all its singular values brought near 1."""
    dtype = autocast_dtype(matrix.device)
    tall = matrix.shape[0] > matrix.shape[1]
    x = (matrix.T if tall else matrix).to(dtype)
    x = x / (SAFETY * torch.linalg.matrix_norm(x.float()).to(dtype) + 1e-7)
    for number, (a, b, c) in enumerate(ROUNDS, 1):
        if number < len(ROUNDS):
            a, b, c = a / SAFETY, b / SAFETY**3, c / SAFETY**5
        square = x @ x.T
        x = a * x + (b * square + c * square @ square) @ x
    turned: Tensor = x.T if tall else x
    return turned
