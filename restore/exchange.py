"""Models as single files, to take along: safetensors that `import_model` reads, and ONNX.

Files that come in are data: tensors and a card in JSON are read from them, checked, and written
anew. Nothing in them is ever run.
"""

from __future__ import annotations

import json
import warnings
from dataclasses import fields, replace
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.torch import load, save
from torch import Tensor, nn

from restore.atomic import write_bytes
from restore.autoencoder import AutoencoderConfig
from restore.errors import BadWeights, MissingExtra, UnwritableOutput
from restore.home import checked_name, models_folder
from restore.tasks import TASKS, learning_of
from restore.tasks.colorize_network import ColorizeNet
from restore.tasks.denoise_network import DenoiseNet
from restore.training.export import write_model
from restore.zoo import SUFFIX, Card, Model, known_models, read_weights

ONNX = ".onnx"
TOLERANCE = 1e-3
"""What torch and onnxruntime may differ by; a step of 8 bits is four times that."""


def export_model(model: Model, path: Path, picture: NDArray[np.uint8] | None = None) -> str:
    """Write a model as one file, by its suffix: .safetensors, its card inside, or .onnx.

    Args:
        picture: (H, W, 3), to compare ONNX with torch on.

    Returns:
        What was checked, in words.

    Raises:
        UnwritableOutput: another suffix, or the folder can't be written to.
        MissingExtra: ONNX without the extra `onnx`.
        BadWeights: the model is damaged; or what was exported does something else.
    """
    config, tensors = read_weights(model)
    if path.suffix == SUFFIX:
        # Their own card lies inside, so that the file is all there is to carry.
        facts = {"restore": model.card.task, "network": json.dumps(model.card.architecture)}
        write_bytes(path, save(tensors, facts | {"card": model.card.to_json()}))
        return "import it with `restore models import`"
    if path.suffix != ONNX:
        raise UnwritableOutput(f"{path}: a model is written as {SUFFIX} or {ONNX}")
    network = learning_of(model.card.task).network(config)
    network.load_state_dict(tensors)
    return _export_onnx(network.eval(), model.card, path, picture)


def import_model(path: Path, name: str | None = None) -> Model:
    """Take a weights file into the user's folder.

    Args:
        path: a .safetensors file with its card inside, or beside it as .json.
        name: another name for it.

    Raises:
        BadWeights: not such a file, or tensors and card do not fit each other.
        UnknownModel: it can't be called so.
    """
    if path.suffix != SUFFIX:
        raise BadWeights(
            f"{path}: only {SUFFIX} files are taken in; formats such as .pt and .ckpt can hold "
            "programs, and are never opened"
        )
    try:
        data = path.read_bytes()
        with safe_open(path, "pt") as file:
            facts = file.metadata() or {}
        tensors = load(data)
        beside = path.with_suffix(".json")
        text = facts.get("card") or beside.read_text(encoding="utf-8")
        values = json.loads(text)
        known = {entry.name for entry in fields(Card)}
        card = Card(**{key: values[key] for key in values if key in known})
    except FileNotFoundError as error:
        raise BadWeights(f"{error.filename}: not there; export writes file and card") from None
    except (OSError, SafetensorError, ValueError, TypeError) as error:
        raise BadWeights(f"{path}: not weights of restore ({error})") from error
    chosen = checked_name(name or str(card.name))
    # By case alone, two names would be of one file on many disks.
    taken = {model.card.name.casefold(): model.card.name for model in known_models()}
    if there := taken.get(chosen.casefold()):
        raise BadWeights(f"there is a model {there!r} already: give another --name")
    _check(path, card, tensors)
    more = {"metrics": card.metrics, "draft": bool(card.draft)}
    model = write_model(
        models_folder(), chosen, card.task, card.architecture, tensors, card.training, **more
    )
    made = replace(model.card, about=str(card.about), date=str(card.date))
    write_bytes(model.path.with_suffix(".json"), made.to_json().encode())
    return Model(model.path, made)


def _check(path: Path, card: Card, tensors: dict[str, Tensor]) -> None:
    """Raises BadWeights where a card and tensors from outside are not what they claim to be."""
    if card.task not in TASKS:
        raise BadWeights(f"{path}: made for {card.task!r}; there is {', '.join(TASKS)}")
    if not isinstance(card.training, dict) or not isinstance(card.metrics, dict):
        raise BadWeights(f"{path}: its card is not one of restore")
    if not all(bool(value.isfinite().all()) for value in tensors.values()):
        raise BadWeights(f"{path}: some of its weights are no numbers")
    try:
        config = AutoencoderConfig.from_dict(card.architecture)
        if sum(value.numel() for value in tensors.values()) > 1_000_000_000:
            raise ValueError("far too many weights")
        with torch.device("meta"):  # a card can claim any size: nothing is allocated for it
            network = learning_of(card.task).network(config)
        expected = {name: value.shape for name, value in network.state_dict().items()}
        if {name: value.shape for name, value in tensors.items()} != expected:
            raise ValueError("the weights do not fit the card")
    except (KeyError, TypeError, ValueError, AttributeError, RuntimeError) as error:
        raise BadWeights(f"{path}: not weights of restore ({error})") from error


class _Denoise(nn.Module):
    """picture, sigma -> restored, sigma; a sigma of 0 or less is estimated."""

    INPUTS, OUTPUTS = ("picture", "sigma"), ("restored", "level")

    def __init__(self, network: DenoiseNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, picture: Tensor, sigma: Tensor) -> tuple[Tensor, Tensor]:
        own = self.network.noise_level(picture).view(-1, 1, 1, 1)
        level = torch.where(sigma > 0, sigma, own)
        autoencoder = self.network.autoencoder
        return picture + autoencoder.decode(autoencoder.encode(picture, level / 255)), level


class _Dewatermark(nn.Module):
    """picture, condition -> logits of the coverage. What mends the picture is not part of it."""

    INPUTS, OUTPUTS = ("picture", "condition"), ("logits",)

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.autoencoder = cast(Any, network).autoencoder

    def forward(self, picture: Tensor, condition: Tensor) -> Tensor:
        logits: Tensor = self.autoencoder.decode(self.autoencoder.encode(picture - 0.5, condition))
        return logits


class _Colorize(nn.Module):
    """lightness, hints -> a* and b*, one for each patch of 4 x 4."""

    INPUTS, OUTPUTS = ("lightness", "hints"), ("chroma",)

    def __init__(self, network: ColorizeNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, lightness: Tensor, hints: Tensor) -> Tensor:
        return self.network.mean(self.network(lightness, hints))


_WRAPPERS: dict[str, Any] = {
    "denoise": _Denoise,
    "dewatermark": _Dewatermark,
    "colorize": _Colorize,
}


def _export_onnx(
    network: nn.Module, card: Card, path: Path, picture: NDArray[np.uint8] | None
) -> str:
    for package in ("onnx", "onnxscript", "onnxruntime"):
        try:
            import_module(package)
        except ModuleNotFoundError:
            raise MissingExtra(
                f'{path}: ONNX needs the package {package!r}: pip install "restore-studio[onnx]"'
            ) from None
    config = AutoencoderConfig.from_dict(card.architecture)
    wrapped = _WRAPPERS[card.task](network).eval()
    multiple = config.multiple
    height, width = (torch.export.Dim(name, min=2, max=1024) for name in ("height", "width"))
    sizes = {2: multiple * height, 3: multiple * width}
    if card.task == "colorize":
        small = multiple // config.patch
        shapes: tuple[dict[int, Any], ...] = (sizes, {2: small * height, 3: small * width})
    else:
        shapes = (sizes, {} if card.task == "denoise" else sizes)
    example = _inputs(card.task, config, _example(multiple))
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.part")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the exporter about itself
            torch.onnx.export(
                wrapped, example, str(temporary), input_names=list(wrapped.INPUTS),
                output_names=list(wrapped.OUTPUTS), dynamic_shapes=shapes, dynamo=True,
                external_data=False, verbose=False,
            )  # fmt: skip
        data = temporary.read_bytes()
    finally:
        temporary.unlink(missing_ok=True)
    shown = _example(multiple * 3) if picture is None else picture
    error = _difference(data, wrapped, _inputs(card.task, config, shown))
    if error > TOLERANCE * (100 if card.task == "colorize" else 1):
        raise BadWeights(f"{path}: ONNX and torch differ by {error:.2g}; nothing was written")
    write_bytes(path, data)
    return f"onnxruntime and torch differ by at most {error:.1g}"


def _difference(data: bytes, wrapped: nn.Module, inputs: tuple[Tensor, ...]) -> float:
    """The largest between torch and onnxruntime."""
    import onnxruntime

    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    names = [entry.name for entry in session.get_inputs()]
    found = session.run(None, dict(zip(names, (x.numpy() for x in inputs), strict=True)))
    with torch.inference_mode():
        wanted = wrapped(*inputs)
    wanted = wanted if isinstance(wanted, tuple) else (wanted,)
    return max(
        float(np.abs(one.numpy() - other).max()) for one, other in zip(wanted, found, strict=True)
    )


def _inputs(
    task: str, config: AutoencoderConfig, picture: NDArray[np.uint8]
) -> tuple[Tensor, Tensor]:
    """A picture, cut to a multiple of the network's grid, as what the network is given."""
    side = config.multiple
    height, width = (max(length // side, 2) * side for length in picture.shape[:2])
    padded = np.pad(picture, ((0, side * 2), (0, side * 2), (0, 0)), mode="reflect")
    x = torch.from_numpy(padded[:height, :width].copy()).permute(2, 0, 1)[None] / 255
    if task == "denoise":
        return x, torch.zeros(1, 1, 1, 1)
    if task == "dewatermark":
        return x, torch.zeros(1, config.condition_channels, height, width)
    hints = torch.zeros(1, 3, height // config.patch, width // config.patch)
    hints[:, :, 1, 1] = torch.tensor([1.0, 20.0, -30.0])
    return 100 * x.mean(1, keepdim=True), hints


def _example(side: int) -> NDArray[np.uint8]:
    """Slopes, an edge and some noise, where no picture is at hand."""
    y, x = np.mgrid[: 2 * side, : 3 * side]
    plain = np.stack([255 * y / (2 * side), 255 * x / (3 * side), 200 * (x > y)], -1)
    noise = np.random.default_rng(0).normal(0, 10, plain.shape)
    return np.clip(plain + noise, 0, 255).astype(np.uint8)
