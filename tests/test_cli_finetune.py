"""The commands around one's own models, as a user types them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from typer.testing import CliRunner

from restore.autoencoder import AutoencoderConfig
from restore.cli.main import app
from restore.finetune import denoise as lessons
from restore.home import models_folder
from restore.tasks.denoise_network import DenoiseNet
from restore.training.export import write_model
from tests.conftest import with_noise

SMALL = AutoencoderConfig(widths=(8,), code_channels=8, blocks=1)


def run(*words: str | Path) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(word) for word in words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def asked(
    tmp_path: Path, photo: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> list[str | Path]:
    """The words of a fine-tuning from pairs, of a network that is taught at once."""
    torch.manual_seed(0)
    weights = DenoiseNet(SMALL).state_dict()
    base = write_model(tmp_path, "small", "denoise", SMALL.to_dict(), weights, {}).path
    settings = {"batch": 2, "patch": 48, "learning_rate": 3e-3, "warmup": 2, "ema": 0.8}
    for name, value in settings.items():
        monkeypatch.setitem(lessons.SETTINGS, name, value)
    wide = np.concatenate([photo, photo[::-1]], 0)
    wide = np.concatenate([wide, wide[:, ::-1]], 1)
    for folder in ("noisy", "clean"):
        (tmp_path / folder).mkdir()
    for number in range(8):
        part = np.roll(wide, 31 * number, 1)[:176, :192]
        Image.fromarray(part).save(tmp_path / "clean" / f"{number}.png")
        Image.fromarray(with_noise(part, 20, number)).save(tmp_path / "noisy" / f"{number}.png")
    return [
        "finetune", "denoise", tmp_path / "noisy", "--pairs", tmp_path / "clean", "--name", "mine",
        "--base", base, "--steps", "24", "--threads", "1",
    ]  # fmt: skip


def test_from_photos_to_a_usual_model(asked: list[str | Path], tmp_path: Path) -> None:
    code, _, said = run(*asked)
    assert code == 0, said
    assert "from pairs" in said
    assert "better than small" in said
    assert "--model mine" in said
    code, listed, _ = run("models", "list")
    assert "yours, from small" in listed
    assert run("models", "default", "mine")[0] == 0
    assert "default" in run("models", "list")[1]
    code, _, said = run("denoise", tmp_path / "noisy", "-o", tmp_path / "out", "--device", "cpu")
    assert code == 0, said
    described = json.loads(run("models", "info", "mine")[1])
    assert described["metrics"]["proof"]["gain"] > 0
    assert run("models", "keep", "mine")[0] == 0
    file = tmp_path / "taken.safetensors"
    assert run("models", "export", "mine", file)[0] == 0
    assert run("models", "remove", "mine")[0] == 0
    assert not list(models_folder().iterdir())
    assert run("models", "import", file, "--name", "again")[0] == 0
    assert "again" in run("models", "list")[1]


def test_programs_are_told_in_json(asked: list[str | Path]) -> None:
    code, told, _ = run(*asked, "--json")
    assert code == 0
    events = [json.loads(line) for line in told.splitlines()]
    kinds = {event["event"] for event in events}
    assert {"examined", "progress", "validated", "proof", "verdict"} <= kinds
    assert events[-1]["better"] is True


def test_checking_alone(asked: list[str | Path], tmp_path: Path) -> None:
    code, _, said = run(*asked, "--check")
    assert code == 0
    assert "8 photos" in said
    assert not models_folder().exists()
    for path in list((tmp_path / "clean").iterdir())[:6]:
        path.unlink()
    code, _, said = run(*asked, "--check")
    assert code == 1
    assert "2 usable photos" in said


def test_refusals_take_one_line(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    code, _, said = run("finetune", "denoise", tmp_path / "empty", "--name", "x")
    assert code == 1
    assert "error: 0 usable photos" in said
    code, _, said = run("finetune", "denoise", tmp_path / "empty", "--name", "best")
    assert code == 4
    code, _, said = run("models", "remove", "denoise-fast")
    assert code == 4
    assert "of yours" in said


def test_drafts_are_not_made_usual_unasked() -> None:
    weights = DenoiseNet(SMALL).state_dict()
    write_model(models_folder(), "try", "denoise", SMALL.to_dict(), weights, {}, draft=True)
    code, _, said = run("models", "default", "try")
    assert code == 4
    assert "is a draft" in said
    assert run("models", "default", "try", "--draft")[0] == 0
    assert run("models", "default", "try", "--off")[0] == 0
