"""From a checkpoint to weights that ship: half precision, a hash, and a card."""

from __future__ import annotations

import datetime
import hashlib
import json
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

import restore
from restore.atomic import write_bytes
from restore.autoencoder import Autoencoder, AutoencoderConfig
from restore.errors import TrainingError
from restore.tasks import TASKS
from restore.zoo import SUFFIX, Card, Model


def export(checkpoint: Path, folder: Path, data: str) -> Model:
    """Write the averaged weights of a checkpoint, and their card, into a folder.

    Args:
        data: the photos it was trained on and their terms, for the card.

    Raises:
        TrainingError: no usable checkpoint there.
    """
    try:
        with safe_open(checkpoint, "pt") as file:
            metadata = file.metadata() or {}
            names = [name for name in file.keys() if name.startswith("average/")]  # noqa: SIM118
            average = {name.removeprefix("average/"): file.get_tensor(name) for name in names}
        config, progress = json.loads(metadata["config"]), json.loads(metadata["progress"])
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise TrainingError(f"{checkpoint}: not a checkpoint of restore ({error})") from error
    weights = {name: value.to(torch.float16).contiguous() for name, value in average.items()}
    # The file says what it is even without its card.
    data_bytes = save(
        weights, {"restore": config["task"], "network": json.dumps(config["network"])}
    )
    network = Autoencoder(AutoencoderConfig.from_dict(config["network"]))
    card = Card(
        name=config["name"],
        task=config["task"],
        about=f"{TASKS[config['task']]}: a convolutional autoencoder",
        architecture=config["network"],
        parameters=sum(value.numel() for value in weights.values()),
        gmac_per_megapixel=round(network.macs_per_pixel() / 1e3, 1),
        sha256=hashlib.sha256(data_bytes).hexdigest(),
        date=datetime.datetime.now(datetime.timezone.utc).date().isoformat(),
        version=restore.__version__,
        training={
            "data": data,
            "steps": progress["step"],
            "minutes": round(progress["seconds"] / 60, 1),
            "recipe": {key: value for key, value in config.items() if key != "network"},
            "command": f"restore train {config['name']} PHOTOS",
        },
    )
    path = folder / (config["name"] + SUFFIX)
    write_bytes(path, data_bytes)
    write_bytes(path.with_suffix(".json"), card.to_json().encode())
    return Model(path, card)
