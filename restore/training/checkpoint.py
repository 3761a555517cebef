"""Checkpoints: all that a run needs to go on exactly, in one safetensors file."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn
from torch.optim import Optimizer

from restore.atomic import write_bytes
from restore.errors import TrainingError
from restore.training.config import told
from restore.zoo import SUFFIX, named_model, read_model, read_weights

CHECKPOINT, BEST = "checkpoint.safetensors", "best.safetensors"
"""In the folder of a run: all of it as it was last saved, and the average that measured best."""


@dataclass
class Progress:
    """How far a run has come."""

    step: int = 0
    seconds: float = 0.0
    """Time spent, validation included, over all parts of a run that was interrupted."""
    skipped: int = 0
    """Steps left out because loss or gradient was not finite."""
    skipped_in_a_row: int = 0
    best: float = float("-inf")
    """Highest validation score so far, in dB or in what else the task is judged by."""
    recoveries: int = 0
    """How often the run went astray and was put back to a good state; each halves the rate."""
    validated_step: int = 0
    validated_seconds: float = 0.0
    """Where it was last validated, or went back instead: from here on the next time is counted."""


def save_checkpoint(
    path: Path,
    network: nn.Module,
    average: nn.Module,
    optimizer: Optimizer,
    generator: torch.Generator,
    progress: Progress,
    config: dict[str, Any],
) -> None:
    tensors: dict[str, Tensor] = {"generator": generator.get_state()}
    for kind, module in (("network", network), ("average", average)):
        tensors |= {f"{kind}/{name}": value for name, value in module.state_dict().items()}
    for index, state in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer/{index}/{name}": value for name, value in state.items()}
    _write(path, tensors, progress, config)


def save_average(
    path: Path,
    average: nn.Module,
    progress: Progress,
    config: dict[str, Any],
    *,
    half: bool = False,
) -> None:
    """Write the usable part of a checkpoint alone, for `read_average`; in half precision, as
    weights ship, if that will do."""
    tensors = {
        f"average/{name}": value.half() if half else value
        for name, value in average.state_dict().items()
    }
    _write(path, tensors, progress, config)


def _write(
    path: Path, tensors: dict[str, Tensor], progress: Progress, config: dict[str, Any]
) -> None:
    tensors = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    metadata = {"progress": json.dumps(vars(progress)), "config": json.dumps(config)}
    write_bytes(path, save(tensors, metadata))


@dataclass(frozen=True)
class Average:
    """The usable part of a checkpoint: its averaged weights, and where they come from."""

    tensors: dict[str, Tensor]
    config: dict[str, Any]
    progress: Progress
    passes: list[dict[str, Any]] = field(default_factory=list)
    """What the weights have been through, the last pass last, as a card tells it: steps, minutes,
    and the settings of the recipe that are not the usual ones. Before a training on a user's own
    photos: what it starts from, and how it goes."""


def _passes(config: dict[str, Any], progress: Progress) -> list[dict[str, Any]]:
    """Those of a run: what it began with has been through some before."""
    last = {"steps": progress.step, "minutes": round(progress.seconds / 60, 1)}
    return [*config.get("before", ()), last | told(config)]


def read_average(path: Path) -> Average:
    """The averaged weights of a checkpoint.

    Raises:
        TrainingError: no usable checkpoint there.
    """
    try:
        with safe_open(path, "pt") as file:
            metadata = file.metadata() or {}
            names = [name for name in file.keys() if name.startswith("average/")]  # noqa: SIM118
            tensors = {name.removeprefix("average/"): file.get_tensor(name) for name in names}
        progress = Progress(**json.loads(metadata["progress"]))
        config = json.loads(metadata["config"])
        if "start" in config:  # in its place there is `before` now: a card would lose passes
            raise ValueError("written by an earlier version: begin the run anew")
        return Average(tensors, config, progress, _passes(config, progress))
    except (OSError, SafetensorError, KeyError, ValueError, TypeError) as error:
        raise TrainingError(f"{path}: not a checkpoint of restore ({error})") from error


def begin_with(source: str) -> Average:
    """The weights that a further pass begins with: those of a run, by its folder, or of a model, by
    its name or the path of its weights file.

    Raises:
        TrainingError: a folder without a usable checkpoint.
        UnknownModel, BadWeights: no such model, or a damaged one.
    """
    if Path(source).is_dir():
        return read_average(Path(source) / CHECKPOINT)
    model = read_model(Path(source)) if source.endswith(SUFFIX) else named_model(source)
    network, tensors = read_weights(model)
    card = model.card
    passes = list(card.training.get("passes", []))  # models made elsewhere may not say
    beside = {
        key: card.training[key] for key in ("mean_with", "share", "others") if key in card.training
    }
    if passes and beside:  # what follows goes on from these as well
        passes[-1] = passes[-1] | beside
    config = {"task": card.task, "name": card.name, "network": network.to_dict()}
    progress = Progress(step=passes[-1]["steps"] if passes else 0)
    whole = {name: value.float() for name, value in tensors.items()}
    return Average(whole, config, progress, passes)


def read_progress(path: Path) -> Progress | None:
    """How far the run of a checkpoint had come; None where there is none."""
    if not path.exists():
        return None
    try:
        with safe_open(path, "pt") as file:
            return Progress(**json.loads((file.metadata() or {})["progress"]))
    except (OSError, SafetensorError, KeyError, ValueError, TypeError) as error:
        raise TrainingError(f"{path} is damaged ({error}): delete it to start afresh") from error


def load_checkpoint(
    path: Path,
    network: nn.Module,
    average: nn.Module,
    optimizer: Optimizer,
    generator: torch.Generator,
    config: dict[str, Any],
) -> Progress:
    """Fill everything from a checkpoint and return how far it had come.

    Raises:
        TrainingError: the file is damaged or belongs to a network of another shape.
    """
    try:
        with safe_open(path, "pt") as file:
            metadata = file.metadata() or {}
            # Copies: Windows can't replace a file while something is a view of it.
            tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118
        if json.loads(metadata["config"])["network"] != json.loads(json.dumps(config["network"])):
            raise TrainingError(
                f"{path} is the checkpoint of another network: choose another --run folder"
            )
        for kind, module in (("network", network), ("average", average)):
            module.load_state_dict(_below(tensors, kind))
        state: dict[int, dict[str, Tensor]] = {}
        for name, value in _below(tensors, "optimizer").items():
            number, entry = name.split("/")
            state.setdefault(int(number), {})[entry] = value
        groups = optimizer.state_dict()["param_groups"]
        parameters = [
            parameter for group in optimizer.param_groups for parameter in group["params"]
        ]
        for index, values in state.items():
            for entry, value in values.items():
                # A fused step walks through memory: moments need the layout of their parameter.
                if value.shape == parameters[index].shape:
                    values[entry] = torch.empty_like(parameters[index]).copy_(value)
        optimizer.load_state_dict({"state": state, "param_groups": groups})
        generator.set_state(tensors["generator"])
        return Progress(**json.loads(metadata["progress"]))
    except (OSError, SafetensorError, KeyError, ValueError, RuntimeError, TypeError) as error:
        raise TrainingError(f"{path} is damaged ({error}): delete it to start afresh") from error


def _below(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    start = prefix + "/"
    return {name[len(start) :]: value for name, value in tensors.items() if name.startswith(start)}
