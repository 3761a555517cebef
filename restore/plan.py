"""The plan of a run: which files are read, and where each result goes. Nothing is touched yet."""

from __future__ import annotations

import hashlib
import logging
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TypeAlias

from restore import journal
from restore.errors import UnreadableImage, UnwritableOutput
from restore.picture import READABLE, SUFFIXES, format_of, kept_suffix
from restore.storage import absolute, is_remote, is_there, location, matches, relative, same, walk

log = logging.getLogger(__name__)

ORIGINALS = ".restore-originals"
"""Folder in which a run in place keeps what was there before, and its journal."""
_WRITABLE = ", ".join(names[0] for names in SUFFIXES.values())
# Windows takes these for devices, whatever their suffix and in either case.
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?=\s*(\.|$))", re.IGNORECASE)


@dataclass(frozen=True)
class Job:
    """One file to restore."""

    source: Path
    target: Path
    place: str = ""
    """The source relative to the input that it was found below, with forward slashes."""
    root: Path | None = None
    """The folder of results that the target belongs to; None where the whole name was given."""
    journal: Path | None = None
    """The folder that the journal of these results is in."""
    backup: Path | None = None
    """In place: where the original is kept."""
    problem: str = ""
    """Why it can't be done, if that is known before it is tried."""


def plan(
    inputs: Iterable[Path | str],
    output: Path | None,
    *,
    suffix: str | None = None,
    recursive: bool = True,
    relative_to: Iterable[Path] = (),
) -> list[Job]:
    """The files below the inputs, each with the place of its result.

    Folders are searched, and their trees mirrored below `output`; hidden files, links to folders,
    `output` itself and folders of earlier results are passed by. Patterns that no shell has
    expanded are expanded here.

    Args:
        output: a folder; or, if there is a single input file, a file name with a known suffix;
            None for results in the place of their sources, which are kept in `ORIGINALS`.
        suffix: suffix of the results, for instance `.png`; None keeps each file's own.
        relative_to: folders whose trees are mirrored below `output`, however deep below them the
            inputs are; of several that hold an input, the nearest counts.

    Raises:
        UnreadableImage: an input does not exist.
        UnwritableOutput: a result would overwrite an input, its name and `suffix` disagree, it has
            no place because its source is in none of `relative_to`, or `output` is named like a
            picture where a folder is wanted that is not there.
    """
    given, roots = list(_expand(inputs)), list(relative_to)
    found: dict[Path, _Found] = {}
    for path in given:
        top = _nearest(path, roots) if roots else path if path.is_dir() else path.parent
        if path.is_dir():
            for entry in _below(path, top, output, recursive):
                found.setdefault(entry.source, entry)
        else:
            found.setdefault(path, _Found(path, top, _place(path, top)))
    if output is None:
        if suffix is not None:
            raise UnwritableOutput("in place files keep their format: leave --format out")
        journals: _Journals = {}
        jobs = [_in_place(entry, journals) for entry in found.values()]
        jobs = [job for job in jobs if not _is_map(job, journals)]
    elif (
        len(given) == 1
        and given[0].is_file()
        and format_of(output)
        and not output.is_dir()
        and not roots
    ):
        if suffix is not None and format_of(output) != format_of(Path("a" + suffix)):
            raise UnwritableOutput(
                f"{output}: its name and --format disagree; leave one of them out"
            )
        jobs = [Job(given[0], output, given[0].name, journal=output.parent)]
    else:
        if output.suffix.lower() in READABLE and not output.is_dir():
            raise UnwritableOutput(
                f"{output} is the name of one picture, in a format that can't be written: choose "
                f"another suffix, {_WRITABLE}"
                if format_of(output) is None
                else f"{output} is the name of one picture, and what goes there may be several: "
                "give a folder (make it first, if it is to be called so), or one picture alone"
            )
        wanted = {entry.source: entry.place for entry in found.values()}
        jobs = [
            Job(
                source,
                output / place.as_posix(),
                found[source].place.as_posix(),
                output,
                output,
                problem=found[source].problem,
            )
            for source, place in _named(wanted, suffix).items()
        ]
    if output is not None:
        refuse_originals(jobs)
    return jobs


def pictures_below(folder: Path) -> list[tuple[Path, str]]:
    """The picture files below a folder, as a run would find them, each with its relative path.

    Raises:
        UnreadableImage: there is no such folder.
    """
    if not folder.is_dir():
        raise UnreadableImage(f"{folder}: no such folder")
    return [
        (entry.source, entry.place.as_posix())
        for entry in _below(folder, folder, None, True)
        if not entry.problem
    ]


@dataclass(frozen=True)
class _Found:
    source: Path
    below: Path
    """The input folder, or the folder of the input file; or the one that was asked for."""
    place: Path
    """Relative to it."""
    problem: str = ""


_Journals: TypeAlias = "dict[Path, journal.Journal | None]"
"""Of runs in place, by the folder that each worked through; None where there was none."""


def _in_place(entry: _Found, journals: _Journals) -> Job:
    root = _worked_through(entry, journals)
    originals = root / ORIGINALS
    problem = entry.problem
    if is_remote(entry.source):
        problem = "results in place are for disks: choose an output folder with -o"
    elif entry.source.is_symlink():
        problem = "is a link; give the file that it leads to"
    elif not problem and format_of(entry.source) is None:
        problem = "its format can't be written: choose an output folder with -o"
    return Job(
        entry.source,
        entry.source,
        entry.place.as_posix(),
        root,
        originals,
        originals / _place(entry.source, root),
        f"{entry.source}: {problem}" if problem and not entry.problem else problem,
    )


def _is_map(job: Job, journals: _Journals) -> bool:
    """Whether an earlier run in place has put it beside a result."""
    if job.root is None or (known := journals.get(job.root)) is None:
        return False
    entry = known.last(_place(job.source, job.root).as_posix())
    return entry is not None and entry.is_map


def _worked_through(entry: _Found, journals: _Journals) -> Path:
    """The folder of the run that has a file's original, which may have begun above this one, or
    further below; the input folder where no run has worked on the file yet."""
    if not is_remote(entry.source):
        for folder in absolute(entry.source).parents:
            originals = folder / ORIGINALS
            if folder not in journals:
                journals[folder] = journal.Journal(originals) if originals.is_dir() else None
            if (known := journals[folder]) is not None:
                place = _place(entry.source, folder)
                if known.knows(place.as_posix()) or is_there(originals / place):
                    return folder
    return absolute(entry.below)


def shard_of(place: str, shares: int) -> int:
    """Which of the shares, 1..shares, a file belongs to: the same on every machine."""
    digest = hashlib.sha256(unicodedata.normalize("NFC", place).encode("utf-8", "surrogateescape"))
    return int.from_bytes(digest.digest()[:8], "big") % shares + 1


def share_of(jobs: Iterable[Job], shard: tuple[int, int]) -> list[Job]:
    """Those of the i-th of n shares, 1 <= i <= n, by a hash of their places."""
    return [job for job in jobs if shard_of(job.place, shard[1]) == shard[0]]


def refuse_originals(jobs: Iterable[Job], others: Iterable[Path] = ()) -> None:
    """Nothing, where no job has an original as its target.

    Args:
        others: originals that no job is about.

    Raises:
        UnwritableOutput: a result would overwrite an original.
    """
    jobs = list(jobs)
    sources = {same(path) for path in (*(job.source for job in jobs), *others)}
    for job in jobs:
        if same(job.target) in sources:
            raise UnwritableOutput(
                f"{job.target} is one of the originals, which are never overwritten: "
                "choose another output folder, or --in-place, which keeps them"
            )


def _expand(inputs: Iterable[Path | str]) -> Iterator[Path]:
    for text in inputs:
        if not str(text):  # "$PHOTOS", where nobody has said what that is
            raise UnreadableImage("an input is empty: give a file or a folder, '.' for this one")
        path = location(text)
        try:
            there = path.exists()
        except Exception as error:  # each library of each store has errors of its own
            raise UnreadableImage(f"{text}: can't be reached ({error})") from error
        if there:
            yield path
        elif found := matches(path):
            yield from found
        else:
            raise UnreadableImage(f"{text}: no such file or folder")


def _nearest(path: Path, roots: Iterable[Path]) -> Path:
    """The deepest of the folders that hold a path."""
    whole = absolute(path)
    holding = [
        root
        for root in roots
        if is_remote(root) == is_remote(path) and whole.is_relative_to(absolute(root))
    ]
    if not holding:
        raise UnwritableOutput(f"{path} is in none of the folders that results are relative to")
    return max(holding, key=lambda root: len(absolute(root).parts))


def _place(path: Path, top: Path) -> Path:
    return Path(relative(path, top))


def _below(folder: Path, top: Path, output: Path | None, recursive: bool) -> Iterator[_Found]:
    failed: list[OSError] = []
    results = None if output is None else same(output)
    # Results among their sources are no sources.
    made = journal.Journal(folder) if results == same(folder) else None
    for here, folders, names in walk(folder, failed.append):
        folders[:] = sorted(
            name
            for name in folders
            if recursive
            and not name.startswith(".")
            and same(here / name) != results
            and not _holds_results(here / name)
        )
        if results is not None and same(here) == results and same(folder) != results:
            continue
        for name in sorted(names):
            # Hidden files are thumbnails and the "._" companions that macOS leaves on other disks.
            if name.startswith(".") or Path(name).suffix.lower() not in READABLE:
                continue
            if made is None or not made.knows(relative(here / name, folder).as_posix()):
                yield _Found(here / name, top, _place(here / name, top))
    for error in failed:
        lost = Path(os.fsdecode(error.filename or folder))
        reason = f"{lost}: the folder can't be listed ({error.strerror})"
        yield _Found(lost, top, _place(lost, top) / "unknown", reason)


def _holds_results(folder: Path) -> bool:
    try:
        named = f"{journal.NAME}-{journal.NAMED}"
        journals = folder.glob(f"{journal.NAME}*.jsonl")
        found = any(not path.name.startswith(named) for path in journals)
    except OSError:
        return False
    if found:
        _say_passed_by(folder)
    return found


@cache  # once, however often a folder is looked through
def _say_passed_by(folder: Path) -> None:
    log.warning("%s holds results of an earlier run and is passed by", folder)


def _named(found: dict[Path, Path], suffix: str | None) -> dict[Path, Path]:
    """Places for all results, no two alike even where case and Unicode forms do not count."""
    wanted = {
        source: _portable(place.with_name(place.stem + (suffix or kept_suffix(place))))
        for source, place in found.items()
    }
    folders = {_key(parent) for place in wanted.values() for parent in place.parents}
    count = Counter(_key(place) for place in wanted.values())
    taken = folders | {name for name, uses in count.items() if uses == 1}
    named = {}
    for source, place in wanted.items():
        if count[_key(place)] > 1 or _key(place) in folders:
            # a.jpg and a.gif, both to become PNG: a_jpg.png, a_gif.png
            kind = source.suffix.lstrip(".").lower()
            base = place.stem + (f"_{kind}" if kind else "")
            place, number = place.with_name(base + place.suffix), 2
            while _key(place) in taken:
                place, number = place.with_name(f"{base}_{number}{place.suffix}"), number + 1
            taken.add(_key(place))
        named[source] = place
    return named


def _portable(place: Path) -> Path:
    return Path(*(_DEVICE.sub(r"\1_", part, count=1) if _DEVICE.match(part) else part
                  for part in place.parts))  # fmt: skip


def _key(place: Path) -> str:
    return unicodedata.normalize("NFC", place.as_posix()).casefold()


def numbered(jobs: Iterable[Job], number: int) -> list[Job]:
    """The same jobs, with a number at the end of their targets' names: NAME_1, say.

    Raises:
        UnwritableOutput: one of the targets would be an original.
    """
    jobs = list(jobs)
    sources = {same(job.source) for job in jobs}
    found = []
    for job in jobs:
        target = job.target.with_stem(f"{job.target.stem}_{number}")
        if job.backup or same(target) in sources:
            raise UnwritableOutput(
                f"{target}: variants go beside originals, never over them: choose another folder"
            )
        found.append(replace(job, target=target))
    return found
