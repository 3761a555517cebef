"""The command line around folders: chains, recipes, reports, shards, places, interruption."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner, Result

import restore.run
from restore.batch import Result as FileResult
from restore.cli.main import app
from restore.plan import ORIGINALS

QUICK = ["--device", "cpu", "--model", "fast"]


def called(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_a_chain_is_the_same_as_its_steps(folder: Path, tmp_path: Path) -> None:
    chain = ["--step", "denoise:sigma=20,model=fast", "--step", "denoise:sigma=5,model=fast"]
    assert called("run", folder, "-o", tmp_path / "both", *chain).exit_code == 0
    source: Path = folder
    for number, sigma in enumerate((20, 5)):
        output = tmp_path / f"step {number}"
        assert called("denoise", source, "-o", output, "--sigma", sigma, *QUICK).exit_code == 0
        source = output
    for name in ("b.png",):  # JPEG would be coded once more between the steps
        with Image.open(tmp_path / "both" / name) as one, Image.open(source / name) as two:
            np.testing.assert_array_equal(np.asarray(one), np.asarray(two))


def test_what_a_result_says_of_itself_makes_it_again(folder: Path, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    assert called("denoise", folder, "-o", one, "--strength", 0.7, *QUICK).exit_code == 0
    for name in ("a.jpg", "b.png"):
        shown = called("recipe", "show", one / name)
        assert shown.exit_code == 0
        recipe = tmp_path / "family.toml"
        assert called("recipe", "show", one / name, "-o", recipe).stdout == ""
        assert recipe.read_bytes() == shown.stdout.encode()
        assert called("run", folder / name, "-o", two, "--recipe", recipe).exit_code == 0
        assert (one / name).read_bytes() == (two / name).read_bytes()
    record = json.loads(called("recipe", "show", one / "a.jpg", "--json").stdout)
    assert record["steps"][0]["sha256"]
    missing = called("recipe", "show", folder / "missing.jpg")
    assert missing.exit_code == 2
    assert "missing.jpg: no such file" in missing.stderr
    bare = called("recipe", "show", folder / "a.jpg")
    assert bare.exit_code == 1
    assert "no recipe" in bare.stderr


def test_reports(folder: Path, tmp_path: Path) -> None:
    (folder / "bad.jpg").touch()
    report, sheet = tmp_path / "deep" / "report.json", tmp_path / "sheet.html"
    arguments = ["denoise", folder, "-o", tmp_path / "out", "--report", report, "--sheet", sheet]
    result = called(*arguments, "--json", *QUICK)
    assert result.exit_code == 1
    *files, summary = map(json.loads, result.stdout.splitlines())
    written = json.loads(report.read_text(encoding="utf-8"))
    assert written["files"] == files
    assert written["summary"] == summary["summary"] == {"done": 3, "skipped": 0, "failed": 1}
    done = files[0]
    assert done["model"] == "denoise-fast"
    assert done["size"] == [64, 48]
    assert {"sigma", "changed", "tile", "seconds", "device"} <= done.keys()
    assert sheet.read_text(encoding="utf-8").rstrip().endswith("</html>")
    again = called(*arguments, *QUICK)  # what an earlier run has found is not forgotten
    assert again.exit_code == 1
    assert json.loads(report.read_text(encoding="utf-8"))["files"][0]["sigma"] == done["sigma"]
    assert sheet.read_text(encoding="utf-8").count("data:image/jpeg") == 6


def test_in_place_needs_a_word(folder: Path) -> None:
    before = (folder / "b.png").read_bytes()
    assert called("denoise", folder, *QUICK).exit_code == 2
    assert called("denoise", folder, "-o", folder, *QUICK).exit_code == 2
    assert called("denoise", folder, "-o", "x", "--in-place", *QUICK).exit_code == 2
    assert (folder / "b.png").read_bytes() == before
    assert called("denoise", folder, "--in-place", *QUICK).exit_code == 0
    assert (folder / ORIGINALS / "b.png").read_bytes() == before


def test_shards(folder: Path, tmp_path: Path) -> None:
    counts = []
    for index in range(1, 6):  # more than there are pictures
        shard = called(
            "denoise", folder, "-o", tmp_path / "out", "--shard", f"{index}/5", "--json", *QUICK
        )
        assert shard.exit_code == 0
        counts.append(json.loads(shard.stdout.splitlines()[-1])["summary"]["done"])
        assert ("none of the 3 pictures are in this share" in shard.stderr) == (counts[-1] == 0)
    assert sum(counts) == 3 and 0 in counts
    done = called("denoise", folder, "-o", tmp_path / "out", "--dry-run", *QUICK)
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["skip"] * 3
    for wrong in ("0/2", "3/2", "2", "a/b"):
        refused = called("denoise", folder, "-o", tmp_path / "out", "--shard", wrong, *QUICK)
        assert refused.exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["run"], 2, "--step"),
        (["run", "--step", "sharpen"], 2, "no task 'sharpen'"),
        (["run", "--step", "denoise", "--recipe", "a.toml"], 2, "either"),
        (["run", "--recipe", "missing.toml"], 2, "missing.toml"),
        (["run", "--step", "denoise:model=huge"], 4, "huge"),
        (["run", "--step", "denoise", "--device", "cpu,cuda:9"], 4, "cuda:9"),
    ],
)
def test_wrong_use(
    folder: Path, tmp_path: Path, arguments: list[str], code: int, word: str
) -> None:
    result = called(arguments[0], folder, "-o", tmp_path / "out", *arguments[1:])
    assert result.exit_code == code
    assert word in result.stderr


@pytest.mark.parametrize("command", ["run", "watch"])
def test_a_missing_extra_is_told_of_before_the_work(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    arguments = [command, folder, "-o", tmp_path / "out", "--step", "denoise:model=fast"]
    result = called(*arguments, "--format", "heic")
    assert result.exit_code == 4
    assert result.stderr.count("restore-studio[heic]") == 1
    assert not (tmp_path / "out").exists()


def test_ctrl_c_keeps_what_is_done(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait = restore.run._wait
    results = []

    def interrupted(future: Future[FileResult]) -> FileResult:
        if results:
            raise KeyboardInterrupt
        results.append(wait(future))
        return results[0]

    report = tmp_path / "report.json"
    arguments: list[Any] = ["denoise", folder, "-o", tmp_path / "out", "--report", report, *QUICK]
    with monkeypatch.context() as patch:
        patch.setattr(restore.run, "_wait", interrupted)
        result = called(*arguments)
    assert result.exit_code == 130
    assert "run the same command to go on" in result.stderr
    assert len(json.loads(report.read_text(encoding="utf-8"))["files"]) == 1
    again = called(*arguments)
    assert again.exit_code == 0
    assert "skipped" in again.stderr


def test_a_signal_ends_a_watch_cleanly(folder: Path, tmp_path: Path) -> None:
    if os.name == "nt":  # where a process can't be sent Ctrl-C without its console
        return
    command = [sys.executable, "-m", "restore.cli.main", "watch", str(folder), "-o"]
    command += [str(tmp_path / "out"), "--step", "denoise:model=fast", "--settle", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as watching:
        deadline = time.monotonic() + 60
        while len(list((tmp_path / "out").rglob("*.*g"))) < 3 and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.2)
        watching.send_signal(signal.SIGTERM)
        assert watching.stderr is not None
        told = watching.stderr.read()
    assert watching.returncode == 0
    assert "stopped; 3 restored" in told


def test_a_dry_run_goes_on_where_the_run_does(folder: Path, tmp_path: Path) -> None:
    """One picture has no mask: that one alone fails."""
    masks, out = tmp_path / "masks", tmp_path / "out"
    masks.mkdir()
    Image.new("L", (64, 48)).save(masks / "a.png")
    arguments = ["dewatermark", str(folder), "-o", str(out), "--mask", str(masks)]

    def planned(*more: str) -> list[dict[str, str]]:
        result = called(*arguments, "--dry-run", "--json", *more)
        assert result.exit_code == 0
        return [json.loads(line) for line in result.stdout.splitlines()]

    assert [entry["action"] for entry in planned()] == ["dewatermark", "fail", "fail"]
    called(*arguments)
    anew = planned("--overwrite")
    assert [entry["action"] for entry in anew] == ["dewatermark", "fail", "fail"]
    actions = planned()
    assert [entry["action"] for entry in actions] == ["skip", "fail", "fail"]
    assert "b.png: no mask for it in" in actions[1]["message"]
