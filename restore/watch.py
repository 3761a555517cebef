"""A folder that is watched: each file is restored once nobody writes to it any more."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from restore.batch import Result
from restore.errors import UnreadableImage, UnwritableOutput
from restore.pipeline import Pipeline, stamp
from restore.plan import Job, plan
from restore.run import run
from restore.storage import same
from restore.tasks.options import without_masks

log = logging.getLogger(__name__)

Stamp = tuple[int, int]


def watch(
    folder: Path,
    output: Path,
    pipelines: Sequence[Pipeline],
    *,
    suffix: str | None = None,
    recursive: bool = True,
    settle: float = 2.0,
    interval: float = 0.5,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Result]:
    """The results of what comes into a folder, for ever; what is done already is not told again.

    Looking at times and sizes works on every disk, network ones too, which events of the system do
    not. A file that failed is tried again only when it has changed; a folder that is away is waited
    for.

    Args:
        settle: seconds for which size and time of a file must stay the same.
        interval: seconds between two looks.
        sleep: waits; may raise to end it.

    Raises:
        UnwritableOutput: the results would go into the folder itself, where they could take the
            place of what comes.
        OutputFailure: nothing can be written any more. The result before it tells of that.
    """
    if output is not None and same(output) == same(folder):
        raise UnwritableOutput(
            f"{output} is the folder that is watched: give another one for the results"
        )
    seen: dict[Path, tuple[Stamp, float]] = {}
    handled: dict[Path, Stamp] = {}
    away = False
    while True:
        now = time.monotonic()
        ready: list[Job] = []
        try:
            jobs = plan([folder], output, suffix=suffix, recursive=recursive)
        except UnreadableImage as error:  # a disk or a network that is away for a while
            if not away:
                log.warning("%s; it is waited for", error)
            jobs, away = [], True
        else:
            away = False
        for job in without_masks(jobs, [options for _, options in pipelines[0].steps]):
            try:
                found = stamp(job.source.stat())
            except OSError:  # gone again
                continue
            if seen.get(job.source, (None, 0.0))[0] != found:
                seen[job.source] = found, now
            if handled.get(job.source) != found and now - seen[job.source][1] >= settle:
                handled[job.source] = found
                ready.append(job)
        for result in run(ready, pipelines) if ready else ():
            if not result.already:
                yield result
        sleep(interval)
