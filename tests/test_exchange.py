"""Models as files: what goes out comes back, and what comes from outside is only data."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.torch import load_file, save_file

import restore
from restore.autoencoder import AutoencoderConfig
from restore.exchange import export_model, import_model
from restore.home import models_folder
from restore.tasks.denoise_network import DenoiseNet
from restore.training.export import write_model
from restore.zoo import Model, find_model, named_model

SMALL = AutoencoderConfig(widths=(4,), code_channels=8, blocks=1)


@pytest.fixture
def own() -> Model:
    torch.manual_seed(1)
    network = DenoiseNet(SMALL)
    training = {"base": "denoise-fast"}
    return write_model(
        models_folder(), "own", "denoise", SMALL.to_dict(), network.state_dict(), training
    )


def test_there_and_back(own: Model, tmp_path: Path, photo: NDArray[np.uint8]) -> None:
    before = restore.load("denoise", "own", "cpu")(photo)
    export_model(own, tmp_path / "a.safetensors")
    copy = import_model(tmp_path / "a.safetensors", "copy")
    assert copy.card.training == own.card.training
    assert np.array_equal(restore.load("denoise", "copy", "cpu")(photo), before)
    with pytest.raises(restore.BadWeights, match="already"):
        import_model(tmp_path / "a.safetensors")


def test_names_differ_by_more_than_case(own: Model, tmp_path: Path) -> None:
    """On many disks their files would be the same."""
    export_model(own, tmp_path / "a.safetensors")
    import_model(tmp_path / "a.safetensors", "Copy")
    for name in ("copy", "DENOISE-fast"):
        with pytest.raises(
            restore.BadWeights, match=r"there is a model '(Copy|denoise-fast)' already"
        ):
            import_model(tmp_path / "a.safetensors", name)


def test_models_that_ship_can_be_taken_along(tmp_path: Path) -> None:
    export_model(named_model("denoise-fast"), tmp_path / "a.safetensors")
    assert import_model(tmp_path / "a.safetensors", "mine").card.metrics
    assert find_model("denoise", "mine").card.name == "mine"


def test_onnx_does_what_torch_does(own: Model, tmp_path: Path, photo: NDArray[np.uint8]) -> None:
    import onnxruntime

    words = export_model(own, tmp_path / "a.onnx", photo)
    assert "differ by at most" in words
    session = onnxruntime.InferenceSession(tmp_path / "a.onnx")
    picture = (photo[:96, :128].transpose(2, 0, 1)[None] / 255).astype(np.float32)
    told = np.full((1, 1, 1, 1), 10, np.float32)
    (restored, level) = session.run(None, {"picture": picture, "sigma": told})
    assert float(level.item()) == 10
    denoise = restore.load("denoise", "own", "cpu")
    wanted = denoise(photo[:96, :128].astype(np.float32) / 255, sigma=10)
    assert np.abs(np.asarray(wanted).transpose(2, 0, 1) - restored[0].clip(0, 1)).max() < 0.02


def test_other_suffixes_are_refused(own: Model, tmp_path: Path) -> None:
    with pytest.raises(restore.UnwritableOutput, match="is written as"):
        export_model(own, tmp_path / "a.pt")


class Trap:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (Path.touch, (Path("sprung"),))  # type: ignore[return-value]


@pytest.mark.parametrize("suffix", [".pt", ".ckpt", ".safetensors"])
def test_pickles_are_never_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / f"evil{suffix}"
    file.write_bytes(pickle.dumps(Trap()))
    with pytest.raises(restore.BadWeights):
        import_model(file)
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    "change",
    [
        {"task": "sharpen"},
        {"task": "colorize"},
        {"name": "../../x"},
        {"name": "auto"},
        {"architecture": {"widths": [1 << 40], "code_channels": 1 << 40}},
        {"architecture": {"widths": [4], "code_channels": 9}},
        {"architecture": {}},
        {"architecture": "small"},
        {"training": "none"},
    ],
)
def test_cards_that_lie_are_refused(own: Model, tmp_path: Path, change: dict[str, object]) -> None:
    card = json.loads(own.card.to_json()) | {"name": "new"} | change
    file = tmp_path / "a.safetensors"
    save_file(load_file(own.path), file, {"card": json.dumps(card)})
    with pytest.raises(restore.RestoreError):
        import_model(file)
    assert [path.stem for path in models_folder().glob("*.safetensors")] == ["own"]


def test_weights_that_are_no_numbers_are_refused(own: Model, tmp_path: Path) -> None:
    tensors = load_file(own.path)
    next(iter(tensors.values())).fill_(float("nan"))
    card = json.dumps(json.loads(own.card.to_json()) | {"name": "new"})
    save_file(tensors, tmp_path / "a.safetensors", {"card": card})
    with pytest.raises(restore.BadWeights, match="no numbers"):
        import_model(tmp_path / "a.safetensors")


def test_the_card_lies_inside(own: Model, tmp_path: Path) -> None:
    export_model(own, tmp_path / "a.safetensors")
    with safe_open(tmp_path / "a.safetensors", "pt") as file:
        assert json.loads(file.metadata()["card"])["name"] == "own"
