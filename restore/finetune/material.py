"""What a run learns from and is judged by, ready for use, and kept on disk.

It is made once. A run that goes on after a stop reads it back, and so learns from the same pixels
and is measured by the same ones.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from restore.atomic import write_bytes
from restore.errors import TrainingError
from restore.training.photos import PhotoStack

ByteArray = NDArray[np.uint8]


@dataclass(frozen=True)
class Item:
    """A held-out picture."""

    photo: str
    """Name of the photo that it is from."""
    before: ByteArray
    """(H, W, 3), or (H, W): what a model is given."""
    truth: ByteArray | None = None
    """(H, W, 3): what it should be; None for pictures that are only shown."""


@dataclass(frozen=True)
class Material:
    training: PhotoStack
    items: tuple[Item, ...]
    extra: dict[str, Tensor] = field(default_factory=dict)
    """What else the way of learning needs: fitted noise, marks."""

    def save(self, path: Path) -> None:
        stack = self.training
        tensors = {"pixels": stack.pixels, "sizes": stack.sizes, "starts": stack.starts}
        tensors |= {f"extra/{name}": value for name, value in self.extra.items()}
        for number, item in enumerate(self.items):
            for part in ("before", "truth"):
                array = getattr(item, part)
                if array is not None:
                    tensors[f"{part}/{number}"] = torch.from_numpy(np.ascontiguousarray(array))
        facts = {"channels": stack.channels, "photos": [item.photo for item in self.items]}
        tensors = {name: value.contiguous() for name, value in tensors.items()}
        write_bytes(path, save(tensors, {"facts": json.dumps(facts)}))


def load_material(path: Path) -> Material:
    """Read what `Material.save` has written.

    Raises:
        TrainingError: it is damaged.
    """
    try:
        with safe_open(path, "pt") as file:
            facts: dict[str, Any] = json.loads((file.metadata() or {})["facts"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        stack = PhotoStack(
            tensors["pixels"], tensors["sizes"], tensors["starts"], facts["channels"]
        )
        items = []
        for number, photo in enumerate(facts["photos"]):
            parts = {
                part: tensors[f"{part}/{number}"].numpy()
                for part in ("before", "truth")
                if f"{part}/{number}" in tensors
            }
            items.append(Item(photo, **parts))
    except (OSError, SafetensorError, KeyError, ValueError, TypeError) as error:
        raise TrainingError(
            f"{path} is damaged ({error}): start afresh, or choose another name"
        ) from error
    extra = {
        name.removeprefix("extra/"): value
        for name, value in tensors.items()
        if name.startswith("extra/")
    }
    return Material(stack, tuple(items), extra)
