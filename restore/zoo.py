"""The models there are: weights files (safetensors, no pickle) and the JSON card beside each.

Some came with the installation; others are the user's own, fine-tuned or imported (`restore.home`).
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
from dataclasses import asdict, dataclass, field, fields
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from restore.errors import BadWeights, UnknownModel
from restore.home import default_model, models_folder, run_folder, write_default_model
from restore.tasks import TASKS

if TYPE_CHECKING:
    from restore.autoencoder import AutoencoderConfig

log = logging.getLogger(__name__)
SUFFIX = ".safetensors"


@dataclass(frozen=True)
class Card:
    """What a person should know before trusting a weights file; stored beside it as JSON."""

    name: str
    task: str
    about: str
    architecture: dict[str, Any]
    """The `AutoencoderConfig` of the network."""
    parameters: int
    gmac_per_megapixel: float
    sha256: str
    date: str
    version: str
    """Version of restore-studio that made it."""
    training: dict[str, Any]
    """The recipe, how long it ran, and the photos with their terms."""
    metrics: dict[str, Any] = field(default_factory=dict)
    """What `restore bench` measured, with the command that measures it again; of a model that was
    fine-tuned, its proof."""
    draft: bool = False
    """Fine-tuned, but not better than its base: for those who ask for it by name."""

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=2) + "\n"


@dataclass(frozen=True)
class Model:
    """A weights file and its card."""

    path: Path
    card: Card


def shipped_models() -> list[Model]:
    """Every model that came with this installation, by name."""
    with as_file(files("restore.weights")) as folder:
        return [read_model(path) for path in sorted(Path(folder).glob("*" + SUFFIX))]


def user_models() -> list[Model]:
    """Every model in the user's folder, by name; what can't be read there is left out."""
    models = []
    for path in sorted(models_folder().glob("*" + SUFFIX)):
        try:
            models.append(read_model(path))
        except BadWeights as error:
            log.warning("left out %s", error)
    return models


def known_models() -> list[Model]:
    """The models that came with this installation, and then the user's."""
    return shipped_models() + user_models()


def named_model(name: str) -> Model:
    """The model of a full name, whatever its task.

    Raises:
        UnknownModel: there is none.
    """
    known = {model.card.name: model for model in known_models()}
    if name not in known:
        raise UnknownModel(f"no model {name!r}: there is {', '.join(known)}")
    return known[name]


def set_default_model(task: str, name: str | None) -> None:
    """Make a model the default of a task: what `auto` means; None goes back to those shipped.

    Raises:
        UnknownModel: there is no model of that name.
        BadWeights: it is for another task.
    """
    if name is not None and (found := named_model(name).card.task) != task:
        raise BadWeights(f"{name} is for {found}, not for {task}: choose another")
    write_default_model(task, name)


def remove_model(name: str, *, keep_run: bool = False) -> None:
    """Remove one of the user's models, and the run that made it.

    Raises:
        UnknownModel: there is none of the user's of that name.
    """
    own = {model.card.name: model for model in user_models()}
    if name not in own:
        raise UnknownModel(f"no model {name!r} of yours: there is {', '.join(own) or 'none'}")
    card = own[name].card
    if default_model(card.task) == name:
        set_default_model(card.task, None)
    for path in (own[name].path, own[name].path.with_suffix(".json")):
        path.unlink(missing_ok=True)
    if not keep_run:
        shutil.rmtree(run_folder(name), ignore_errors=True)


def find_model(task: str, model: str = "auto") -> Model:
    """The model of a task: `fast`, `best`, `auto`, a full name, or the path of a weights file.

    `auto` is the model that the user has made the default, if any; else `fast`, on any device, so
    that a folder comes out the same on every machine.

    Raises:
        UnknownModel: no such task or model, or none has been trained for the task yet.
        BadWeights: the file is missing, damaged, or for another task.
    """
    if task not in TASKS:
        raise UnknownModel(f"no task {task!r}: there is {', '.join(TASKS)}")
    if model.endswith(SUFFIX):
        found = read_model(Path(model))
        if found.card.task != task:
            raise BadWeights(f"{model} is for {found.card.task}, not for {task}: choose another")
        return found
    shipped = {entry.card.name: entry for entry in shipped_models() if entry.card.task == task}
    own = {entry.card.name: entry for entry in user_models() if entry.card.task == task}
    known = own | shipped  # a name that ships is never anything else
    default = default_model(task)
    if model == "auto" and default in known:
        return known[default]
    if not shipped and model not in own:
        raise UnknownModel(
            f"this version has no weights for {task} yet; it can "
            + ", ".join(sorted({entry.card.task for entry in shipped_models()}))
        )
    if len(shipped) == 1 and model in {"auto", "fast", "best"}:  # one size may serve for all
        return next(iter(shipped.values()))
    name = "fast" if model == "auto" else model
    for candidate in (name, f"{task}-{name}"):
        if candidate in known:
            return known[candidate]
    raise UnknownModel(
        f"no model {model!r} for {task}: there is {', '.join(known)}, or give the path of a "
        f"{SUFFIX} file"
    )


def read_model(path: Path) -> Model:
    """A weights file with its card; the weights themselves are not read.

    Raises:
        BadWeights: file or card are missing or not what they should be.
    """
    card = path.with_suffix(".json")
    if not path.is_file():
        raise BadWeights(f"{path}: no such weights file; `restore models` lists what there is")
    try:
        values = json.loads(card.read_text(encoding="utf-8"))
        known = {entry.name for entry in fields(Card)}
        return Model(path, Card(**{key: values[key] for key in values if key in known}))
    except FileNotFoundError:
        raise BadWeights(f"{path}: its card {card.name} is missing; put it beside it") from None
    except (OSError, ValueError, TypeError) as error:
        raise BadWeights(
            f"{card}: not a card of restore ({error}); reinstall or retrain"
        ) from error


def read_weights(model: Model) -> tuple[AutoencoderConfig, dict[str, Any]]:
    """Architecture and tensors of a model, once its bytes are what its card says.

    Raises:
        BadWeights: the file is damaged, foreign, or not the one the card was written for.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load

    from restore.autoencoder import AutoencoderConfig

    try:
        data = model.path.read_bytes()
    except OSError as error:
        raise BadWeights(f"{model.path}: can't be read ({error.strerror})") from error
    if hashlib.sha256(data).hexdigest() != model.card.sha256:
        raise BadWeights(
            f"{model.path} is damaged or was replaced (its sha256 is not the one on its card): "
            "reinstall restore-studio, or put the right file back"
        )
    try:
        return AutoencoderConfig.from_dict(model.card.architecture), load(data)
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise BadWeights(f"{model.path}: not weights of restore ({error})") from error
