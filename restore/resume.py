"""What an earlier run has left: what of it stands, and what has to be made again."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from restore.atomic import write_bytes
from restore.errors import (
    MissingExtra,
    RestoreError,
    UnreadableImage,
    UnsupportedImage,
    UnwritableOutput,
)
from restore.journal import Entry, Journal
from restore.picture import MAX_PIXELS, read_pages, recipe_within
from restore.plan import Job
from restore.recipe import read_record
from restore.storage import is_remote, is_there, location, relative, same

ALREADY = "done already, by the same recipe"


@dataclass(frozen=True)
class Skip:
    """A file that there is nothing to do for."""

    reason: str
    entry: Entry | None = None
    """What the journal knows of its result; None if that is not ours."""


def name_of(job: Job) -> str:
    """What the journal calls the result of a job."""
    return relative(job.target, job.root or job.target.parent).as_posix()


def origin_of(job: Job) -> str:
    """What the journal calls the source of a job."""
    return str(job.source if is_remote(job.source) else job.source.resolve())


def skip(
    job: Job, journal: Journal | None, recipe: str, max_pixels: int = MAX_PIXELS
) -> Skip | None:
    """Whether to leave a job alone; None where it has to be done, or done again.

    A result is made again if its source or the recipe has changed, or if a crash has left half of
    it. A file that the journal does not know, or that somebody has changed since, is left alone.

    Args:
        recipe: see `restore.pipeline.Pipeline.key`.
        max_pixels: see `restore.picture.read_pages`.

    Raises:
        UnwritableOutput: the target is the result of another source, or a map beside another one.
    """
    target = job.target
    if not is_there(target):
        return None
    if journal is None:
        return Skip(f"{target} is there already; --overwrite replaces it")
    entry = journal.entry_of(name_of(job), target)
    if job.backup is not None:  # in place there always is something
        if entry is not None:
            return Skip(ALREADY, entry) if entry.recipe == recipe else None
        return Skip(_changed(job)) if journal.knows(name_of(job)) and _was_restored(job) else None
    if entry is not None:
        if entry.is_map:
            raise UnwritableOutput(
                f"{target} is a map that goes with another picture's result: choose another "
                "output folder"
            )
        if entry.made_of.is_that_of(job.source):
            return Skip(ALREADY, entry) if entry.recipe == recipe else None
        # One that is out of reach, on a card that was taken out say, still is another one.
        if entry.origin and same(location(entry.origin)) != same(job.source):
            raise UnwritableOutput(
                f"{target} is the result of {entry.origin}: choose another output folder for "
                f"{job.source}; or, if it is the same picture, moved and changed since, delete "
                "that result, or give --overwrite"
            )
        return None
    if not journal.knows(name_of(job)):
        reason = "is there already, from elsewhere, and is left alone"
    elif _is_torn(target, max_pixels):  # nobody's work
        return None
    else:
        reason = "was changed since it was made, and is left alone"
    return Skip(f"{target} {reason}; --overwrite replaces it")


def _was_restored(job: Job) -> bool:
    """Whether a file in place, not as it was made, is a result all the same: tagged since, say."""
    try:
        return job.backup is not None and job.backup.exists() and bool(recipe_within(job.source))
    except UnreadableImage:
        return False


def _changed(job: Job) -> str:
    return (
        f"{job.source}: it was changed since it was restored, and is left alone; to restore it "
        f"again, put its original {job.backup} back in its place"
    )


def _is_torn(path: Path, max_pixels: int) -> bool:
    """Whether it is what a crash or a full disk leaves; in doubt, it is somebody's work."""
    try:
        for _ in read_pages(path.read_bytes(), path, max_pixels):
            pass
    except (UnsupportedImage, MissingExtra, OSError):
        return False
    except UnreadableImage:
        return True
    return False


def original_of(job: Job, journal: Journal | None) -> Path:
    """Where the original of a job is: in place, an earlier run may have put it away.

    Raises:
        UnwritableOutput: it is gone, or its place is taken by another one.
    """
    if job.backup is None or journal is None:
        return job.source
    restored = journal.entry_of(name_of(job), job.source) is not None
    if not job.backup.exists():
        if restored:
            raise UnwritableOutput(
                f"{job.source}: it was restored before and its original {job.backup} is gone: "
                "put it back, or choose an output folder"
            )
        return job.source
    if restored:
        return job.backup
    if job.backup.read_bytes() == job.source.read_bytes():  # stopped right after the backup
        return job.source
    if _was_restored(job):
        raise UnwritableOutput(_changed(job))
    raise UnwritableOutput(
        f"{job.source}: {job.backup} holds the original of another picture: move that away"
    )


def undone(job: Job, record: Mapping[str, Any]) -> str:
    """A note where a result in place gives way to one with tasks of it left out.

    Args:
        record: of the new one, see `restore.recipe.record`.
    """
    try:
        before = [step["task"] for step in read_record(recipe_within(job.source))["steps"]]
    except RestoreError:  # it carries none, or not ours
        return ""
    left = {step["task"] for step in record["steps"]}
    if not (lost := [task for task in dict.fromkeys(before) if task not in left]):
        return ""
    return (
        f"made anew from its original, without the earlier {' and '.join(lost)}; to have both, "
        "chain them with `restore run`"
    )


def keep_original(job: Job) -> None:
    """Give the original a second name, or a copy, before a result takes its place.

    Raises:
        UnwritableOutput: neither is possible.
    """
    if job.backup is None or job.backup.exists():
        return
    try:
        job.backup.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(job.source, job.backup)
        except OSError:  # a disk without links
            write_bytes(job.backup, job.source.read_bytes())
            shutil.copystat(job.source, job.backup)
    except OSError as error:
        raise UnwritableOutput(
            f"{job.backup}: the original can't be kept ({error.strerror or error}), so nothing "
            "was changed"
        ) from error
