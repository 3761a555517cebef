"""From a checkpoint to weights that ship: half precision, a hash, and a card."""

from __future__ import annotations

import datetime
import hashlib
import json
from pathlib import Path
from typing import Any

from safetensors.torch import save

import restore
from restore.atomic import write_bytes
from restore.autoencoder import AutoencoderConfig
from restore.tasks import TASKS, learning_of
from restore.training.checkpoint import read_average
from restore.zoo import SUFFIX, Card, Model


def export(checkpoint: Path, folder: Path, data: str) -> Model:
    """Write the averaged weights of a checkpoint, and their card, into a folder.

    Args:
        data: the photos it was trained on and their terms, for the card.

    Raises:
        TrainingError: no usable checkpoint there.
    """
    average = read_average(checkpoint)
    config, progress = average.config, average.progress
    weights = {name: value.half().contiguous() for name, value in average.tensors.items()}
    # The file says what it is even without its card.
    data_bytes = save(
        weights, {"restore": config["task"], "network": json.dumps(config["network"])}
    )
    network: Any = learning_of(config["task"]).network(
        AutoencoderConfig.from_dict(config["network"])
    )
    card = Card(
        name=config["name"],
        task=config["task"],
        about=f"{TASKS[config['task']].about}: a convolutional autoencoder",
        architecture=config["network"],
        parameters=sum(value.numel() for value in weights.values()),
        gmac_per_megapixel=round(network.macs_per_pixel() / 1e3, 1),
        sha256=hashlib.sha256(data_bytes).hexdigest(),
        date=datetime.datetime.now(datetime.timezone.utc).date().isoformat(),
        version=restore.__version__,
        training={
            "data": data,
            "steps": progress.step,
            "minutes": round(progress.seconds / 60, 1),
            "recipe": {key: value for key, value in config.items() if key != "network"},
        },
    )
    path = folder / (config["name"] + SUFFIX)
    write_bytes(path, data_bytes)
    write_bytes(path.with_suffix(".json"), card.to_json().encode())
    return Model(path, card)
