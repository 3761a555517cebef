"""Measures the run on a Ray cluster of node processes on this machine against the local one.

    python -m tests.measure_cluster --count 200 --width 640

Workers are nodes of one processor each, and all compute with one thread, as does the local run, so
that only their number differs. The time it takes to start is not counted. On a machine that has
other work, go by the processor time of this process, which is what the cluster costs in addition.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import tempfile
import time
from pathlib import Path

import torch

from restore.cluster import OnRay
from restore.executor import Executor, Local, load_pipelines
from restore.pipeline import Saving
from restore.plan import plan
from restore.recipe import Recipe, parse_step
from restore.run import run
from tests.clusters import Cluster
from tests.measure_batch import write

RECIPE = Recipe((parse_step("denoise:model=fast"),))


def measured(source: Path, output: Path, executor: Executor) -> tuple[float, float]:
    """Wall and processor seconds per file."""
    jobs = plan([source], output)
    for _ in run(jobs[: 2 * executor.slots], executor, overwrite=True):  # warm
        pass
    wall, processor = time.perf_counter(), time.process_time()
    for result in run(jobs, executor, overwrite=True):
        assert result.status == "done", result.message
    seconds = time.perf_counter() - wall, time.process_time() - processor
    return seconds[0] / len(jobs), seconds[1] / len(jobs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--width", type=int, default=640)
    given = parser.parse_args()
    torch.set_num_threads(1)
    size = f"{given.count} photos of {given.width} x {given.width * 3 // 4}"
    with tempfile.TemporaryDirectory(prefix="ray", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        write(folder, given.count, given.width, given.width * 3 // 4, ".jpg")
        with contextlib.closing(Local(load_pipelines(RECIPE, Saving(), "cpu"))) as here:
            local = measured(folder / "in", folder / "out", here)
        lines = [f"{size}; here: {1 / local[0]:.2f} files/s"]
        for workers in (1, 2):
            (folder / str(workers)).mkdir()
            with Cluster(folder / str(workers), nodes=workers) as cluster:
                os.environ |= cluster.environment
                ray = OnRay(RECIPE, Saving(), address=cluster.address, device="cpu", cpus=1)
                with contextlib.closing(ray):
                    found = measured(folder / "in", folder / f"out-{workers}", ray)
            lines.append(
                f"on Ray, {workers} workers: {1 / found[0]:.2f} files/s, "
                f"{1000 * (found[0] - local[0]):+.1f} ms a file against here; "
                f"this process: {1000 * found[1]:.1f} ms of processor a file"
            )
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
