"""From trained tensors to a model: half precision, a hash, and a card."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Mapping, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from torch import Tensor

import restore
from restore.atomic import write_bytes
from restore.autoencoder import AutoencoderConfig
from restore.errors import TrainingError
from restore.tasks import TASKS, learning_of
from restore.training.checkpoint import Average, begin_with, read_average
from restore.zoo import SUFFIX, Card, Model


def export(
    checkpoint: Path,
    folder: Path,
    data: str,
    *,
    name: str = "",
    parts_of: Path | None = None,
    mean_with: Sequence[str] = (),
    share: float | None = None,
) -> Model:
    """Write the averaged weights of a checkpoint, and their card, into a folder.

    Args:
        data: the photos it was trained on and their terms, for the card.
        name: of the model; that of the recipe if empty.
        parts_of: the checkpoint of another run of the task, which has trained other parts: these
            are taken from there. What rested there need not be the same here.
        mean_with: further runs that began with the same weights, or these themselves, see
            `begin_with`: the mean of all of them errs less than each, as an ensemble does, and
            costs no more than one (Wortsman et al., "Model soups", ICML 2022; for the weights that
            a run began with, "Robust fine-tuning of zero-shot models", CVPR 2022).
        share: of this run in that mean; None: all count the same.

    Raises:
        TrainingError: no usable checkpoint there, or one of another network.
        UnknownModel, BadWeights: no model of that name, or a damaged one.
    """
    average = read_average(checkpoint)
    config, tensors = average.config, dict(average.tensors)
    training: dict[str, Any] = {"data": data, "passes": average.passes}

    if mean_with:
        others = [begin_with(source) for source in mean_with]
        for source, other in zip(mean_with, others, strict=True):
            if _shapes(other.tensors) != _shapes(tensors):
                raise TrainingError(f"{source}: of another network than {checkpoint}")
        own = 1 / (1 + len(others)) if share is None else share
        tensors = {
            key: own * value
            + (1 - own) * torch.stack([other.tensors[key] for other in others]).mean(0)
            for key, value in tensors.items()
        }
        if share is not None:
            training["share"] = share
        training["mean_with"] = [
            _further(other, average) or "the weights that it began with" for other in others
        ]
    if parts_of is not None:
        other = read_average(parts_of)
        if other.config["task"] != config["task"]:
            raise TrainingError(f"{parts_of}: the run of another network than {checkpoint}")
        trained = other.config["parts"] or sorted({_part(key) for key in other.tensors})
        tensors = {
            key: value
            for source, theirs in ((tensors, False), (other.tensors, True))
            for key, value in source.items()
            if (_part(key) in trained) == theirs
        }
        architecture = AutoencoderConfig.from_dict(config["network"])
        whole: Any = learning_of(config["task"]).network(architecture)
        if _shapes(tensors) != _shapes(whole.state_dict()):
            raise TrainingError(f"{parts_of}: its parts do not fit the network of {checkpoint}")
        training["others"] = {"parts": trained, "passes": _further(other, average)}
    return write_model(
        folder, name or config["name"], config["task"], config["network"], tensors, training
    )


def _part(key: str) -> str:
    return key.split(".")[0]


def _shapes(tensors: Mapping[str, Tensor]) -> dict[str, torch.Size]:
    return {key: value.shape for key, value in tensors.items()}


def _further(average: Average, beside: Average) -> list[dict[str, Any]]:
    """The passes of a run after those that it has in common with the one beside it."""
    pairs = zip(average.passes, beside.passes, strict=False)
    common = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    return average.passes[common:]


def write_model(
    folder: Path,
    name: str,
    task: str,
    architecture: dict[str, Any],
    tensors: Mapping[str, Tensor],
    training: dict[str, Any],
    **more: Any,
) -> Model:
    """Write weights in half precision, and their card.

    Args:
        architecture: the `AutoencoderConfig` as a dict.
        training: what the card says of where they come from.
        more: further fields of the card.
    """
    weights = {key: value.half().contiguous() for key, value in tensors.items()}
    # The file says what it is even without its card.
    data = save(weights, {"restore": task, "network": json.dumps(architecture)})
    network: Any = learning_of(task).network(AutoencoderConfig.from_dict(architecture))
    card = Card(
        name=name,
        task=task,
        about=f"{TASKS[task].about}: a convolutional autoencoder",
        architecture=architecture,
        parameters=sum(value.numel() for value in weights.values()),
        gmac_per_megapixel=round(network.macs_per_pixel() / 1e3, 1),
        sha256=hashlib.sha256(data).hexdigest(),
        date=datetime.datetime.now(datetime.timezone.utc).date().isoformat(),
        version=restore.__version__,
        training=training,
        **more,
    )
    path = folder / (name + SUFFIX)
    write_bytes(path, data)
    write_bytes(path.with_suffix(".json"), card.to_json().encode())
    return Model(path, card)
