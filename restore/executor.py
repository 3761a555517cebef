"""Where files are restored: what every executor offers, and this machine, the default.

An executor turns a file into a result that is on disk but still without its name. Names and the
journal are the run's (`restore.run`), so that only one process ever decides what is done; whatever
an executor has made may be thrown away and made again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch

from restore.batch import Result
from restore.errors import UnreadableImage
from restore.journal import Content
from restore.pipeline import Loaded, Pipeline, Restored, Saving, Written, stamp
from restore.plan import Job
from restore.recipe import Recipe
from restore.thumbnail import thumbnail
from restore.tiles import OnProgress

_CPU_LANES = 2
"""Pictures that a CPU works on at once. More would be faster on many cores, and need the memory."""


@dataclass(frozen=True)
class Made:
    """What became of a file, on disk but not yet under its name; small, for it may travel."""

    result: Result
    made_of: Content
    written: Written
    maps: tuple[Written, ...] = ()
    """What goes beside the result."""

    def discard(self) -> None:
        for written in (self.written, *self.maps):
            written.staged.discard()


class Executor(Protocol):
    """Restores files, several at a time."""

    @property
    def about(self) -> str:
        """Which models, and where they are."""
        ...

    @property
    def slots(self) -> int:
        """How many files it can have in its hands, read, computed and written ones together."""
        ...

    @property
    def record(self) -> dict[str, Any]:
        """See `restore.recipe.record`."""
        ...

    @property
    def saving(self) -> Saving:
        """How results are written, and how large a picture may be."""
        ...

    def key(self, job: Job) -> str:
        """See `restore.pipeline.Saving.key`."""
        ...

    def make(self, job: Job, source: Path, thumbnails: bool, on_progress: OnProgress) -> Made:
        """Restore a file; called from as many threads at a time as there are slots.

        Args:
            source: where the original is, which in place may be its backup.
            thumbnails: make small pictures of before and after too.

        Raises:
            RestoreError: the file can't be read, restored or written.
        """
        ...

    def close(self) -> None:
        """Give back what it holds; nothing is made after that."""
        ...


def lanes_of(device: str) -> int:
    """Pictures that a device of that name computes at once."""
    return _CPU_LANES if device == "cpu" else 1


def load_pipelines(
    recipe: Recipe, saving: Saving, device: str = "auto", tile: int | None = None
) -> list[Pipeline]:
    """The chain of a recipe, loaded once for each device of a list like `cuda:0,cuda:1`.

    Raises:
        UnknownModel, BadWeights, DeviceUnavailable: see `restore.restorer.load`.
    """
    from restore.restorer import load

    return [
        Pipeline(
            [(load(step.task, step.model, name, tile), step.options) for step in recipe.steps],
            saving,
        )
        for name in device.split(",")
    ]


class Local:
    """This machine: a pipeline for each device.

    Whoever calls `make` decodes and encodes; for the part in between they queue at the devices,
    which have lanes of their own: a GPU one, a CPU two, which share its cores. So the next file is
    decoded and the last one encoded while the devices compute, no core waits at the end of every
    layer for one that was busy decoding, and only as many pictures are in memory as there are
    slots.
    """

    def __init__(
        self, pipelines: Sequence[Pipeline], io_threads: int = 2, files: int | None = None
    ) -> None:
        """
        Args:
            pipelines: one for each device.
            io_threads: files that are read or written while the devices compute.
            files: how many there are to make, if known: a single one is given all the cores.
        """
        self._free = [each for each in pipelines for _ in range(lanes_of(each.device))][:files]
        lanes = len(self._free)
        self.slots = lanes + io_threads
        self.record = pipelines[0].record
        self.saving = pipelines[0].saving
        self.about = f"{pipelines[0].models} on {', '.join(each.device for each in pipelines)}"
        self._first = pipelines[0]
        self._own = threading.local()
        self._cpu_threads = torch.get_num_threads()
        self._lane_threads = max(1, self._cpu_threads // min(_CPU_LANES, lanes))
        self._devices = ThreadPoolExecutor(lanes, "restore-device", self._enter_lane)

    def _enter_lane(self) -> None:
        """Gives a thread its device, and its part of the cores."""
        self._own.pipeline = self._free.pop()
        torch.set_num_threads(self._lane_threads)

    def close(self) -> None:
        self._devices.shutdown(cancel_futures=True)
        torch.set_num_threads(self._cpu_threads)

    def key(self, job: Job) -> str:
        return self._first.key(job)

    def make(self, job: Job, source: Path, thumbnails: bool, on_progress: OnProgress) -> Made:
        started = time.monotonic()
        loaded = self._first.read(job, source)
        waiting = time.monotonic()
        pipeline, restored, seconds = self._devices.submit(
            self._compute, loaded, on_progress
        ).result()
        waited = time.monotonic() - waiting - seconds
        written = pipeline.write(loaded, restored)
        try:
            changed = _watched(job, source, loaded)
            maps = tuple(pipeline.write_maps(job, restored))
        except BaseException:
            written.staged.discard()
            raise
        height, width = restored.pages[0].array.shape[:2]
        result = Result(
            job,
            "done",
            "; ".join(filter(None, [*restored.notes, written.note, changed])),
            seconds=time.monotonic() - started - waited,
            megapixels=restored.megapixels,
            facts=restored.facts,
            details=restored.details
            | {"size": [width, height], "changed": round(restored.changed_share(), 4)},
            thumbnails=_thumbnails(restored) if thumbnails else None,
        )
        return Made(result, loaded.content, written, maps)

    def _compute(self, loaded: Loaded, on_progress: OnProgress) -> tuple[Pipeline, Restored, float]:
        """On a thread of a device."""
        on_progress(0.0)
        started = time.monotonic()
        pipeline: Pipeline = self._own.pipeline
        restored = pipeline.restore(loaded, on_progress)
        return pipeline, restored, time.monotonic() - started


def _thumbnails(restored: Restored) -> tuple[bytes, bytes]:
    return thumbnail(restored.before), thumbnail(restored.pages[0].array)


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
