"""The journal of a folder of results: what was made, of what, by which recipe.

Append-only JSON lines in a hidden file beside the results, or, on object stores, in a few objects
(see `restore.lines`). SQLite would bring queries that nothing here asks, and locking that network
disks are known to get wrong; a line that is appended and synced survives anything, and a torn last
line, which is all that a crash can leave, is passed by.

A line is written before its result gets its name. Either the result is there and the line tells so,
or the line tells of contents that the result does not have, and it is made again. So there is no
moment at which work is lost, done twice, or somebody else's file taken for our own.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from dataclasses import asdict, dataclass, field, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

from restore.errors import OutputFailure
from restore.lines import FileLines, Lines, ObjectLines
from restore.storage import absolute, is_remote, relative

NAME = ".restore-journal"
NAMED = "named"
"""The share of results that were given their whole name: these may lie among pictures of all kinds,
so that this share alone does not make theirs a folder of results."""
MAP = "map"
"""In the place of the recipe, where an entry is of a map that goes beside a result."""


@dataclass(frozen=True)
class Content:
    """What a file held: its hash, and size and time, which spare reading it again."""

    sha256: str
    size: int
    mtime_ns: int

    @classmethod
    def of(cls, data: bytes, status: os.stat_result) -> Content:
        return cls(hashlib.sha256(data).hexdigest(), status.st_size, status.st_mtime_ns)

    def is_that_of(self, path: Path) -> bool:
        """Whether a file holds this now; False if it isn't there."""
        try:
            status = path.stat()
            if status.st_size != self.size:
                return False
            if status.st_mtime_ns == self.mtime_ns:
                return True
            with path.open("rb") as file:
                return _sha256(file) == self.sha256
        except OSError:
            return False


def _sha256(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while block := file.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()


@dataclass(frozen=True)
class Entry:
    """One line: a result that was made."""

    target: str
    """Relative to the folder of the journal, with forward slashes."""
    source: str
    """Relative to the input that it was found below."""
    made_of: Content
    made: Content
    recipe: str
    """See `restore.recipe.key_of`."""
    message: str = ""
    seconds: float = 0.0
    megapixels: float = 0.0
    facts: dict[str, Any] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)
    origin: str = ""
    """The source's whole path, to tell a source that has changed from another one; empty in lines
    of earlier versions."""

    @property
    def is_map(self) -> bool:
        """Whether it goes beside a result and is none itself."""
        return self.recipe == MAP


class Journal:
    """The journal of one folder, open for appending."""

    def __init__(self, folder: Path, shard: str = "") -> None:
        """Read what all processes have written so far.

        Args:
            shard: a name of this process' share of the work; each share has a file of its own,
                since not every disk can append for two.

        Raises:
            OutputFailure: the folder can't be listed.
        """
        self.path = folder / f"{NAME}{shard and '-' + shard}.jsonl"
        self._entries: dict[str, list[Entry]] = {}
        self._lock = threading.Lock()
        self._lines: Lines | None = None
        try:
            found = sorted(folder.glob(f"{NAME}*.jsonl"))
        except Exception as error:  # each library of each store has errors of its own
            raise self._failure(error) from error
        for path in found:
            for entry in _read(path):
                self._take(entry)

    def __bool__(self) -> bool:
        return bool(self._entries)

    def entry_of(self, target: str, path: Path) -> Entry | None:
        """The entry that tells of what the file holds now.

        None where the file is missing, or is not ours: nobody wrote it here, or it was changed.
        """
        for entry in reversed(self._entries.get(target, [])):
            if entry.made.is_that_of(path):
                return entry
        return None

    def knows(self, target: str) -> bool:
        return target in self._entries

    def last(self, target: str) -> Entry | None:
        """The entry that was written last, whatever the file holds now."""
        return self._entries[target][-1] if target in self._entries else None

    def append(self, entry: Entry) -> None:
        """Write an entry; it is on disk when this returns.

        Raises:
            OutputFailure: it can't be.
        """
        assert self._lines is not None
        try:
            self._lines.append(entry.target, _line(entry))
        except OSError as error:
            raise self._failure(error) from error
        with self._lock:
            self._take(entry)

    def named(self, entry: Entry, path: Path) -> None:
        """Tell that the result of an entry has its name now.

        An object gets its time with its name. The line is amended, so that the next run need not
        read the object again to know it; should this be lost, that is all that it costs.
        """
        if not is_remote(path):
            return
        try:
            made = replace(entry.made, mtime_ns=path.stat().st_mtime_ns)
        except OSError:
            return
        assert self._lines is not None
        amended = replace(entry, made=made)
        self._lines.amend(entry.target, _line(amended))
        with self._lock:
            self._entries[entry.target][-1] = amended

    def close(self) -> None:
        """Raises OutputFailure where the last lines can't be written."""
        if self._lines is not None:
            lines, self._lines = self._lines, None
            try:
                lines.close()
            except OSError as error:
                raise self._failure(error) from error

    def open(self) -> None:
        """Make ready to append, and find out at once whether that is possible.

        Raises:
            OutputFailure: it isn't.
        """
        try:
            self._lines = ObjectLines(self.path) if is_remote(self.path) else FileLines(self.path)
        except OSError as error:
            raise self._failure(error) from error

    def _failure(self, error: Exception) -> OutputFailure:
        reason = getattr(error, "strerror", None) or error
        return OutputFailure(
            f"{self.path}: can't be written ({reason}); choose another output "
            "folder or free some space"
        )

    def _take(self, entry: Entry) -> None:
        self._entries.setdefault(entry.target, []).append(entry)


def is_result(path: Path) -> bool:
    """Whether a file on a disk is a result, and no map, by the journal of its folder or of one
    above."""
    for folder in absolute(path).parents:
        try:
            found = [(each, each.stat().st_size) for each in folder.glob(f"{NAME}*.jsonl")]
        except OSError:
            continue
        if found:
            entry = _as_it_stands(folder, tuple(found)).last(relative(path, folder).as_posix())
            if entry is not None:
                return not entry.is_map
    return False


@lru_cache(maxsize=16)
def _as_it_stands(folder: Path, files: tuple[tuple[Path, int], ...]) -> Journal:
    """The journal of a folder, read anew only when its files have grown."""
    return Journal(folder)


def _line(entry: Entry) -> bytes:
    return (json.dumps(asdict(entry)) + "\n").encode()


def _read(path: Path) -> list[Entry]:
    known = {entry.name for entry in fields(Entry)}
    found = []
    try:
        data = path.read_bytes()
    except OSError:
        return []
    for line in data.split(b"\n"):
        try:
            values = json.loads(line)
            given = {key: values[key] for key in values if key in known}
            for name in ("made_of", "made"):
                given[name] = Content(**given[name])
            found.append(Entry(**given))
        except (ValueError, TypeError, KeyError):  # torn, or of a version to come
            continue
    return found
