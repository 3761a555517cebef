from __future__ import annotations

import json
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest
import typer
from numpy.typing import NDArray
from PIL import Image
from typer.testing import CliRunner

import restore
from restore.cli.console import one_line_errors
from restore.cli.main import app
from tests.conftest import with_noise

runner = CliRunner()


def lines(output: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in output.splitlines()]


def test_cleans_a_folder(tmp_path: Path, photo: NDArray[np.uint8]) -> None:
    (tmp_path / "in" / "deeper").mkdir(parents=True)
    noisy = with_noise(photo, 25)
    Image.fromarray(noisy).save(tmp_path / "in" / "deeper" / "a.png")
    (tmp_path / "in" / "bad.jpg").write_text("no picture")
    arguments = ["denoise", str(tmp_path / "in"), "-o", str(tmp_path / "out"), "--json"]
    result = runner.invoke(app, arguments)
    assert result.exit_code == 1
    *files, summary = lines(result.stdout)
    assert {entry["status"] for entry in files} == {"done", "failed"}
    assert summary["summary"] == {"done": 1, "skipped": 0, "failed": 1}
    assert "bad.jpg" in result.stderr
    with Image.open(tmp_path / "out" / "deeper" / "a.png") as image:
        cleaned = np.asarray(image).astype(float)
    assert np.square(cleaned - photo).mean() < np.square(noisy.astype(float) - photo).mean() / 4
    (tmp_path / "in" / "bad.jpg").unlink()
    again = runner.invoke(app, arguments)
    assert again.exit_code == 0
    assert lines(again.stdout)[-1]["summary"] == {"done": 0, "skipped": 1, "failed": 0}


@pytest.mark.parametrize("option", ["--report", "--sheet"])
def test_reports_are_no_pictures(folder: Path, tmp_path: Path, option: str) -> None:
    other = tmp_path / "photo.jpg"
    other.write_bytes(b"an original")
    arguments = ["denoise", str(folder), "-o", str(tmp_path / "out"), option, str(other)]
    result = runner.invoke(app, arguments)
    assert result.exit_code != 0
    assert "photo.jpg is the name of a picture" in " ".join(result.stderr.split())
    assert other.read_bytes() == b"an original"


def test_an_empty_input_is_not_this_folder(tmp_path: Path) -> None:
    result = runner.invoke(app, ["denoise", "", "-o", str(tmp_path / "out")])
    assert result.exit_code == 2
    assert "it is empty" in result.stderr


def test_options_reach_the_engine(folder: Path, tmp_path: Path) -> None:
    result = runner.invoke(
        app,
        [
            "denoise",
            str(folder / "b.png"),
            "-o",
            str(tmp_path / "out"),
            "--strength",
            "0",
            "--format",
            "tiff",
            "--device",
            "cpu",
            "--model",
            "fast",
            "--tile",
            "64",
        ],
    )
    assert result.exit_code == 0
    with Image.open(tmp_path / "out" / "b.tif") as image, Image.open(folder / "b.png") as original:
        np.testing.assert_array_equal(np.asarray(image), np.asarray(original))


def test_dry_run_touches_nothing(folder: Path, tmp_path: Path) -> None:
    arguments = ["denoise", str(folder), "-o", str(tmp_path / "out"), "--dry-run"]
    result = runner.invoke(app, arguments)
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 3
    assert not (tmp_path / "out").exists()
    planned = lines(runner.invoke(app, [*arguments, "--json"]).stdout)
    assert [entry["action"] for entry in planned] == ["denoise"] * 3


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["denoise", "missing.png"], 2, "missing.png"),
        (["denoise", "."], 3, "no pictures"),
        (["denoise", "a.png", "--device", "cuda:9"], 4, "cuda:9"),
        (["denoise", "a.png", "--model", "huge"], 4, "huge"),
        (["denoise", "a.png", "--sigma", "300"], 2, "0 to 255"),
        (["denoise", "a.png", "--sigma", "much"], 2, "0 to 255"),
        (["denoise", "a.png", "--strength", "2"], 2, "strength"),
        (["models", "info", "nothing"], 4, "nothing"),
        (["models", "keep", "nothing"], 4, "no fine-tuning 'nothing'"),
        (["bench"], 2, "--clean"),
        (["export", "nowhere"], 1, "nowhere"),
    ],
)
def test_exit_codes(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    code: int,
    word: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    if "a.png" in arguments:
        Image.new("RGB", (8, 8)).save("a.png")
    output = [] if arguments[0] != "denoise" else ["-o", "out"]
    result = runner.invoke(app, arguments + output)
    assert result.exit_code == code
    assert word in result.stderr


def test_models() -> None:
    listed = runner.invoke(app, ["models"])
    assert listed.exit_code == 0
    assert "denoise-fast" in listed.stdout
    info = runner.invoke(app, ["models", "info", "denoise-fast"])
    assert json.loads(info.stdout)["task"] == "denoise"
    assert "ok  denoise-fast" in runner.invoke(app, ["models", "verify"]).stdout


def test_doctor() -> None:
    result = runner.invoke(app, ["doctor"])
    assert result.exit_code == 0
    (weights,) = (line for line in result.stdout.splitlines() if "weights: " in line)
    assert weights.startswith("ok")
    assert "denoise-fast" in weights
    assert "torch" in result.stdout
    assert "extra bench: PyWavelets" in result.stdout
    assert "extra dev" not in result.stdout


def test_doctor_names_what_an_extra_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    def version(name: str) -> str:
        if name == "psutil":
            raise metadata.PackageNotFoundError
        return "1"

    monkeypatch.setattr("importlib.metadata.version", version)
    result = runner.invoke(app, ["doctor"])
    assert result.exit_code == 0
    assert "extra bench: without psutil" in result.stdout
    assert 'pip install "restore-studio[bench]"' in result.stdout


def test_demo_gains(tmp_path: Path) -> None:
    result = runner.invoke(app, ["demo", "-o", str(tmp_path / "demo")])
    assert result.exit_code == 0
    gain = float(result.stdout.split("gained ")[1].split(" dB")[0])
    assert gain > 3
    assert len(list((tmp_path / "demo" / "restored").glob("*.png"))) == 3
    with Image.open(tmp_path / "demo" / "before-after.png") as sheet:
        assert sheet.width > 1000


def test_bench_beats_the_classics(tmp_path: Path, photo: NDArray[np.uint8]) -> None:
    (tmp_path / "clean").mkdir()
    Image.fromarray(photo).save(tmp_path / "clean" / "a.png")
    options = ["--json", "--model", "fast", "--sheet", str(tmp_path / "sheet.png")]
    result = runner.invoke(app, ["bench", "--clean", str(tmp_path / "clean"), *options])
    assert result.exit_code == 0
    scores = lines(result.stdout)[-1]["scores"]
    assert isinstance(scores, dict)
    own = scores.pop("denoise-fast")
    for case in ("sigma 15", "sigma 25", "sigma 50", "25 blind"):
        others = max(method[case]["PSNR"] for method in scores.values())
        assert own[case]["PSNR"] > others + 0.5
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.width > 1000


def test_train_and_export(tmp_path: Path, photo: NDArray[np.uint8]) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    for number in range(5):
        Image.fromarray(np.roll(photo, 9 * number, 0)).save(photos / f"{number}.png")
    recipe = tmp_path / "tiny.toml"
    recipe.write_text(
        'name = "tiny"\nbatch = 2\npatch = 32\nlate_patch = 32\n'
        "[network]\nwidths = [4]\ncode_channels = 4\nblocks = 1\n"
    )
    run, weights = tmp_path / "run", tmp_path / "weights"
    arguments = [str(recipe), str(photos), "--run", str(run), "--steps", "2", "--device", "cpu"]
    trained = runner.invoke(app, ["train", *arguments])
    assert trained.exit_code == 0
    assert runner.invoke(app, ["export", str(run), "-o", str(weights)]).exit_code == 0
    Image.fromarray(photo).save(tmp_path / "a.png")
    result = runner.invoke(
        app,
        [
            "denoise",
            str(tmp_path / "a.png"),
            "-o",
            str(tmp_path / "b.png"),
            *f"--model {weights / 'tiny.safetensors'}".split(),
        ],
    )
    assert result.exit_code == 0
    assert (tmp_path / "b.png").is_file()


def test_help_is_quick_and_light() -> None:
    """Nothing heavy is imported for --help; the time has room for a slow machine."""
    heavy = "{'torch', 'numpy', 'PIL', 'cv2', 'torchvision', 'skimage', 'PySide6'}"
    code = (
        "import sys; from typer.testing import CliRunner; from restore.cli.main import app\n"
        "assert CliRunner().invoke(app, ['--help']).exit_code == 0\n"
        f"print(sorted({heavy} & set(sys.modules)))"
    )
    started = time.monotonic()
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"
    assert time.monotonic() - started < 3


def test_version() -> None:
    assert runner.invoke(app, ["--version"]).stdout.strip() == f"restore {restore.__version__}"


def test_only_what_goes_on_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    for goes_on in (False, True):
        with pytest.raises(typer.Exit), one_line_errors(goes_on=goes_on):
            raise KeyboardInterrupt
        told = capsys.readouterr().err
        assert "interrupted" in told
        assert ("go on" in told) == goes_on


@pytest.mark.parametrize("command", ["demo", "bench", "denoise", "watch"])
def test_several_devices_are_offered_where_they_are_taken(command: str) -> None:
    told = runner.invoke(app, [command, "--help"], env={"COLUMNS": "200"}).stdout
    assert ("cuda:0,cuda:1" in told) == (command in {"denoise", "watch"})


def test_a_reader_that_has_had_enough_is_no_error() -> None:
    with pytest.raises(BrokenPipeError), one_line_errors():
        raise BrokenPipeError
