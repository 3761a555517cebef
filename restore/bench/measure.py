"""Methods run over cases: the same pictures for all of them, one figure per metric."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from restore.arrays import to_unit
from restore.errors import UnreadableImage
from restore.picture import READABLE, read_picture

FloatArray = NDArray[np.float32]
Sample = TypeVar("Sample")
Scores = dict[str, dict[str, dict[str, float]]]
"""Mean by method, case and metric."""
Report = Callable[[str, str, dict[str, float]], None]
"""Called with method, case and the metrics as soon as they are known."""


@dataclass(frozen=True)
class Case(Generic[Sample]):
    """A way of damaging pictures."""

    name: str
    samples: Callable[[], Iterator[Sample]]
    """The same ones at every call."""


@dataclass(frozen=True)
class Bench(Generic[Sample]):
    """What a task is measured with."""

    cases: Sequence[Case[Sample]]
    methods: Mapping[str, Callable[[Sample], Any]]
    """By name; the first one returns its input."""
    metrics: Callable[[Any, Sample], dict[str, float]]
    """From what a method returned."""
    timed: Sample
    """One megapixel, to measure speed with."""


def measure(bench: Bench[Any], report: Report) -> Scores:
    scores: Scores = {name: {} for name in bench.methods}
    for case in bench.cases:
        for name, method in bench.methods.items():
            rows = [bench.metrics(method(sample), sample) for sample in case.samples()]
            mean = {  # some metrics are of some pictures only
                metric: round(statistics.fmean(row[metric] for row in rows if metric in row), 4)
                for metric in dict.fromkeys(metric for row in rows for metric in row)
            }
            scores[name][case.name] = mean
            report(name, case.name, mean)
    return scores


def megapixels_per_second(bench: Bench[Any], rounds: int = 5) -> dict[str, float]:
    """Median speed of every method but the first on one megapixel, after one round to warm up."""
    speeds = {}
    for name, method in list(bench.methods.items())[1:]:
        seconds = []
        for _ in range(rounds + 1):
            started = time.perf_counter()
            method(bench.timed)
            seconds.append(time.perf_counter() - started)
        speeds[name] = round(1 / statistics.median(seconds[1:]), 3)
    return speeds


def peak_memory(task: str, model: str, device: str, megapixels: float = 24) -> float:
    """Megabytes that restoring one large picture takes above an interpreter with torch loaded.

    Measured in a process of its own, from outside, so that nothing left over counts.
    """
    module = "restore.bench.memory"
    command = [sys.executable, "-m", module, task, model, device, str(megapixels)]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(result.stdout)


def psnr_of(restored: NDArray[Any], truth: NDArray[Any]) -> float:
    """PSNR in dB of arrays in [0, 1], at most 100."""
    error = float(np.mean((restored.astype(np.float64) - truth.astype(np.float64)) ** 2))
    return float(-10 * np.log10(max(error, 1e-10)))


def pictures_in(folder: Path) -> list[Path]:
    """The pictures of a folder, by name.

    Raises:
        UnreadableImage: there are none.
    """
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in READABLE)
    if not found:
        raise UnreadableImage(f"{folder}: no pictures there")
    return found


def read_rgb(path: Path) -> FloatArray:
    """(H, W, 3) in [0, 1], without alpha."""
    array = to_unit(read_picture(path).array)
    if array.ndim == 2:
        array = np.repeat(array[..., None], 3, 2)
    return array[..., :3]
