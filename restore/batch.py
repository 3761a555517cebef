"""What becomes of the files of a folder: one result each, whatever happens to any of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from restore.errors import Cancelled, RestoreError
from restore.plan import Job, plan

__all__ = ["Job", "Process", "Result", "Status", "failure", "plan", "run"]

Status = Literal["done", "skipped", "failed"]


@dataclass(frozen=True)
class Result:
    """What became of a job."""

    job: Job
    status: Status
    message: str = ""
    """Why it failed or was skipped, or what is worth knowing of how it went."""
    seconds: float = 0.0
    """Of work on this file; waiting for its turn is not counted."""
    megapixels: float = 0.0
    facts: dict[str, Any] = field(default_factory=dict)
    """What the tasks found out, for instance the noise level."""
    details: dict[str, Any] = field(default_factory=dict)
    """How it was done: size, device, models, tile, changed share of pixels."""
    thumbnails: tuple[bytes, bytes] | None = field(default=None, repr=False)
    """Before and after, small, as JPEG, where they were asked for."""

    def to_dict(self) -> dict[str, Any]:
        return {
            "source": str(self.job.source),
            "target": str(self.job.target),
            "status": self.status,
            "message": self.message,
            "seconds": round(self.seconds, 3),
            "megapixels": round(self.megapixels, 3),
            **self.details,
            **self.facts,
        }


def failure(job: Job, error: Exception, seconds: float) -> Result:
    """The result of a job that went wrong, with a message that names the file."""
    message = str(error)
    if not isinstance(error, RestoreError):
        message = f"{job.source}: {type(error).__name__}: {error}"
    return Result(job, "failed", message, seconds)


Process = Callable[[Job], tuple[float, str, dict[str, Any]]]
"""Reads, restores and writes one file; returns megapixels, a note, and facts."""


def run(jobs: Iterable[Job], process: Process, *, overwrite: bool = False) -> Iterator[Result]:
    """Work through the jobs one after the other, without a journal: see `restore.run` for more."""
    for job in jobs:
        started = time.monotonic()
        if job.target.exists() and not overwrite:
            yield Result(job, "skipped", "the result is there already; --overwrite redoes it")
            continue
        try:
            megapixels, note, facts = process(job)
        except Cancelled:
            raise
        except (RestoreError, OSError, MemoryError, RuntimeError, ValueError) as error:
            yield failure(job, error, time.monotonic() - started)
        else:
            yield Result(job, "done", note, time.monotonic() - started, megapixels, facts)
