"""A folder with everything in it: each good file is restored, each bad one named, none lost."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from typer.testing import CliRunner

from restore.cli.main import app
from restore.picture import read_picture
from restore.plan import plan
from restore.run import run
from tests.fakes import pipeline
from tests.hostile import bad_files, good_files, write_files

# Pillow warns of what is damaged; what counts is what becomes of the file.
pytestmark = pytest.mark.filterwarnings("ignore:::PIL")


def linked(folder: Path) -> bool:
    """Adds links: a loop, one to a file, and one to nothing."""
    try:
        (folder / "loop").symlink_to(folder, target_is_directory=True)
        (folder / "linked.png").symlink_to(folder / "a.png")
        (folder / "dangling.png").symlink_to(folder / "nothing.png")
    except OSError:  # a system without links
        return False
    return True


def test_each_good_file_is_restored_and_each_bad_one_named(
    tmp_path: Path, photo: NDArray[np.uint8]
) -> None:
    source, output = tmp_path / "in", tmp_path / "in" / "out"
    good, bad = good_files(photo), bad_files(photo)
    write_files(source, good | bad)
    links = linked(source)
    before = {path: path.read_bytes() for path in source.rglob("*") if path.is_file()}
    results = list(run(plan([source], output), [pipeline()]))
    done = {result.job.place for result in results if result.status == "done"}
    failed = {result.job.place: result for result in results if result.status == "failed"}
    assert done == good.keys() | ({"linked.png"} if links else set())
    assert failed.keys() == bad.keys() | ({"dangling.png"} if links else set())
    for name, result in failed.items():
        assert str(source / name) in result.message
        assert "\n" not in result.message
        assert len(result.message) > len(str(source / name)) + 20
    assert before == {path: path.read_bytes() for path in before}
    targets = {result.job.place: result.job.target for result in results}
    assert len({str(path).casefold() for path in targets.values()}) == len(targets)
    for name in done:
        was, now = read_picture(source / name), read_picture(targets[name])
        assert was.array.shape == now.array.shape or name == "inks.jpg"
        assert was.array.dtype == now.array.dtype
        if was.format in {"png", "tiff"} and targets[name].suffix != ".jpg":
            expected = np.iinfo(was.array.dtype).max - was.array
            if was.array.ndim == 3 and was.array.shape[2] in (2, 4):
                expected[..., -1] = was.array[..., -1]
            np.testing.assert_array_equal(now.array, expected)
    told = {result.job.place: result.message for result in results}
    assert "first of 2 frames" in told["moving.gif"]
    assert "PNG despite its name" in told["png inside.jpg"]
    assert "profile is damaged" in told["bad profile.jpg"]
    assert "EXIF is damaged" in told["bad exif.jpg"]
    assert "--max-pixels" in told["bomb.png"]
    assert "empty" in told["empty.png"]
    assert not links or "a link to a file that is not there" in told["dangling.png"]
    assert "floating point" in told["float.tif"]
    assert targets["CON.jpg"].name == "CON_.jpg"
    assert targets["photo.bmp"].name == "photo_bmp.png" or targets["photo.bmp"].suffix == ".png"


def test_the_same_from_the_command_line_by_the_real_model(
    tmp_path: Path, photo: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    small = np.ascontiguousarray(photo[:40, :56])
    good, bad = good_files(small), bad_files(small)
    write_files(tmp_path / "in", good | bad)
    arguments = ["run", "in", "-o", "out", "--step", "denoise:model=fast", "--device", "cpu"]
    result = CliRunner().invoke(app, [*arguments, "--report", "report.json", "--sheet", "s.html"])
    assert result.exit_code == 1, result.output
    for name in bad:
        assert name in result.stderr
    assert f"{len(good)} done, {len(bad)} failed" in result.stderr
    page = (tmp_path / "s.html").read_text(encoding="utf-8")
    assert page.count("<article") == len(good) + len(bad)
    assert page.count("data:image/jpeg") == 2 * len(good)
    assert "estimated noise" in page
    assert "of pixels changed" in page
    again = CliRunner().invoke(app, arguments)
    assert f"{len(good)} skipped, {len(bad)} failed" in again.stderr
    command = [sys.executable, "-m", "restore.cli.main", *arguments, "--dry-run"]
    strict = os.environ | {"PYTHONIOENCODING": "ascii:strict"}
    shown = subprocess.run(command, env=strict, capture_output=True, check=True)
    assert shown.stdout.count(b" -> ") == len(good) + len(bad)


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (3000, 10), (65, 7)])
def test_odd_sizes_by_the_real_model(tmp_path: Path, size: tuple[int, int]) -> None:
    Image.effect_noise(size, 60).convert("RGB").save(tmp_path / "a.png")
    result = CliRunner().invoke(
        app, ["denoise", str(tmp_path / "a.png"), "-o", str(tmp_path / "b.png"), "--tile", "256"]
    )
    assert result.exit_code == 0, result.output
    with Image.open(tmp_path / "b.png") as image:
        assert image.size == size


def test_folders_that_cannot_be_listed_are_named(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scandir = os.scandir

    def forbidden(path: str) -> object:
        if Path(path).name == "deeper":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", forbidden)
    results = list(run(plan([folder], tmp_path / "out"), [pipeline()]))
    assert [result.status for result in results] == ["done", "done", "failed"]
    assert "deeper: the folder can't be listed (Permission denied)" in results[-1].message
