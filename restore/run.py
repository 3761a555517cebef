"""The run through a folder: reading, computing and writing overlap, and no work is ever lost.

A few threads take a file each from reading to writing; for the part in between they queue at the
devices, which have lanes of their own: a GPU one, a CPU two, which share its cores. So the next
file is decoded and the last one encoded while the devices compute, no core waits at the end of
every layer for one that was busy decoding, and only as many pictures are in memory as there are
threads.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from dataclasses import replace
from pathlib import Path

import torch

from restore.atomic import stage, sweep
from restore.batch import Result, failure
from restore.errors import Cancelled, OutputFailure, UnreadableImage
from restore.journal import Content, Entry, Journal
from restore.picture import encode, read_pages
from restore.pipeline import Loaded, Pipeline, Restored, Written, maps_of, stamp
from restore.plan import Job
from restore.resume import keep_original, name_of, original_of, skip
from restore.thumbnail import thumbnail

_CPU_LANES = 2
"""Pictures that a CPU works on at once. More would be faster on many cores, and need the memory."""

Report = Callable[[Job, float], None]
"""Told of a file and the share of it that is done; called from other threads."""


def run(
    jobs: Iterable[Job],
    pipelines: Sequence[Pipeline],
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
        pipelines: one for each device.
        overwrite: make everything again, whatever is there.
        io_threads: files that are read or written while the devices compute.
        shard: the name of this process' share, if several work on the same folder.

    Raises:
        OutputFailure: nothing can be written any more. The results before it have been yielded.
    """
    batch = _Batch(pipelines, overwrite, shard, thumbnails, on_progress)
    threads = batch.lanes + io_threads
    workers = ThreadPoolExecutor(threads, "restore-io")
    pending: deque[Future[Result]] = deque()
    try:
        for job in jobs:
            if batch.broken is not None:
                break
            pending.append(workers.submit(batch.work, job))
            if len(pending) > 4 * threads:
                yield from batch.result(pending.popleft())
        while pending:
            yield from batch.result(pending.popleft())
        if batch.broken is not None:
            raise batch.broken
    finally:
        batch.stopped.set()
        workers.shutdown(cancel_futures=True)
        batch.close()


def _wait(future: Future[Result]) -> Result:
    while True:  # some systems deliver Ctrl-C only between waits
        try:
            return future.result(timeout=0.5)
        except NotYet:
            if future.done():
                raise


class _Batch:
    """What the threads of a run share."""

    def __init__(
        self,
        pipelines: Sequence[Pipeline],
        overwrite: bool,
        shard: str,
        thumbnails: bool,
        on_progress: Report | None,
    ) -> None:
        self.overwrite = overwrite
        self.shard = shard
        self.thumbnails = thumbnails
        self.on_progress = on_progress
        self.first = pipelines[0]
        self.stopped = threading.Event()
        self.broken: OutputFailure | None = None
        self._lock = threading.Lock()
        self._journals: dict[Path, Journal] = {}
        self._swept: set[Path] = set()
        self._own = threading.local()
        self._cpu_threads = torch.get_num_threads()
        self._free = [
            pipeline
            for pipeline in pipelines
            for _ in range(_CPU_LANES if pipeline.device == "cpu" else 1)
        ]
        self.lanes = len(self._free)
        self._devices = ThreadPoolExecutor(self.lanes, "restore-device", self._enter_lane)

    def _enter_lane(self) -> None:
        """Gives a thread its device, and its part of the cores."""
        self._own.pipeline = self._free.pop()
        torch.set_num_threads(max(1, self._cpu_threads // _CPU_LANES))

    def close(self) -> None:
        self._devices.shutdown(cancel_futures=True)
        torch.set_num_threads(self._cpu_threads)
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
            return self._skipped(job) or self._restored(job, started)
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
                journal = Journal(job.journal, self.shard)
                journal.open()
                self._journals[job.journal] = journal
            return self._journals[job.journal]

    def _skipped(self, job: Job) -> Result | None:
        if self.overwrite:
            return None
        found = skip(job, self._journal(job), self.first.key(job))
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
            megapixels=entry.megapixels,
            facts=entry.facts,
            details=entry.details,
            thumbnails=self._thumbnails_of(before, job.target),
        )

    def _restored(self, job: Job, started: float) -> Result:
        journal = self._journal(job)
        source = original_of(job, journal)
        with self._lock:
            fresh = job.target.parent not in self._swept
            self._swept.add(job.target.parent)
        if fresh:
            sweep(job.target.parent)
        loaded = self.first.read(job, source)
        waiting = time.monotonic()
        pipeline, restored, seconds = self._devices.submit(self._compute, job, loaded).result()
        waited = time.monotonic() - waiting - seconds
        written = pipeline.write(loaded, restored)
        notes = [*restored.notes, written.note]
        try:
            notes.append(_watched(job, source, loaded))
            height, width = restored.pages[0].array.shape[:2]
            result = Result(
                job,
                "done",
                "; ".join(filter(None, notes)),
                time.monotonic() - started - waited,
                restored.megapixels,
                restored.facts,
                restored.details
                | {"size": [width, height], "changed": round(restored.changed_share(), 4)},
                self._thumbnails(restored),
            )
            if journal is not None:
                journal.append(_entry(result, loaded, written, pipeline.key(job)))
            if job.backup is not None and source == job.source:
                keep_original(job)
                shutil.copymode(job.source, written.staged.temporary)
        except BaseException:
            written.staged.discard()
            raise
        if pipeline.saving.save_maps:
            for beside, found in maps_of(job, restored):
                note = self._beside(job, journal, beside, encode([found], beside)[0])
                message = "; ".join(filter(None, [result.message, note]))
                result = replace(result, message=message)
        written.staged.commit()
        return result

    def _beside(self, job: Job, journal: Journal | None, path: Path, data: bytes) -> str:
        """Write what goes beside a result; returns a note where another file is in the way."""
        name = name_of(replace(job, target=path))
        ours = journal is not None and journal.entry_of(name, path) is not None
        if path.exists() and not (ours or self.overwrite):
            return f"{path.name} is there already and is left alone"
        staged = stage(path, data)
        content = Content.of(data, staged.temporary.stat())
        if journal is not None:
            journal.append(Entry(name, job.place, content, content, "map"))
        staged.commit()
        return ""

    def _compute(self, job: Job, loaded: Loaded) -> tuple[Pipeline, Restored, float]:
        """On a thread of a device."""

        def progress(share: float) -> None:
            self._checkpoint()
            if self.on_progress is not None:
                self.on_progress(job, share)

        progress(0.0)
        started = time.monotonic()
        pipeline: Pipeline = self._own.pipeline
        restored = pipeline.restore(loaded, progress)
        return pipeline, restored, time.monotonic() - started

    def _thumbnails(self, restored: Restored) -> tuple[bytes, bytes] | None:
        if not self.thumbnails:
            return None
        return thumbnail(restored.before), thumbnail(restored.pages[0].array)

    def _thumbnails_of(self, source: Path, target: Path) -> tuple[bytes, bytes] | None:
        if not self.thumbnails:
            return None
        before, after = (next(read_pages(path.read_bytes(), path)) for path in (source, target))
        return thumbnail(before.array), thumbnail(after.array)


def _entry(result: Result, loaded: Loaded, written: Written, recipe: str) -> Entry:
    job = result.job
    return Entry(
        name_of(job),
        job.place,
        loaded.content,
        written.content,
        recipe,
        result.message,
        round(result.seconds, 3),
        round(result.megapixels, 6),
        result.facts,
        result.details,
    )


def _watched(job: Job, source: Path, loaded: Loaded) -> str:
    """A note if the source is no longer what was read.

    Raises:
        UnreadableImage: and it is what the result is to replace.
    """
    try:
        if stamp(source.stat()) == (loaded.content.size, loaded.content.mtime_ns):
            return ""
        reason = "it changed while it was being restored; run the same command again"
    except OSError:
        reason = "it was moved or deleted while it was being restored"
    if job.backup is not None:
        raise UnreadableImage(f"{job.source}: {reason}")
    return reason
