"""Restores a folder with a quick stand-in for a task: what `test_kill.py` starts and kills.

python -m tests.killed_run IN OUT [SECONDS_PER_FILE]
"""

from __future__ import annotations

import sys
from pathlib import Path

from restore.plan import plan
from restore.run import run
from tests.fakes import Inverter, pipeline


def main() -> None:
    source, output = Path(sys.argv[1]), Path(sys.argv[2])
    seconds = float(sys.argv[3]) if len(sys.argv) > 3 else 0.0
    counts = {"done": 0, "skipped": 0, "failed": 0}
    inverter = Inverter(seconds=seconds)
    for result in run(plan([source], output), [pipeline(inverter)]):
        counts[result.status] += 1
        sys.stdout.write(f"{result.status} {result.job.place}\n")
        sys.stdout.flush()
    sys.stdout.write(f"end {counts['done']} {counts['skipped']} {counts['failed']}\n")


if __name__ == "__main__":
    main()
