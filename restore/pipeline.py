"""The path of a picture through its steps: read -> restore -> write."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from restore.atomic import write_bytes
from restore.batch import Job, Process
from restore.picture import Picture, read_picture, write_picture
from restore.restorer import Restorer
from restore.tasks.options import Options

Step = tuple[Restorer, Options]
"""A loaded task, and what is asked of it."""


def restore_file(
    steps: Sequence[Step],
    *,
    quality: int | None = None,
    save_maps: bool = False,
    on_progress: Callable[[float], None] | None = None,
) -> Process:
    """What `restore.batch.run` does with each file: all steps, one after the other.

    Args:
        save_maps: write the maps that a task has found beside the result, as NAME_mask.png.
    """

    def process(job: Job) -> tuple[float, str, dict[str, Any]]:
        picture = read_picture(job.source)
        notes: list[str] = [picture.note]
        facts: dict[str, Any] = {}
        changed = False
        for restorer, options in steps:
            outcome = restorer.restore(picture.array, options.of(job.source), on_progress)
            picture = picture.with_array(outcome.array)
            notes.append(outcome.note)
            facts |= outcome.facts
            changed |= outcome.changed
            for name, found in outcome.maps.items() if save_maps else ():
                beside = job.target.with_name(f"{job.target.stem}_{name}.png")
                write_picture(Picture(found, "png"), beside)
        if changed or quality or job.target.suffix.lower() != job.source.suffix.lower():
            write_picture(picture, job.target, quality)
        else:
            write_bytes(job.target, job.source.read_bytes())
        height, width = picture.array.shape[:2]
        return height * width / 1e6, "; ".join(filter(None, notes)), facts

    return process
