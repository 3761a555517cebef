from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

import restore
from restore.home import default_model
from restore.tasks import learning_of
from restore.training.config import TrainingConfig, told
from restore.zoo import (
    Model,
    find_model,
    read_model,
    read_weights,
    set_default_model,
    shipped_models,
)


@pytest.fixture
def own_model(tmp_path: Path) -> Model:
    model = find_model("denoise", "fast")
    for path in (model.path, model.path.with_suffix(".json")):
        shutil.copy(path, tmp_path / path.name)
    return read_model(tmp_path / model.path.name)


@pytest.mark.parametrize("model", shipped_models(), ids=lambda model: model.card.name)
def test_shipped_models_are_what_their_cards_say(model: Model) -> None:
    config, tensors = read_weights(model)
    card = model.card
    assert sum(tensor.numel() for tensor in tensors.values()) == card.parameters
    assert {str(tensor.dtype) for tensor in tensors.values()} == {"torch.float16"}
    network: Any = learning_of(card.task).network(config)
    assert network.macs_per_pixel() / 1e3 == pytest.approx(card.gmac_per_megapixel, abs=0.1)
    measured = {
        "denoise": {"sigma 15", "sigma 25", "sigma 50", "pairs, blind"},
        "dewatermark": {"logo", "unmarked"},
        "colorize": {"automatic", "1 hint", "10 hints", "50 hints"},
    }
    assert measured[card.task] <= set(card.metrics["cases"])
    assert "BSDS500" in card.training["data"]


def test_names_of_models() -> None:
    assert find_model("denoise", "auto").card.name == "denoise-fast"
    assert find_model("denoise", "denoise-fast").card.name == "denoise-fast"
    with pytest.raises(restore.UnknownModel, match=r"no model 'x'.*denoise-fast"):
        find_model("denoise", "x")


def test_tasks_without_weights_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    others = [model for model in shipped_models() if model.card.task == "denoise"]
    monkeypatch.setattr("restore.zoo.shipped_models", lambda: others)
    with pytest.raises(restore.UnknownModel, match="no weights for colorize yet; it can denoise"):
        restore.load("colorize", device="cpu")


def test_unknown_task() -> None:
    with pytest.raises(restore.UnknownModel, match="no task 'sharpen'"):
        restore.load("sharpen", device="cpu")


def test_a_default_is_a_model_of_its_task() -> None:
    with pytest.raises(restore.BadWeights, match="denoise-best is for denoise, not for colorize"):
        set_default_model("colorize", "denoise-best")
    with pytest.raises(restore.UnknownModel, match="no model 'nobody'"):
        set_default_model("denoise", "nobody")
    assert default_model("colorize") is default_model("denoise") is None
    set_default_model("denoise", "denoise-best")
    assert find_model("denoise").card.name == "denoise-best"
    set_default_model("denoise", None)
    assert default_model("denoise") is None


def test_own_weights_by_path(own_model: Model) -> None:
    assert restore.load("denoise", str(own_model.path), "cpu").card == own_model.card


def test_damaged_weights_are_refused(own_model: Model) -> None:
    data = bytearray(own_model.path.read_bytes())
    data[-1] ^= 1
    own_model.path.write_bytes(data)
    with pytest.raises(restore.BadWeights, match=r"damaged.*reinstall"):
        restore.load("denoise", str(own_model.path), "cpu")


def test_missing_and_foreign_files_are_refused(own_model: Model) -> None:
    missing = own_model.path.with_name("nothing.safetensors")
    with pytest.raises(restore.BadWeights, match="no such weights file"):
        read_model(missing)
    card = own_model.path.with_suffix(".json")
    values = json.loads(card.read_text())
    card.write_text(json.dumps({"name": "x"}))
    with pytest.raises(restore.BadWeights, match="not a card"):
        read_model(own_model.path)
    card.write_text(json.dumps(values | {"task": "colorize"}))
    with pytest.raises(restore.BadWeights, match="for colorize, not for denoise"):
        find_model("denoise", str(own_model.path))
    card.write_text(json.dumps(values | {"architecture": {**values["architecture"], "blocks": 1}}))
    with pytest.raises(restore.BadWeights, match="do not fit"):
        restore.load("denoise", str(own_model.path), "cpu")
    other = {"architecture": {**values["architecture"], "condition_channels": 5}}
    card.write_text(json.dumps(values | {"task": "dewatermark"} | other))
    with pytest.raises(restore.BadWeights, match="of another version of restore"):
        restore.load("dewatermark", str(own_model.path), "cpu")
    card.unlink()
    with pytest.raises(restore.BadWeights, match="card"):
        read_model(own_model.path)


def test_missing_devices_are_errors() -> None:
    import torch

    name = "mps" if torch.cuda.is_available() else "cuda"
    with pytest.raises(restore.DeviceUnavailable, match=f"no device '{name}'"):
        restore.load("denoise", device=name)


def test_cards_do_not_tell_where_folders_lie(tmp_path: Path) -> None:
    settings = TrainingConfig(logos=str(tmp_path / "marks"), batch=12).to_dict()
    assert told(settings) == {"logos": "marks", "batch": 12}


@pytest.mark.parametrize("model", shipped_models(), ids=lambda model: model.card.name)
def test_shipped_cards_name_no_place_of_a_machine(model: Model) -> None:
    def texts(value: Any) -> list[str]:
        if isinstance(value, dict):
            return [text for part in value.values() for text in texts(part)]
        return [value] if isinstance(value, str) else []

    told = texts(json.loads(model.card.to_json()))
    assert [text for text in told if re.match(r"[/\\~]|[A-Za-z]:[/\\]", text)] == []
