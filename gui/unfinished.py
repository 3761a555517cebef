"""The export that is under way: what was asked for, kept until it has come to its end.

What of it is done after a crash, is told by the journal beside the results.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from restore.atomic import write_bytes
from restore.gui.model.output import Output
from restore.gui.model.recipe import RecipeForm, recipe_from_json
from restore.journal import Journal
from restore.plan import Job
from restore.resume import name_of


@dataclass(frozen=True)
class Unfinished:
    """An export that was cut short."""

    done: int
    total: int
    files: tuple[Path, ...]
    """What to start again: all of it, for the journal tells what stands; but where everything was
    to be made anew, only what has not been."""
    overwrite: bool
    recipe: RecipeForm
    output: Output


def note(
    path: Path, jobs: Iterable[Job], overwrite: bool, recipe: RecipeForm, output: Output
) -> None:
    """Write down what an export is about to do.

    Raises:
        UnwritableOutput: see `restore.atomic.stage`.
    """
    record = {
        "started": time.time(),
        "overwrite": overwrite,
        "recipe": [step.to_json() for step in recipe],
        "output": output.to_json(),
        "jobs": [
            {
                "source": str(job.source),
                "target": str(job.target),
                "root": str(job.root or ""),
                "journal": str(job.journal or ""),
            }
            for job in jobs
        ],
    }
    write_bytes(path, json.dumps(record).encode())


def read(path: Path) -> Unfinished | None:
    """The export that was cut short; None if there is none, or nothing of it is left to do.

    Looks at every result: not for the thread of the window.
    """
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        started, overwrite = float(record["started"]), bool(record["overwrite"])
        recipe, output = recipe_from_json(record["recipe"]), Output(**record["output"])
        jobs = [_job(entry) for entry in record["jobs"]]
    except (OSError, ValueError, TypeError, KeyError):  # none, or damaged
        return None
    journals = {folder: Journal(folder) for folder in {job.journal for job in jobs} if folder}
    left = [
        job.source
        for job in jobs
        if job.journal is None or not _is_made(job, journals[job.journal], started)
    ]
    if not left:
        return None
    files = left if overwrite else [job.source for job in jobs]
    done = len(jobs) - len(left)
    return Unfinished(done, len(jobs), tuple(files), overwrite, recipe, output)


def _job(entry: dict[str, str]) -> Job:
    root, journal = (Path(entry[name]) if entry[name] else None for name in ("root", "journal"))
    return Job(Path(entry["source"]), Path(entry["target"]), root=root, journal=journal)


def _is_made(job: Job, journal: Journal, started: float) -> bool:
    """Whether the export has made a result, and of what the source still is."""
    entry = journal.entry_of(name_of(job), job.target)
    if entry is None or not entry.made_of.is_that_of(job.source):
        return False
    try:
        status = job.target.stat()
    except OSError:
        return False
    # Its modification time may be that of the source.
    return max(status.st_mtime, status.st_ctime) >= started
