"""Two processes learn what one does: torchrun with gloo, the same batches, the same curve."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

import restore
from restore.training.checkpoint import read_average
from restore.training.parallel import Group

SCRIPT = str(Path(__file__).with_name("parallel_run.py"))


def curve(command: list[str], run: Path) -> list[float]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(
        [*command, str(run)], capture_output=True, text=True, timeout=300, env=environment
    )
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    return [float(words[1]) for words in lines if words[:1] == ["loss"]]


def test_two_processes_give_the_curve_of_one(tmp_path: Path, photo: NDArray[np.uint8]) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    for number in range(5):
        Image.fromarray(np.roll(photo, 20 * number, 1)).save(photos / f"{number}.png")
    alone = curve([sys.executable, SCRIPT, str(photos)], tmp_path / "one")
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    both = curve([*launch, "--nproc_per_node=2", SCRIPT, str(photos)], tmp_path / "two")
    assert len(alone) == len(both) == 8
    assert both == pytest.approx(alone, rel=2e-3)
    assert alone[-1] != pytest.approx(alone[0], rel=2e-3)
    one, two = (read_average(tmp_path / name / "checkpoint.safetensors") for name in ("one", "two"))
    assert one.progress.step == two.progress.step == 8
    for name, value in one.tensors.items():
        torch.testing.assert_close(two.tensors[name], value, rtol=0.05, atol=2e-3)


def test_a_batch_that_cannot_be_shared() -> None:
    with pytest.raises(restore.TrainingError, match="a batch of 5 can't be shared among 2"):
        Group(0, 2, torch.device("cpu")).share((torch.zeros(5),))
