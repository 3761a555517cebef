"""Measures the run: speed against inference alone, memory over many files, and where time goes.

    python -m tests.measure_batch speed --count 200
    python -m tests.measure_batch memory --count 5000
    python -m tests.measure_batch parts --count 4

All make their pictures themselves, in a temporary folder. On a machine that has other work, go by
the processor time: the wall clock counts what others do.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import torch
from numpy.typing import NDArray
from PIL import Image

from restore.executor import load_pipelines
from restore.pipeline import Pipeline, Saving
from restore.plan import Job, plan
from restore.recipe import Recipe, parse_step
from restore.run import run
from restore.tasks.options import DenoiseOptions
from tests.fakes import pipeline as quick_pipeline


def photo(number: int, width: int, height: int) -> NDArray[np.uint8]:
    """(height, width, 3): a real photo, enlarged, with noise of its own."""
    from skimage import data

    image = Image.fromarray(np.roll(data.astronaut(), 37 * number, 1)).resize((width, height))
    noise = np.random.default_rng(number).normal(0, 12, (height, width, 3))
    return np.clip(np.rint(np.asarray(image) + noise), 0, 255).astype(np.uint8)


def write(folder: Path, count: int, width: int, height: int, suffix: str) -> list[Job]:
    (folder / "in").mkdir()
    for number in range(count):
        path = folder / "in" / f"{number:05}{suffix}"
        Image.fromarray(photo(number, width, height)).save(path, quality=92)
    return plan([folder / "in"], folder / "out")


def speed(count: int, suffix: str) -> str:
    """Blocks of pictures by turns, inference alone and the whole run, so that both see the same."""
    import restore

    denoiser = restore.load("denoise", "fast", "cpu")
    options = DenoiseOptions()
    alone, whole = [0.0, 0.0], [0.0, 0.0]
    with tempfile.TemporaryDirectory() as folder:
        jobs = write(Path(folder), count, 1632, 1224, suffix)
        denoiser.restore(np.asarray(Image.open(jobs[0].source)), options)  # warm
        for start in range(0, count, 15):
            block = jobs[start : start + 15]
            arrays = [np.asarray(Image.open(job.source)) for job in block]
            with _clocks(alone):
                for array in arrays:
                    denoiser.restore(array, options)
            with _clocks(whole):
                assert all(
                    result.status == "done"
                    for result in run(block, [Pipeline([(denoiser, options)])])
                )
    return (
        f"{count} photos of 2 MP, {suffix}: {count / whole[0]:.3f} images/s against "
        f"{count / alone[0]:.3f} by inference alone; the run takes {whole[0] / alone[0] - 1:+.1%} "
        f"in time and {whole[1] / alone[1] - 1:+.1%} in processor time"
    )


class _clocks:  # noqa: N801
    """Adds wall and processor seconds to a list of both."""

    def __init__(self, sums: list[float]) -> None:
        self.sums = sums

    def __enter__(self) -> None:
        self.wall, self.processor = time.perf_counter(), time.process_time()

    def __exit__(self, *error: object) -> None:
        self.sums[0] += time.perf_counter() - self.wall
        self.sums[1] += time.process_time() - self.processor


def memory(count: int) -> str:
    """Resident memory after a tenth of the files, and at its highest after that."""
    process = psutil.Process()
    sizes = []
    with tempfile.TemporaryDirectory() as folder:
        jobs = write(Path(folder), count, 96, 72, ".jpg")
        for result in run(jobs, [quick_pipeline()]):
            assert result.status == "done"
            sizes.append(process.memory_info().rss / 2**20)
    settled = sizes[count // 10]
    return (
        f"{count} files: {settled:.0f} MiB after a tenth of them, {max(sizes):.0f} MiB at most, "
        f"{sizes[-1]:.0f} MiB at the end"
    )


def parts(count: int, suffix: str) -> str:
    """Processor seconds of reading, computing and writing photos of 12 MP, on one core."""
    torch.set_num_threads(1)
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        jobs = write(Path(folder), count, 4000, 3000, suffix)
        for step in ("denoise:model=fast", "denoise:model=best", "colorize:force=true"):
            (pipeline,) = load_pipelines(Recipe((parse_step(step),)), Saving(), "cpu")
            pipeline.restore(pipeline.read(jobs[0]))  # warm
            spent, network = np.zeros(3), [0.0, 0.0]
            engine = pipeline.steps[0][0].engine
            setattr(engine, "_forward", _clocked(engine._forward, network))  # noqa: B010
            for job in jobs:
                clock = [time.process_time()]
                loaded = pipeline.read(job)
                clock.append(time.process_time())
                restored = pipeline.restore(loaded)
                clock.append(time.process_time())
                pipeline.write(loaded, restored).staged.discard()
                clock.append(time.process_time())
                spent += np.diff(clock)
            read, computed, written = spent / count
            lines.append(
                f"{step}, {suffix}: {read:.2f} s to read, {computed:.2f} s to compute "
                f"({12 / computed:.2f} MP/s; {network[1] / count:.2f} s of it in the network), "
                f"{written:.2f} s to write"
            )
    return "\n".join(lines)


def _clocked(function: Callable[..., Any], sums: list[float]) -> Callable[..., Any]:
    def clocked(*arguments: Any) -> Any:
        with _clocks(sums):
            return function(*arguments)

    return clocked


def main() -> None:
    measures = {"speed": speed, "parts": parts}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=[*measures, "memory"])
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--suffix", default=".jpg")
    given = parser.parse_args()
    if given.what == "memory":
        found = memory(given.count)
    else:
        found = measures[given.what](given.count, given.suffix)
    sys.stdout.write(found + "\n")


if __name__ == "__main__":
    main()
