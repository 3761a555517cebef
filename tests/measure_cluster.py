"""Measures the run on a Ray cluster of node processes on this machine against the local one.

    python -m tests.measure_cluster --count 100 --width 640

Each node, and the local run, is held to one core and computes with one thread, so that nothing but
the number of workers differs. They take turns, so that all see the same of what else the machine
has to do; the best of the turns counts for speed. Starting is not counted. Processor time is that
of all processes which take part, and does not depend on what others do.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import psutil
import torch

from restore.cluster import OnRay
from restore.executor import Executor, Local, load_pipelines
from restore.pipeline import Saving
from restore.plan import Job
from restore.recipe import Recipe, parse_step
from restore.run import run
from tests.clusters import Cluster, below
from tests.measure_batch import write

RECIPE = Recipe((parse_step("denoise:model=fast"),))


def processor_seconds(nodes: Sequence[psutil.Process]) -> float:
    """Of this process, and of all on the nodes."""
    found = time.process_time()
    for node in nodes:
        for process in below(node):
            used = process.cpu_times()
            found += used.user + used.system
    return found


def measured(
    jobs: Sequence[Job], executor: Executor, nodes: Sequence[psutil.Process] = ()
) -> tuple[float, float, float]:
    """Seconds per file: by the clock, of processors, and those of this process."""
    for _ in run(jobs[: 2 * executor.slots], executor, overwrite=True):  # warm
        pass
    start = time.perf_counter(), processor_seconds(nodes), time.process_time()
    for result in run(jobs, executor, overwrite=True):
        assert result.status == "done", result.message
    end = time.perf_counter(), processor_seconds(nodes), time.process_time()
    wall, processor, own = ((b - a) / len(jobs) for a, b in zip(start, end, strict=True))
    return wall, processor, own


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--width", type=int, default=640)
    parser.add_argument("--turns", type=int, default=3)
    given = parser.parse_args()
    torch.set_num_threads(1)
    me, cores = psutil.Process(), psutil.Process().cpu_affinity()
    found: dict[str, list[tuple[float, float, float]]] = {}
    with tempfile.TemporaryDirectory(prefix="ray", ignore_cleanup_errors=True) as name:
        jobs = write(Path(name), given.count, given.width, given.width * 3 // 4, ".jpg")
        alike = {"RAY_worker_niceness": "0"}  # Ray's own choice is that workers give way to others
        with Cluster(Path(name), environment=alike) as cluster:
            os.environ |= cluster.environment
            for number, node in enumerate(cluster.nodes):
                for process in [node, *below(node)]:
                    process.cpu_affinity([cores[number % len(cores)]])
            for _ in range(given.turns):
                me.cpu_affinity(cores[:1])
                with closing(Local(load_pipelines(RECIPE, Saving(), "cpu"))) as here:
                    found.setdefault("here", []).append(measured(jobs, here))
                me.cpu_affinity(cores)
                for workers in (1, 2):
                    with OnRay(
                        RECIPE, Saving(),
                        address=cluster.address, device="cpu", cpus=1, workers=workers,
                    ) as ray:  # fmt: skip
                        turn = measured(jobs, ray, cluster.nodes)
                        found.setdefault(f"on Ray, workers: {workers}", []).append(turn)
    lines = [f"{given.count} photos of {given.width} x {given.width * 3 // 4}"]
    for case, turns in found.items():
        wall, processor, own = (min(values) for values in zip(*turns, strict=True))
        lines.append(
            f"{case}: {1 / wall:.2f} files/s; {1000 * processor:.1f} ms of processor a file, "
            f"{1000 * own:.1f} of them in the process that leads"
        )
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
