from __future__ import annotations

import errno
import itertools
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from restore.batch import Result
from restore.cli.main import app
from restore.errors import UnwritableOutput
from restore.watch import watch
from tests.fakes import pipeline


class Ended(Exception):
    pass


def watched(folder: Path, output: Path, *events: Callable[[], object]) -> list[Result]:
    """Results of a watch during which something happens between every two looks."""
    happening = itertools.chain(events, [lambda: None] * 3)

    def sleep(seconds: float) -> None:
        try:
            next(happening)()
        except StopIteration:
            raise Ended from None

    results = []
    with pytest.raises(Ended):
        for result in watch(folder, output, [pipeline()], settle=0.0, sleep=sleep):
            results.append(result)
    return results


def test_files_are_restored_as_they_come(folder: Path, tmp_path: Path) -> None:
    new = folder / "new.png"
    results = watched(
        folder,
        tmp_path / "out",
        lambda: Image.new("RGB", (8, 8)).save(new),
        lambda: (folder / "bad.png").write_bytes(b"half a picture"),
        lambda: Image.new("RGB", (8, 8)).save(folder / "bad.png"),
        lambda: None,
    )
    told = [(result.job.source.name, result.status) for result in results]
    assert told[:3] == [("a.jpg", "done"), ("b.png", "done"), ("c.jpg", "done")]
    assert told[3:] == [("new.png", "done"), ("bad.png", "failed"), ("bad.png", "done")]
    # Started again, there is nothing to tell of what is done.
    assert watched(folder, tmp_path / "out") == []


def test_results_do_not_go_where_files_come(folder: Path) -> None:
    with pytest.raises(UnwritableOutput, match="is the folder that is watched"):
        watched(folder, folder)


def test_a_folder_that_is_away_is_waited_for(
    folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    away = tmp_path / "away"
    results = watched(
        folder,
        tmp_path / "out",
        lambda: folder.rename(away),
        lambda: None,
        lambda: away.rename(folder),
        lambda: Image.new("RGB", (8, 8)).save(folder / "new.png"),
    )
    assert [result.job.source.name for result in results] == ["a.jpg", "b.png", "c.jpg", "new.png"]
    (said,) = caplog.messages
    assert str(folder) in said and "waited for" in said


def test_a_full_disk_ends_a_watch_as_it_ends_a_batch(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    arguments = ["-o", str(tmp_path / "out"), "--step", "denoise:model=fast", "--settle", "0"]
    told = CliRunner().invoke(app, ["watch", str(folder), *arguments, "--device", "cpu"])
    assert told.exit_code == 1
    assert told.stderr.count("No space left") == 1
    assert "go on when that is mended" in told.stderr


def test_files_that_still_grow_are_waited_for(folder: Path, tmp_path: Path) -> None:
    growing = folder / "growing.png"

    def grow() -> None:
        with growing.open("ab") as file:
            file.write(b"more")
        os.utime(growing, ns=(grow.time, grow.time))  # type: ignore[attr-defined]
        grow.time += 10**9  # type: ignore[attr-defined]

    grow.time = 10**18  # type: ignore[attr-defined]
    clock = itertools.count()
    results: list[Result] = []
    with pytest.MonkeyPatch.context() as patch, pytest.raises(Ended):
        patch.setattr("restore.watch.time.monotonic", lambda: float(next(clock)))

        def sleep(seconds: float) -> None:
            if next(looks) > 6:
                raise Ended
            grow()

        looks = itertools.count()
        for result in watch(folder, tmp_path / "out", [pipeline()], settle=1.5, sleep=sleep):
            results.append(result)
    assert "growing.png" not in [result.job.source.name for result in results]
    assert len(results) == 3
