"""The weights that ship: small checks of what they have learned, and the command with them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from skimage import data
from typer.testing import CliRunner

import restore
from restore.bench.colorize import bench, cases, gray_of, random_hints
from restore.bench.measure import measure, psnr_of
from restore.cli.main import app
from restore.metrics import colourfulness
from restore.tasks.colorize import Colorizer

runner = CliRunner()


@pytest.fixture(scope="module")
def colorizer() -> Colorizer:
    return restore.load("colorize", device="cpu")


def _lively(picture: NDArray[np.uint8]) -> float:
    return float(colourfulness(torch.from_numpy(picture.copy()).permute(2, 0, 1)[None] / 255))


def test_real_photos(colorizer: Colorizer, tmp_path: Path) -> None:
    for name in ("astronaut", "chelsea", "coffee"):
        image = Image.fromarray(getattr(data, name)())
        image.thumbnail((320, 256))
        image.save(tmp_path / f"{name}.png")
    scores = measure(bench([colorizer], cases(tmp_path)), lambda *_: None)["colorize"]
    assert 0.25 < scores["automatic"]["colourfulness"] < 1.3
    assert scores["automatic"]["gain"] > -0.5
    assert scores["10 hints"]["gain"] > 4
    assert scores["50 hints"]["gain"] > scores["10 hints"]["gain"] + 0.5


def test_one_hint_colours_its_object(colorizer: Colorizer) -> None:
    """A wall beside a dark field: the hint reaches across the wall, more than the field."""
    draw = np.random.default_rng(0)
    picture = np.full((192, 256), 60.0)
    picture[40:150, 60:200] = 170
    picture = np.clip(picture + draw.normal(0, 3, picture.shape), 0, 255).astype(np.uint8)
    wall, around, field = np.s_[85:105, 120:140], np.s_[60:130, 80:180], np.s_[165:, :]
    plain = _warmth(colorizer(picture))
    cold = plain - _warmth(colorizer(picture, [(130, 95, (140, 150, 200))]))  # far from its guess
    assert cold[wall].mean() > 60
    assert cold[around].mean() > 0.8 * cold[wall].mean()
    assert cold[around].mean() > 1.2 * cold[field].mean()
    warm = _warmth(colorizer(picture, [(130, 95, (200, 150, 140))]))
    assert warm[around].mean() > 2 * warm[field].mean()


def _warmth(picture: NDArray[np.uint8]) -> NDArray[np.int_]:
    """How much more red than blue there is."""
    return picture[..., 0].astype(int) - picture[..., 2]


def test_uncertainty_falls_where_a_hint_is(colorizer: Colorizer) -> None:
    gray = gray_of(np.ascontiguousarray(data.coffee()[::2, ::2]))
    before = colorizer.uncertainty(gray)
    y, x = np.unravel_index(int(before.argmax()), before.shape)
    after = colorizer.uncertainty(gray, [(int(x), int(y), (150, 90, 60))])
    assert after[y, x] < 0.8 * before[y, x]


def test_the_command(tmp_path: Path) -> None:
    colour = np.ascontiguousarray(data.coffee()[100:300, 150:400])
    gray = gray_of(colour)
    source, target = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    Image.fromarray(gray).save(source / "a.jpg")
    Image.fromarray(gray.astype(np.uint16) * 257).save(source / "deep.png")
    Image.fromarray(colour).save(source / "colour.png")
    hints = tmp_path / "hints.json"
    told = random_hints(colour, 20, 0)
    hints.write_text(json.dumps({"a.jpg": told, "granma.jpg": told}))
    arguments = ["colorize", str(source), "-o", str(target), "--json", "--hints", str(hints)]
    result = runner.invoke(app, arguments)
    assert result.exit_code == 0, result.output
    assert "force" in result.output
    assert "no picture goes by: 'granma.jpg'" in result.stderr
    assert (target / "colour.png").read_bytes() == (source / "colour.png").read_bytes()
    painted = np.asarray(Image.open(target / "a.jpg"))
    copy = np.repeat(gray[..., None], 3, 2)
    assert psnr_of(painted / 255, colour / 255) > psnr_of(copy / 255, colour / 255) + 2
    from restore.picture import read_picture

    deep = read_picture(target / "deep.png").array
    assert deep.dtype == np.uint16 and deep.shape == (200, 250, 3)

    one = [*arguments[:1], str(source / "a.jpg"), *arguments[2:5], "--variants", "2"]
    result = runner.invoke(app, one)
    assert result.exit_code == 0, result.output
    first, second = (np.asarray(Image.open(target / f"a_{n}.jpg")) for n in (1, 2))
    assert np.abs(first.astype(int) - second).mean() > 0.5
    assert _lively(first) > 3

    hints.write_text(json.dumps([list(hint) for hint in told]))
    result = runner.invoke(app, arguments)
    assert result.exit_code == 2
    assert "these hints are for one picture" in result.stderr
    hints.write_text('{"a.jpg": [[1, 2]]}')
    result = runner.invoke(app, arguments)
    assert result.exit_code == 2
    assert "'a.jpg': hint 1" in result.stderr


def test_the_bench_command(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    Image.fromarray(data.coffee()[100:300, 150:400]).save(folder / "a.png")
    sheet = tmp_path / "sheet.png"
    arguments = ["bench", "--task", "colorize", "--clean", str(folder), "--sheet", str(sheet)]
    result = runner.invoke(app, [*arguments, "--json"])
    assert result.exit_code == 0, result.output
    scores = json.loads(result.stdout)["scores"]
    assert set(scores) == {"gray copy", "colorize"}
    assert scores["gray copy"]["automatic"]["gain"] == 0
    assert sheet.is_file()
