"""Training on several GPUs or machines: each process computes its share of every batch.

`torchrun` starts the processes. All of them draw the same whole batch, from the same generator,
and take their share of it; `DistributedDataParallel` averages the gradients. So a run learns the
same from the same seed however many processes there are, up to rounding. The folder of the run has
to be on a disk that all machines see.
"""

from __future__ import annotations

import atexit
import gc
import os
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch import distributed as dist
from torch.nn.parallel import DistributedDataParallel

from restore.errors import TrainingError


@dataclass(frozen=True)
class Group:
    """The processes that train together; alone, `size` is 1."""

    rank: int
    size: int
    device: torch.device

    @property
    def leads(self) -> bool:
        """Whether this process validates, saves and reports."""
        return self.rank == 0

    def shared(self, module: nn.Module) -> nn.Module:
        """The module, its gradients averaged over the group."""
        if self.size == 1:
            return module
        where = [self.device] if self.device.type == "cuda" else None
        return cast(
            nn.Module, DistributedDataParallel(module, device_ids=where, broadcast_buffers=False)
        )

    def share(self, tensors: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """This process's part of each (B, ...).

        Raises:
            TrainingError: the batch can't be shared out evenly.
        """
        if self.size == 1:
            return tensors
        batch = len(tensors[0])
        if batch % self.size:
            raise TrainingError(
                f"a batch of {batch} can't be shared among {self.size} processes: choose a multiple"
            )
        part = batch // self.size
        shares = [tensor[self.rank * part : (self.rank + 1) * part] for tensor in tensors]
        kind = type(tensors)
        return kind(*shares) if hasattr(tensors, "_fields") else kind(shares)

    def agree(self, *values: float) -> list[float]:
        """The leader's values, for all: what depends on a clock or a person must not differ."""
        if self.size == 1:
            return list(values)
        told = torch.tensor(values, dtype=torch.float64, device=self.device)
        dist.broadcast(told, 0)
        return cast(list[float], told.tolist())

    def mean(self, value: Tensor) -> float:
        if self.size == 1:
            return float(value)
        total = value.detach().clone()
        dist.all_reduce(total)
        return float(total) / self.size


def join(device: torch.device) -> Group:
    """The group that `torchrun` has put this process into, or one of its own."""
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        return Group(0, 1, device)
    if device.type == "cuda":
        device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(device)
    if not dist.is_initialized():
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
        atexit.register(_leave)
    return Group(dist.get_rank(), size, device)


def _leave() -> None:
    """Its threads are ended before the interpreter is, or they may abort a process that is done."""
    gc.collect()  # modules that are no longer used hold on to the group
    if dist.is_initialized():
        dist.destroy_process_group()
