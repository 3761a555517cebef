"""The journal of a folder of results: what was made, of what, by which recipe.

Append-only JSON lines in a hidden file beside the results. SQLite would bring queries that nothing
here asks, and locking that network disks are known to get wrong; a line that is appended and synced
survives anything, and a torn last line, which is all that a crash can leave, is passed by.

A line is written before its result gets its name. Either the result is there and the line tells so,
or the line tells of contents that the result does not have, and it is made again. So there is no
moment at which work is lost, done twice, or somebody else's file taken for our own.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, BinaryIO

from restore.errors import OutputFailure

NAME = ".restore-journal"


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


class Journal:
    """The journal of one folder, open for appending."""

    def __init__(self, folder: Path, shard: str = "") -> None:
        """Read what all processes have written so far.

        Args:
            shard: a name of this process' share of the work; each share has a file of its own,
                since not every disk can append for two.
        """
        self.path = folder / f"{NAME}{shard and '-' + shard}.jsonl"
        self._entries: dict[str, list[Entry]] = {}
        self._lock = threading.Lock()
        self._file: BinaryIO | None = None
        for path in sorted(folder.glob(f"{NAME}*.jsonl")):
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

    def append(self, entry: Entry) -> None:
        """Write an entry; it is on disk when this returns.

        Raises:
            OutputFailure: it can't be.
        """
        line = (json.dumps(asdict(entry), ensure_ascii=False) + "\n").encode()
        with self._lock:
            try:
                assert self._file is not None
                self._file.write(line)
                self._file.flush()
                os.fsync(self._file.fileno())
            except OSError as error:
                raise self._failure(error) from error
            self._take(entry)

    def close(self) -> None:
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None

    def open(self) -> None:
        """Make ready to append, and find out at once whether that is possible.

        Raises:
            OutputFailure: it isn't.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("ab+")
            if self._file.tell() > 0:
                self._file.seek(-1, os.SEEK_END)
                if self._file.read(1) != b"\n":  # torn: the next line must not become part of it
                    self._file.write(b"\n")
        except OSError as error:
            raise self._failure(error) from error

    def _failure(self, error: OSError) -> OutputFailure:
        return OutputFailure(
            f"{self.path}: can't be written ({error.strerror or error}); choose another output "
            "folder or free some space"
        )

    def _take(self, entry: Entry) -> None:
        self._entries.setdefault(entry.target, []).append(entry)


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
