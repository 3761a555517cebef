"""The run through a folder: files in the hands of an executor, and no work is ever lost.

A few threads take a file each: whether it is done already, what the executor makes of it, its line
in the journal, its name. Wherever the work is done, names and journal are given here.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Hashable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from restore.atomic import sweep
from restore.batch import Result, failure
from restore.errors import Cancelled, OutputFailure, UnreadableImage, UnwritableOutput
from restore.executor import Executor, Local, Made
from restore.journal import MAP, NAMED, Entry, Journal
from restore.picture import read_picture
from restore.pipeline import Pipeline, Written
from restore.plan import Job
from restore.resume import keep_original, name_of, origin_of, original_of, skip, undone
from restore.storage import same
from restore.thumbnail import thumbnail

Report = Callable[[Job, float], None]
"""Told of a file and the share of it that is done; called from other threads."""


def run(
    jobs: Iterable[Job],
    where: Executor | Sequence[Pipeline],
    *,
    overwrite: bool = False,
    io_threads: int = 2,
    shard: str = "",
    thumbnails: bool = False,
    on_progress: Report | None = None,
) -> Generator[Result, None, None]:
    """Work through the jobs, a result each, in their order.

    What the journal knows as done, of the same content by the same recipe, is skipped; a file that
    is in the way and not known to be ours is left alone. Leaving the generator early, by Ctrl-C for
    instance, calls off what is being computed and finishes what is being written.

    Args:
        where: an executor; or pipelines, one for each device of this machine, see `Local`.
        overwrite: make everything again, whatever is there.
        io_threads: of `Local`: files that are read or written while the devices compute.
        shard: the name of this process' share, if several work on the same folder.

    Raises:
        OutputFailure: nothing can be written any more. The results before it have been yielded.
    """
    jobs = list(jobs)
    executor: Executor = (
        Local(where, io_threads, len(jobs) or 1) if isinstance(where, Sequence) else where
    )
    targets = frozenset(job.target for job in jobs)
    sources = frozenset(same(job.source) for job in jobs)
    batch = _Batch(executor, targets, sources, overwrite, shard, thumbnails, on_progress)
    workers = ThreadPoolExecutor(executor.slots, "restore-io")
    pending: deque[Future[Result]] = deque()
    try:
        for job in jobs:
            if batch.broken is not None:
                break
            pending.append(workers.submit(batch.work, job))
            if len(pending) > 4 * executor.slots:
                yield from batch.result(pending.popleft())
        while pending:
            yield from batch.result(pending.popleft())
        if batch.broken is not None:
            raise batch.broken
    finally:
        batch.stopped.set()
        workers.shutdown(cancel_futures=True)
        if executor is not where:
            executor.close()
        batch.close()


def _wait(future: Future[Result]) -> Result:
    while True:  # some systems deliver Ctrl-C only between waits
        with suppress(NotYet):
            return future.result(timeout=0.5)


class _Batch:
    """What the threads of a run share."""

    def __init__(
        self,
        executor: Executor,
        targets: frozenset[Path],
        sources: frozenset[Hashable],
        overwrite: bool,
        shard: str,
        thumbnails: bool,
        on_progress: Report | None,
    ) -> None:
        self.executor = executor
        self.targets = targets
        self.sources = sources
        self.overwrite = overwrite
        self.shard = shard
        self.thumbnails = thumbnails
        self.on_progress = on_progress
        self.stopped = threading.Event()
        self.broken: OutputFailure | None = None
        self._lock = threading.Lock()
        self._journals: dict[Path, Journal] = {}
        self._swept: set[Path] = set()

    def close(self) -> None:
        for journal in self._journals.values():
            journal.close()

    def result(self, future: Future[Result]) -> Iterator[Result]:
        """What a job has come to; nothing where it was called off because another broke the run."""
        try:
            yield _wait(future)
        except Cancelled:
            if self.broken is None:
                raise

    def work(self, job: Job) -> Result:
        """All of one file, from reading to its name.

        Raises:
            Cancelled: the run was stopped.
        """
        self._checkpoint()
        started = time.monotonic()
        try:
            if job.problem:
                raise UnreadableImage(job.problem)
            return self._skipped(job) or self._restored(job)
        except Cancelled:
            raise
        except OutputFailure as error:
            with self._lock:
                if self.broken is not None:  # one word about a full disk is enough
                    raise Cancelled from error
                self.broken = error
            self.stopped.set()
            return failure(job, error, time.monotonic() - started)
        except Exception as error:  # nothing that ails one file may end the run
            return failure(job, error, time.monotonic() - started)

    def _checkpoint(self) -> None:
        if self.stopped.is_set():
            raise Cancelled("stopped")

    def _journal(self, job: Job) -> Journal | None:
        if job.journal is None:
            return None
        with self._lock:
            if job.journal not in self._journals:
                journal = Journal(job.journal, self.shard if job.root else NAMED)
                try:
                    journal.open()
                except OutputFailure as error:
                    if job.backup is None:
                        raise
                    # In place, other folders have journals of their own.
                    raise UnwritableOutput(str(error)) from error
                self._journals[job.journal] = journal
            return self._journals[job.journal]

    def _skipped(self, job: Job) -> Result | None:
        if self.overwrite:
            return None
        found = skip(
            job, self._journal(job), self.executor.key(job), self.executor.saving.max_pixels
        )
        if found is None:
            return None
        entry = found.entry
        if entry is None:
            return Result(job, "skipped", found.reason)
        before = job.backup if job.backup and job.backup.exists() else job.source
        return Result(
            job,
            "skipped",
            found.reason,
            already=True,
            megapixels=entry.megapixels,
            facts=entry.facts,
            details=entry.details,
            thumbnails=self._thumbnails_of(before, job.target),
        )

    def _restored(self, job: Job) -> Result:
        journal = self._journal(job)
        source = original_of(job, journal)
        lost = undone(job, self.executor.record) if source != job.source else ""
        self._sweep(job.target.parent)
        made = self.executor.make(job, source, self.thumbnails, partial(self._progress, job))
        try:
            entry = _entry(made, self.executor.key(job))
            if journal is not None:
                journal.append(entry)
            if job.backup is not None:
                if source == job.source:
                    keep_original(job)
                shutil.copymode(job.target, made.written.staged.temporary)
            with self._lock:  # or two pictures of one stem would both find the name free
                notes = [lost, *(self._beside(job, journal, found) for found in made.maps)]
            made.written.staged.commit()
            if journal is not None:
                journal.named(entry, job.target)
        except BaseException:
            made.discard()
            raise
        return replace(made.result, message="; ".join(filter(None, [made.result.message, *notes])))

    def _sweep(self, folder: Path) -> None:
        with self._lock:
            fresh = folder not in self._swept
            self._swept.add(folder)
        if fresh:
            sweep(folder)

    def _beside(self, job: Job, journal: Journal | None, found: Written) -> str:
        """Name what goes beside a result; returns a note where another file is in the way."""
        path = found.staged.path
        name = name_of(replace(job, target=path))
        before = journal.entry_of(name, path) if journal is not None else None
        ours = before is not None and before.is_map
        why = ""
        if path in self.targets or same(path) in self.sources:
            why = "is the name of another picture of this run"
        elif before is not None and ours and before.source != job.place:
            why = f"belongs to {before.source}"
        elif path.exists() and not ours:  # painted by hand, or corrected: the work of a user
            why = "is there already"
        if why:
            found.staged.discard()
            return f"{path.name} {why} and is left alone"
        entry = Entry(name, job.place, found.content, found.content, MAP, origin=origin_of(job))
        if journal is not None:
            journal.append(entry)
        found.staged.commit()
        if journal is not None:
            journal.named(entry, path)
        return ""

    def _progress(self, job: Job, share: float) -> None:
        self._checkpoint()
        if self.on_progress is not None:
            self.on_progress(job, share)

    def _thumbnails_of(self, source: Path, target: Path) -> tuple[bytes, bytes] | None:
        if not self.thumbnails:
            return None
        limit = self.executor.saving.max_pixels
        try:
            before, after = (read_picture(path, limit).array for path in (source, target))
            return thumbnail(before), thumbnail(after)
        except Exception:  # whatever ails the two, the result stands
            return None


def _entry(made: Made, recipe: str) -> Entry:
    result = made.result
    return Entry(
        name_of(result.job),
        result.job.place,
        made.made_of,
        made.written.content,
        recipe,
        result.message,
        round(result.seconds, 3),
        round(result.megapixels, 6),
        result.facts,
        result.details,
        origin_of(result.job),
    )
