"""`load`: from the name of a task and a model to something that restores pictures."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Literal, Protocol, overload

import torch

from restore.arrays import ImageLike
from restore.device import choose_device
from restore.engine import Engine
from restore.errors import BadWeights
from restore.zoo import Card, find_model, read_weights

if TYPE_CHECKING:
    from restore.tasks.denoise import Denoiser


class Restorer(Protocol):
    """What every task offers; each adds arguments of its own."""

    card: Card
    device: torch.device

    def __call__(self, image: ImageLike, *, strength: float = 1.0) -> ImageLike:
        """The restored image: same type, size and depth."""
        ...


@overload
def load(
    task: Literal["denoise"], model: str = ..., device: str = ..., tile: int | None = ...
) -> Denoiser: ...
@overload
def load(task: str, model: str = ..., device: str = ..., tile: int | None = ...) -> Restorer: ...
def load(task: str, model: str = "auto", device: str = "auto", tile: int | None = None) -> Restorer:
    """A restorer for `denoise`, `dewatermark` or `colorize`, its weights on their device.

    Args:
        model: `fast`, `best`, a full name, the path of a weights file, or `auto`: `fast` on a CPU,
            `best` on a GPU.
        device: `auto`, `cpu`, `cuda`, `cuda:1`, `mps`.
        tile: largest side of a tile in pixels; 0: pictures whole, None: what suits the device.

    Raises:
        UnknownModel, BadWeights, DeviceUnavailable: see `restore.errors`.
    """
    place = choose_device(device)
    found = find_model(task, model, accelerator=place.type != "cpu")
    config, tensors = read_weights(found)
    module = import_module(f"restore.tasks.{task}")
    network = module.build(config)
    try:
        network.load_state_dict(tensors)
    except RuntimeError as error:
        raise BadWeights(f"{found.path}: the weights do not fit their card; reinstall") from error
    restorer: Restorer = module.RESTORER(found.card, Engine(network, place, tile))
    return restorer
