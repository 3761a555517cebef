"""Each way of learning, from its photos to a verdict."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw

import restore
from restore.autoencoder import AutoencoderConfig
from restore.finetune import Request, Validated, examine, finetune
from restore.finetune import colorize as colour_lesson
from restore.finetune import denoise as noise_lesson
from restore.finetune import dewatermark as mark_lesson
from restore.tasks import learning_of
from restore.tasks.colorize_network import bin_table
from restore.training.export import write_model
from tests.conftest import with_noise

COLOURS = AutoencoderConfig(
    in_channels=1, condition_channels=3, out_channels=len(bin_table()[0]), widths=(8,),
    code_channels=8, blocks=1, patch=4, residual=False, bias=True, full_size=False,
)  # fmt: skip
MARKS = AutoencoderConfig(
    condition_channels=6, out_channels=1, widths=(8,), code_channels=8, blocks=1, residual=False,
    bias=True, norm=True,
)  # fmt: skip


@pytest.fixture
def wide(photo: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(256, 320, 3)"""
    tall = np.concatenate([photo, photo[::-1]], 0)
    return np.concatenate([tall, tall[:, ::-1]], 1)


def saved(folder: Path, wide: NDArray[np.uint8], count: int, sigma: float = 0) -> Path:
    folder.mkdir()
    for number in range(count):
        part = np.roll(wide, (17 * number, 29 * number), (0, 1))[:192, :192]
        Image.fromarray(with_noise(part, sigma, number)).save(folder / f"{number}.png")
    return folder


def untaught(folder: Path, task: str, config: AutoencoderConfig) -> str:
    torch.manual_seed(0)
    network: Any = learning_of(task).network(config)
    model = write_model(folder, "small", task, config.to_dict(), network.state_dict(), {})
    return str(model.path)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for lesson in (noise_lesson, colour_lesson, mark_lesson):
        monkeypatch.setitem(lesson.SETTINGS, "batch", 2)
        monkeypatch.setitem(lesson.SETTINGS, "patch", 64)


@pytest.mark.usefixtures("quick")
def test_from_noisy_photos_alone(tmp_path: Path, wide: NDArray[np.uint8]) -> None:
    photos = saved(tmp_path / "photos", wide, 5, sigma=15)
    events: list[Any] = []
    request = Request("denoise", photos, "scans", base="denoise-fast", steps=2, threads=1)
    verdict = finetune(request, events.append)
    curve = [event for event in events if isinstance(event, Validated)]
    assert [event.step for event in curve] == [0, 1, 2]
    # What is shown are the photos as they are; what is measured has a truth.
    assert all(sample.truth is None for sample in curve[0].samples)
    assert curve[0].samples[0].before.shape == curve[0].samples[0].tuned.shape
    assert curve[0].score > 25
    assert verdict.text


@pytest.mark.usefixtures("quick")
def test_with_clean_photos_of_anything(tmp_path: Path, wide: NDArray[np.uint8]) -> None:
    photos = saved(tmp_path / "photos", wide, 5, sigma=15)
    clean = saved(tmp_path / "clean", wide[::-1].copy(), 6)
    request = Request(
        "denoise", photos, "scans", photos_clean=clean, base="denoise-fast", steps=1, threads=1
    )
    events: list[Any] = []
    finetune(request, events.append)
    measured = next(event for event in events if isinstance(event, Validated))
    noisy = restore.load("denoise", "fast", "cpu").estimate_sigma(measured.samples[0].before)
    assert noisy == pytest.approx(15, rel=0.3)


@pytest.mark.usefixtures("quick")
def test_from_a_mark(tmp_path: Path, wide: NDArray[np.uint8]) -> None:
    photos = saved(tmp_path / "photos", wide, 6)
    logo = Image.new("RGBA", (90, 60), (0, 0, 0, 0))
    ImageDraw.Draw(logo).ellipse((5, 5, 85, 55), fill=(250, 240, 20, 255))
    logo.save(tmp_path / "logo.png")
    base = untaught(tmp_path, "dewatermark", MARKS)
    request = Request(
        "dewatermark", photos, "mark", marks=(tmp_path / "logo.png",), base=base, steps=2, threads=1
    )
    events: list[Any] = []
    finetune(request, events.append)
    (first, *_) = [event for event in events if isinstance(event, Validated)]
    sample = first.samples[0]
    assert sample.truth is not None
    changed = np.abs(sample.before.astype(int) - sample.truth).sum(2) > 60
    assert 0.001 < changed.mean() < 0.9


@pytest.mark.parametrize("kind", ["opaque", "empty", "text", "missing"])
def test_marks_that_are_none(tmp_path: Path, wide: NDArray[np.uint8], kind: str) -> None:
    photos = saved(tmp_path / "photos", wide, 6)
    mark = tmp_path / "logo.png"
    if kind == "opaque":
        Image.new("RGB", (50, 50)).save(mark)
    elif kind == "empty":
        Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(mark)
    elif kind == "text":
        mark.write_text("no picture")
    base = untaught(tmp_path, "dewatermark", MARKS)
    request = Request("dewatermark", photos, "mark", marks=(mark,), base=base)
    if kind == "missing":
        with pytest.raises(restore.UnreadableImage, match="no such file"):
            examine(request)
        return
    refusals = [found.text for found in examine(request).findings if found.level == "refusal"]
    words = {"opaque": "no transparency", "empty": "transparent all over", "text": "can't be read"}
    assert len(refusals) == 1
    assert words[kind] in refusals[0]
    assert "logo.png" in refusals[0]


@pytest.mark.usefixtures("quick")
def test_from_colours(tmp_path: Path, wide: NDArray[np.uint8]) -> None:
    photos = saved(tmp_path / "photos", wide, 6)
    base = untaught(tmp_path, "colorize", COLOURS)
    events: list[Any] = []
    finetune(Request("colorize", photos, "mine", base=base, steps=2, threads=1), events.append)
    (first, *_) = [event for event in events if isinstance(event, Validated)]
    assert first.score > 1  # CIEDE2000 of a network that knows nothing
    sample = first.samples[0]
    assert (sample.before[..., 0] == sample.before[..., 1]).all()
    assert (np.ptp(sample.truth, 2) > 0).any()
