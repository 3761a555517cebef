"""The path of a picture through its steps: read -> restore -> write."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from restore.batch import Job, Process
from restore.picture import read_picture, write_picture
from restore.restorer import Restorer
from restore.tasks.options import Options

Step = tuple[Restorer, Options]
"""A loaded task, and what is asked of it."""


def restore_file(
    steps: Sequence[Step],
    *,
    quality: int | None = None,
    on_progress: Callable[[float], None] | None = None,
) -> Process:
    """What `restore.batch.run` does with each file: all steps, one after the other."""

    def process(job: Job) -> tuple[float, str, dict[str, Any]]:
        picture = read_picture(job.source)
        notes: list[str] = [picture.note]
        facts: dict[str, Any] = {}
        for restorer, options in steps:
            outcome = restorer.restore(picture.array, options, on_progress)
            picture = picture.with_array(outcome.array)
            notes.append(outcome.note)
            facts |= outcome.facts
        write_picture(picture, job.target, quality)
        height, width = picture.array.shape[:2]
        return height * width / 1e6, "; ".join(filter(None, notes)), facts

    return process
