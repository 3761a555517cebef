"""Runs a network over a picture: precision, memory format, tiles, checks."""

from __future__ import annotations

import logging
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from restore.arrays import to_unit
from restore.device import autocast_dtype, move
from restore.tiles import FloatArray, OnProgress, Window, restore_tiles

log = logging.getLogger(__name__)

Condition = Tensor | Callable[[slice, slice], Tensor | None]
"""What the network is told beside the picture: (1, C, 1, 1), the same everywhere; or a function of
the rows and columns of a tile that gives (1, C, h, w), or None where nothing is to be done."""


class Engine:
    """A network on its device."""

    def __init__(self, network: nn.Module, device: torch.device, tile: int | None = None) -> None:
        self.device = device
        self.dtype = autocast_dtype(device)
        self.tile = tile if tile is not None else (512 if device.type == "cpu" else 1024)
        self.network = move(network.eval().requires_grad_(False).float(), device)
        # Weights kept in the lower precision are faster than autocast, which converts every call.
        self._reduced = self.network
        if self.dtype != torch.float32:
            self._reduced = deepcopy(self.network).to(self.dtype)

    def run(
        self,
        picture: NDArray[Any],
        condition: Condition,
        *,
        multiple: int,
        channels: int = 3,
        on_progress: OnProgress | None = None,
        window: Window | None = None,
    ) -> FloatArray:
        """The network's output (H, W, channels) for a picture (H, W, 3) of any accepted type.

        It is zero where there was nothing to be done.

        Args:
            window: the part of the output that is wanted; None: all of it.
        """

        def restore_tile(top: int, bottom: int, left: int, right: int) -> FloatArray:
            part = picture[top:bottom, left:right]
            told = (
                condition
                if isinstance(condition, Tensor)
                else condition(slice(top, bottom), slice(left, right))
            )
            if told is None:
                return np.zeros((*part.shape[:2], channels), np.float32)
            return self._checked(part, told)

        while True:
            try:
                return restore_tiles(
                    restore_tile,
                    (picture.shape[0], picture.shape[1]),
                    tile=self.tile,
                    multiple=multiple,
                    channels=channels,
                    on_progress=on_progress,
                    window=window,
                )
            except (RuntimeError, MemoryError) as error:
                if not _is_lack_of_memory(error):
                    raise
                whole = max(picture.shape[:2])
                large = self.tile if 0 < self.tile < whole else whole
                smaller = large // 2
                if smaller < 128:
                    raise
                log.warning(
                    "out of memory on %s: tile %d -> %d, retried", self.device, large, smaller
                )
                self.tile = smaller
                if self.device.type == "cuda":
                    torch.cuda.empty_cache()

    def _checked(self, part: NDArray[Any], condition: Tensor) -> FloatArray:
        """One tile, in reduced precision if the result can be trusted, else in float32."""
        restored = self._forward(self._reduced, part, condition)
        if self._reduced is self.network or _plausible(restored, part):
            return restored
        log.warning(
            "%s gave an implausible result on %s: redone in float32", self.dtype, self.device
        )
        return self._forward(self.network, part, condition)

    @torch.inference_mode()
    def _forward(self, network: nn.Module, part: NDArray[Any], condition: Tensor) -> FloatArray:
        x = torch.from_numpy(to_unit(part)).to(self.device).permute(2, 0, 1)[None]
        y = network(x.contiguous(memory_format=torch.channels_last), condition.to(self.device))
        return np.asarray(y[0].permute(1, 2, 0).float().cpu().numpy())


def _is_lack_of_memory(error: Exception) -> bool:
    """Of the device, or of the machine, which torch has no class of error for."""
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or any(
        words in str(error) for words in ("DefaultCPUAllocator", "out of memory")
    )


def _plausible(restored: FloatArray, part: NDArray[Any]) -> bool:
    """Finite, and not flat where the input was not: what overflows in half precision look like."""
    if not np.isfinite(restored).all():
        return False
    return bool(np.ptp(restored) > 0 or np.ptp(part) == 0)
