"""Killed at any moment, a run goes on where it was: nothing lost, twice, or in halves."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from PIL import Image

KILLS = 24
FILES = 60


def contents(folder: Path) -> dict[str, bytes]:
    """All files that are no journal."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".restore-journal")
    }


def start(*arguments: Path | str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.killed_run", *map(str, arguments)]
    root = Path(__file__).parent.parent
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root)


def test_kill_and_go_on(tmp_path: Path) -> None:
    source = tmp_path / "in"
    draw = np.random.default_rng(0)
    for number in range(FILES):
        path = source / f"{number % 5}" / f"{number}.{('png', 'jpg', 'tif')[number % 3]}"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(draw.integers(0, 256, (90, 120, 3), np.uint8)).save(path)
    output, expected = tmp_path / "out", tmp_path / "expected"
    with start(source, expected) as whole:
        assert whole.stdout is not None
        assert whole.stdout.read().endswith(f"end {FILES} 0 0\n")

    moment = random.Random(0)
    kills = 0
    told: set[str] = set()
    while kills < KILLS:
        run = start(source, output, "0.02")
        assert run.stdout is not None
        told_now = []
        for line in run.stdout:  # killed a random while after a random one of its results
            status, _, name = line.strip().partition(" ")
            if status == "done":
                told_now.append(name)
                time.sleep(moment.random() * 0.04)
                if moment.random() < 0.5:
                    run.kill()
                    kills += 1
                    break
            if status == "end":  # it got to its end: from the start again
                assert len(contents(output)) == FILES
                for path in output.rglob("*"):
                    if path.is_file():
                        path.unlink()
                told.clear()
        run.wait()
        run.stdout.close()
        assert not told & set(told_now), "a result that was told of was made again"
        told |= set(told_now) if run.returncode else set()
        for name, data in contents(output).items():
            if not name.endswith(".part"):
                assert data == contents(expected)[name], f"{name} is there in part"
    with start(source, output) as last:
        assert last.stdout is not None
        *_, end = last.stdout
    assert contents(output) == contents(expected)
    assert end.split()[0] == "end"
    assert sum(map(int, end.split()[1:3])) == FILES
    if os.name == "posix":
        assert not list(output.rglob("*.part"))
