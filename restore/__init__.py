"""Restore: damaged pictures made good again, by small convolutional autoencoders.

    import restore
    denoise = restore.load("denoise")
    clean = denoise(image)      # PIL.Image or numpy array -> the same type, size and depth

Inside the engine a picture is a float32 tensor (B, 3, H, W), RGB, sRGB-encoded, in [0, 1]; what
deviates from this says so. Nothing heavy is imported before it is needed.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from restore.errors import (
    BadWeights,
    DeviceUnavailable,
    RestoreError,
    TrainingError,
    UnknownModel,
    UnreadableImage,
    UnwritableOutput,
)
from restore.tasks import TASKS

if TYPE_CHECKING:
    from restore.restorer import Restorer, load

__version__ = "0.1.0"

__all__ = [
    "TASKS",
    "BadWeights",
    "DeviceUnavailable",
    "RestoreError",
    "Restorer",
    "TrainingError",
    "UnknownModel",
    "UnreadableImage",
    "UnwritableOutput",
    "__version__",
    "load",
]


def __getattr__(name: str) -> Any:
    # torch takes a second to import, so `import restore` (and `restore --help`) leaves it alone.
    if name in {"load", "Restorer"}:
        return getattr(import_module("restore.restorer"), name)
    raise AttributeError(f"module 'restore' has no attribute {name!r}")
