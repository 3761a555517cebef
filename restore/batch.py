"""Folders of pictures: what is read, where it goes, and the run through all of it."""

from __future__ import annotations

import glob
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from restore.errors import RestoreError, UnreadableImage, UnwritableOutput
from restore.picture import READABLE, format_of

Status = Literal["done", "skipped", "failed"]


@dataclass(frozen=True)
class Job:
    """One file to restore."""

    source: Path
    target: Path


@dataclass(frozen=True)
class Result:
    """What became of a job."""

    job: Job
    status: Status
    message: str = ""
    """Why it failed or was skipped, or what is worth knowing of how it went."""
    seconds: float = 0.0
    megapixels: float = 0.0
    facts: dict[str, Any] = field(default_factory=dict)
    """What the task found out, for instance the noise level."""

    def to_dict(self) -> dict[str, Any]:
        return {
            "source": str(self.job.source),
            "target": str(self.job.target),
            "status": self.status,
            "message": self.message,
            "seconds": round(self.seconds, 3),
            "megapixels": round(self.megapixels, 3),
            **self.facts,
        }


Process = Callable[[Job], tuple[float, str, dict[str, Any]]]
"""Reads, restores and writes one file; returns megapixels, a note, and facts."""


def plan(
    inputs: Iterable[Path | str], output: Path, *, suffix: str | None = None, recursive: bool = True
) -> list[Job]:
    """The files below the inputs, each with the place of its result.

    Folders are searched, and their trees mirrored below `output`; hidden files, links to folders
    and `output` itself are passed by. Patterns that no shell has expanded are expanded here.

    Args:
        output: a folder; or, if there is a single input file, a file name with a known suffix.
        suffix: suffix of the results, for instance `.png`; None keeps each file's own.

    Raises:
        UnreadableImage: an input does not exist.
        UnwritableOutput: a result would overwrite an input, or its name and `suffix` disagree.
    """
    found: dict[Path, Path] = {}  # source -> place relative to the output folder
    given = list(_expand(inputs))
    for path in given:
        if path.is_dir():
            for entry in _pictures_below(path, output, recursive):
                found.setdefault(entry, entry.relative_to(path))
        else:
            found.setdefault(path, Path(path.name))
    if len(given) == 1 and given[0].is_file() and format_of(output) and not output.is_dir():
        if suffix is not None and format_of(output) != format_of(Path("a" + suffix)):
            raise UnwritableOutput(
                f"{output}: its name and --format disagree; leave one of them out"
            )
        jobs = [Job(given[0], output)]
    else:
        jobs = [Job(source, output / place) for source, place in _named(found, suffix).items()]
    return _sparing_originals(jobs)


def numbered(jobs: Iterable[Job], count: int) -> list[Job]:
    """So many jobs for each, their targets numbered: NAME_1, NAME_2 and so on.

    Raises:
        UnwritableOutput: one of the targets is an original.
    """
    return _sparing_originals(
        [
            Job(job.source, job.target.with_stem(f"{job.target.stem}_{number}"))
            for job in jobs
            for number in range(1, count + 1)
        ]
    )


def _sparing_originals(jobs: list[Job]) -> list[Job]:
    sources = {_same(job.source) for job in jobs}
    for job in jobs:
        if _same(job.target) in sources:
            raise UnwritableOutput(
                f"{job.target} is one of the originals, which are never overwritten: "
                "choose another output folder"
            )
    return jobs


def _expand(inputs: Iterable[Path | str]) -> Iterator[Path]:
    for text in inputs:
        path = Path(text)
        if path.exists():
            yield path
        elif matches := sorted(glob.glob(str(text), recursive=True)):
            yield from (Path(match) for match in matches)
        else:
            raise UnreadableImage(f"{text}: no such file or folder")


def _pictures_below(folder: Path, output: Path, recursive: bool) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder, followlinks=False):
        here = Path(parent)
        folders[:] = sorted(
            name
            for name in folders
            if recursive and not name.startswith(".") and _same(here / name) != _same(output)
        )
        if _same(here) == _same(output) and _same(folder) != _same(output):
            continue
        for name in sorted(names):
            # Hidden files are thumbnails and the "._" companions that macOS leaves on other disks.
            if not name.startswith(".") and Path(name).suffix.lower() in READABLE:
                yield here / name


def _named(found: dict[Path, Path], suffix: str | None) -> dict[Path, Path]:
    """Places for all results, no two alike even where the case of letters does not count."""

    wanted = {
        source: path.with_suffix(suffix or (path.suffix if format_of(path) else ".png"))
        for source, path in found.items()
    }
    count = Counter(str(path).lower() for path in wanted.values())
    taken = {name for name, uses in count.items() if uses == 1}
    named = {}
    for source, path in wanted.items():
        if (
            count[str(path).lower()] > 1
        ):  # a.jpg and a.gif, both to become PNG: a_jpg.png, a_gif.png
            kind = source.suffix.lstrip(".").lower()
            path, number = path.with_stem(f"{path.stem}_{kind}"), 2
            base = path.stem
            while str(path).lower() in taken:
                path, number = path.with_stem(f"{base}_{number}"), number + 1
            taken.add(str(path).lower())
        named[source] = path
    return named


def _same(path: Path) -> str:
    """A path to compare by: absolute, links followed, and in one case where the system has one."""
    return os.path.normcase(os.path.realpath(path))


def run(jobs: Iterable[Job], process: Process, *, overwrite: bool = False) -> Iterator[Result]:
    """Work through the jobs, one result each, whatever becomes of any of them."""
    for job in jobs:
        started = time.monotonic()
        if job.target.exists() and not overwrite:
            yield Result(job, "skipped", "the result is there already; --overwrite redoes it")
            continue
        try:
            megapixels, note, facts = process(job)
        except RestoreError as error:
            yield Result(job, "failed", str(error), time.monotonic() - started)
        except (OSError, MemoryError, RuntimeError, ValueError) as error:
            reason = f"{job.source}: {type(error).__name__}: {error}"
            yield Result(job, "failed", reason, time.monotonic() - started)
        else:
            yield Result(job, "done", note, time.monotonic() - started, megapixels, facts)
