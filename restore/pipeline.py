"""The path of a file through its steps, in three parts that may overlap: read, restore, write."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from restore.arrays import split_alpha
from restore.atomic import Staged, stage
from restore.errors import UnreadableImage
from restore.journal import Content
from restore.metadata import Kept, Metadata
from restore.picture import MAX_PIXELS, Picture, encode, format_of, read_pages
from restore.plan import Job
from restore.recipe import canonical, key_of, record
from restore.storage import is_there
from restore.tasks.options import Options
from restore.tiles import OnProgress, part_of

if TYPE_CHECKING:
    from restore.restorer import Restorer
    from restore.zoo import Card

Step: TypeAlias = "tuple[Restorer, Options]"
"""A loaded task, and what is asked of it."""


@dataclass(frozen=True)
class Saving:
    """How results are written."""

    quality: int | None = None
    metadata: Kept = "keep"
    max_pixels: int = MAX_PIXELS
    save_maps: bool = False
    """Write the maps that the tasks have found beside each result, as NAME_mask.png."""
    keep_times: bool = False
    """Give results the modification time of their sources. Those that stand are left alone."""

    def options_of(self, job: Job, options: Options) -> Options:
        """What is asked for one file: see `Options.of`."""
        return options.of(job.source, job.place, self.max_pixels)

    def key(self, steps: Iterable[tuple[Card, Options]], job: Job) -> str:
        """Names everything that, with the source, decides the bytes of a result.

        Raises:
            UnreadableImage: something that the options need for this file can't be had.
        """
        done = record((card, self.options_of(job, options)) for card, options in steps)
        saving = {"quality": self.quality, "metadata": self.metadata, "maps": self.save_maps}
        return key_of(done | saving | {"format": format_of(job.target)})


@dataclass(frozen=True)
class Loaded:
    """A file that is read and whose first page is decoded."""

    job: Job
    data: bytes
    content: Content
    pages: Iterator[Picture]


@dataclass(frozen=True)
class Restored:
    """All pages, restored."""

    pages: tuple[Picture, ...]
    before: NDArray[Any]
    """The first page as it was."""
    changed: bool
    notes: tuple[str, ...]
    facts: dict[str, Any]
    """What the steps found out, on the first page."""
    details: dict[str, Any]
    """How it was done: device, models, tile."""
    megapixels: float
    maps: dict[str, NDArray[np.uint8]]
    """What the steps have found on the first page, by name: (H, W)."""

    def changed_share(self) -> float:
        """Share of the first page's pixels that differ by more than 2 of 255 in any channel."""
        before, after = (split_alpha(array)[0] for array in (self.before, self.pages[0].array))
        threshold = 2 if after.dtype == np.uint8 else 2 * 257
        planes = [after] if after.ndim == 2 else [after[..., channel] for channel in range(3)]
        count = 0
        for top in range(0, len(after), 256):  # in bands, to spare memory
            differs = np.zeros(after[top : top + 256].shape[:2], np.bool_)
            for channel, plane in enumerate(planes):
                new = plane[top : top + 256]
                # Gray that was given colours is compared with each of them.
                old = (before if before.ndim == 2 else before[..., channel])[top : top + 256]
                differs |= np.maximum(new, old) - np.minimum(new, old) > threshold
            count += int(differs.sum())
        return count / float(after.shape[0] * after.shape[1])


@dataclass(frozen=True)
class Written:
    """A result on disk, still without its name."""

    staged: Staged
    content: Content
    note: str


class Pipeline:
    """A chain of tasks on one device, and what is to become of their results."""

    def __init__(self, steps: Sequence[Step], saving: Saving | None = None) -> None:
        self.steps = tuple(steps)
        self.saving = saving or Saving()
        self.record = record((restorer.card, options) for restorer, options in self.steps)
        self.models = ", ".join(restorer.card.name for restorer, _ in self.steps)
        self.device = str(self.steps[0][0].device)

    def key(self, job: Job) -> str:
        """See `Saving.key`."""
        return self.saving.key(((step.card, options) for step, options in self.steps), job)

    def read(self, job: Job, source: Path | None = None) -> Loaded:
        """Read a file and decode its first page.

        Args:
            source: read from there instead, the backup of a run in place.

        Raises:
            UnreadableImage: missing, damaged, or changed while it was read.
        """
        path = source or job.source
        try:
            before = path.stat()
            data = path.read_bytes()
            after = path.stat()
        except FileNotFoundError:
            gone = "it is gone: moved or deleted"
            if is_there(path):
                gone = "it is a link to a file that is not there"
            raise UnreadableImage(f"{job.source}: {gone}") from None
        except OSError as error:
            raise UnreadableImage(
                f"{job.source}: can't be read ({error.strerror or error})"
            ) from error
        if stamp(before) != stamp(after) or len(data) != after.st_size:
            raise UnreadableImage(
                f"{job.source}: it changed while it was being read; run the same command again"
            )
        pages = read_pages(data, job.source, self.saving.max_pixels)
        first = next(pages)
        return Loaded(job, data, Content.of(data, after), itertools.chain([first], pages))

    def restore(self, loaded: Loaded, on_progress: OnProgress | None = None) -> Restored:
        """All steps over all pages; the part that needs the device."""
        tiles = self._tiles()
        notes: dict[str, None] = {}
        facts: dict[str, Any] = {}
        maps: dict[str, NDArray[np.uint8]] = {}
        done: list[Picture] = []
        changed, megapixels = False, 0.0
        before: NDArray[Any] | None = None
        for page in loaded.pages:
            array = page.array
            before = array if before is None else before
            found: dict[str, Any] = {}
            coloured = False
            notes[page.note] = None
            for index, (restorer, options) in enumerate(self.steps):
                progress = part_of(on_progress, index, len(self.steps))
                chosen = self.saving.options_of(loaded.job, options)
                outcome = restorer.restore(array, chosen, progress)
                array = outcome.array
                notes[outcome.note] = None
                found |= outcome.facts
                changed |= outcome.changed
                coloured |= outcome.coloured
                if not done:
                    maps |= outcome.maps
            megapixels += array.shape[0] * array.shape[1] / 1e6
            facts = facts or found
            done.append(page.with_array(array, coloured=coloured))
        assert before is not None
        for old, new in zip(tiles, self._tiles(), strict=True):
            if old != new:
                notes[f"out of memory with tiles of {old or 'any size'}: went on with {new}"] = None
        return Restored(
            tuple(done), before, changed, tuple(notes), facts, self._details(), megapixels, maps
        )

    def _tiles(self) -> list[int]:
        return [restorer.engine.tile for restorer, _ in self.steps]

    def _details(self) -> dict[str, Any]:
        return {
            "model": self.models,
            "device": self.device,
            "tile": self._tiles()[0],
        }

    def write(self, loaded: Loaded, restored: Restored) -> Written:
        """Encode and write a result, all but its name.

        Where no step had anything to do, the file is copied byte for byte.

        Raises:
            UnwritableOutput: see `restore.picture.encode` and `restore.atomic.stage`.
        """
        target = loaded.job.target
        note = ""
        first = restored.pages[0]
        untouched = (
            not restored.changed
            and self.saving.quality is None
            and self.saving.metadata == "keep"
            and format_of(target) == first.format == format_of(loaded.job.source)
        )
        if untouched:
            data = loaded.data
        else:
            done = self._record_of(loaded.job)
            pages = [replace(page, metadata=self._metadata(page, done)) for page in restored.pages]
            data, note = encode(pages, target, self.saving.quality)
            if first.format != format_of(loaded.job.source) == format_of(target):
                inside = f"holds a {first.format.upper()} despite its name"
                note = "; ".join(filter(None, [inside, note]))
        return _written(target, data, note, loaded.content if self.saving.keep_times else None)

    def write_maps(self, job: Job, restored: Restored) -> Iterator[Written]:
        """Write the maps that the tasks have found, if that is asked for, all but their names.

        Raises:
            UnwritableOutput: see `write`.
        """
        for name, found in restored.maps.items() if self.saving.save_maps else ():
            path = job.target.with_name(f"{job.target.stem}_{name}.png")
            data, _ = encode([Picture(found, "png")], path)
            yield _written(path, data)

    def _record_of(self, job: Job) -> str:
        """What was done to a file, to be written into its result."""
        return canonical(
            record(
                (restorer.card, options.recorded(job.source, job.place))
                for restorer, options in self.steps
            )
        )

    def _metadata(self, page: Picture, done: str) -> Metadata:
        kept = page.metadata.kept(self.saving.metadata)
        return kept if self.saving.metadata == "strip" else replace(kept, recipe=done)


def _written(path: Path, data: bytes, note: str = "", dated: Content | None = None) -> Written:
    """A file on disk but for its name, with the time of another one if that is asked for."""
    staged = stage(path, data)
    try:
        if dated is not None:
            os.utime(staged.temporary, ns=(time.time_ns(), dated.mtime_ns))
        return Written(staged, Content.of(data, staged.temporary.stat()), note)
    except BaseException:
        staged.discard()
        raise


def stamp(status: os.stat_result) -> tuple[int, int]:
    """What tells a file that was written to from one that was not."""
    return status.st_size, status.st_mtime_ns
