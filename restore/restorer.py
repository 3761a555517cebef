"""`load`: from the name of a task and a model to something that restores pictures."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, Protocol, overload

import numpy as np
import torch
from numpy.typing import NDArray

from restore.arrays import ImageLike
from restore.device import choose_device
from restore.engine import Engine
from restore.errors import BadWeights
from restore.tiles import OnProgress
from restore.zoo import Card, find_model, read_weights

if TYPE_CHECKING:
    from restore.tasks.colorize import Colorizer
    from restore.tasks.denoise import Denoiser


@dataclass(frozen=True)
class Outcome:
    """What a task made of a picture."""

    array: NDArray[Any]
    """Same size, type and depth as the input; in colour where the task is to give it some."""
    facts: dict[str, Any] = field(default_factory=dict)
    """What it found out, for reports: names to JSON values, for instance the noise level."""
    note: str = ""
    """What the user should know of it, if anything."""
    changed: bool = True
    """False where there was nothing to do, and the file may be copied as it is."""
    coloured: bool = False
    """Whether it gave the picture its colours: those of sRGB, whatever its profile says."""
    maps: dict[str, NDArray[np.uint8]] = field(default_factory=dict)
    """Pictures (H, W) of what it found, for instance the mask of a watermark."""


class Restorer(Protocol):
    """What every task offers; each adds arguments of its own to the call."""

    card: Card
    device: torch.device
    engine: Engine

    def __call__(self, image: ImageLike, *, strength: float = 1.0) -> ImageLike:
        """The restored image: same type, size and depth; `colorize` makes RGB of gray."""
        ...

    def restore(
        self, array: NDArray[Any], options: Any, on_progress: OnProgress | None = None
    ) -> Outcome:
        """The same with all that is worth telling, for folders and windows.

        Args:
            array: (H, W), (H, W, 2), (H, W, 3) or (H, W, 4); uint8, uint16 or float32.
            options: an instance of the task's own class, see `restore.tasks.options`.
        """
        ...


@overload
def load(
    task: Literal["denoise"], model: str = ..., device: str = ..., tile: int | None = ...
) -> Denoiser: ...
@overload
def load(
    task: Literal["colorize"], model: str = ..., device: str = ..., tile: int | None = ...
) -> Colorizer: ...
@overload
def load(task: str, model: str = ..., device: str = ..., tile: int | None = ...) -> Restorer: ...
def load(task: str, model: str = "auto", device: str = "auto", tile: int | None = None) -> Restorer:
    """A restorer for `denoise`, `dewatermark` or `colorize`, its weights on their device.

    Args:
        model: `fast`, `best`, `auto`, a full name, or the path of a weights file.
        device: `auto`, `cpu`, `cuda`, `cuda:1`, `mps`.
        tile: largest side of a tile in pixels; 0: pictures whole, None: what suits the device.

    Raises:
        UnknownModel, BadWeights, DeviceUnavailable: see `restore.errors`.
    """
    place = choose_device(device)
    found = find_model(task, model)
    config, tensors = read_weights(found)
    module = import_module(f"restore.tasks.{task}")
    try:
        network = module.build(config)
        network.load_state_dict(tensors)
    except ValueError as error:
        raise BadWeights(
            f"{found.path}: its network is of another version of restore; reinstall, or if you "
            "trained or tuned it yourself, do so again"
        ) from error
    except RuntimeError as error:
        raise BadWeights(f"{found.path}: the weights do not fit their card; reinstall") from error
    restorer: Restorer = module.RESTORER(found.card, Engine(network, place, tile))
    return restorer
