"""Where to compute, and how precisely."""

from __future__ import annotations

import torch
from torch import nn

from restore.errors import DeviceUnavailable


def available_devices() -> list[str]:
    """Names of the devices of this machine, the fastest first; `cpu` is always the last."""
    names = [f"cuda:{index}" for index in range(torch.cuda.device_count())]
    if torch.backends.mps.is_available():
        names.append("mps")
    return [*names, "cpu"]


def choose_device(name: str = "auto") -> torch.device:
    """The device of a name: `auto` (the fastest there is), `cpu`, `cuda`, `cuda:1`, `mps`.

    Raises:
        DeviceUnavailable: it is not there. Nothing else is ever taken in its place.
    """
    available = available_devices()
    wanted = {"auto": available[0], "cuda": "cuda:0"}.get(name, name)
    if wanted not in available:
        raise DeviceUnavailable(
            f"no device {name!r} on this machine (there is {', '.join(available)}); "
            "choose one of these or leave --device out"
        )
    return torch.device(wanted)


def move(module: nn.Module, device: torch.device) -> nn.Module:
    """The module on its device, weights in the layout that convolutions are fastest in."""
    return module.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload,no-any-return]


def autocast_dtype(device: torch.device) -> torch.dtype:
    """bfloat16 where the hardware computes in it, which is where it is faster; else float32."""
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float32
    if device.type == "cpu":
        # Private names of torch, so a version without them means float32.
        checks = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
        if any(getattr(torch.cpu, check, lambda: False)() for check in checks):
            return torch.bfloat16
    return torch.float32
