"""Where the lines of a journal are kept: a file that grows, or objects, which can't."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Protocol


class Lines(Protocol):
    """Lines that are safe once they are appended; of any thread."""

    def append(self, key: str, line: bytes) -> None:
        """Raises OSError where that can't be."""
        ...

    def amend(self, key: str, line: bytes) -> None:
        """Put another line in the place of the last one with this key, some time until `close`."""
        ...

    def close(self) -> None: ...


class FileLines:
    """A file that is appended to and synced."""

    def __init__(self, path: Path) -> None:
        """Raises OSError where nothing can be appended."""
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: BinaryIO = path.open("ab+")
        if self._file.tell() > 0:
            self._file.seek(-1, os.SEEK_END)
            if self._file.read(1) != b"\n":  # torn: the next line must not become part of it
                self._file.write(b"\n")

    def append(self, key: str, line: bytes) -> None:
        with self._lock:
            self._file.write(line)
            self._file.flush()
            os.fsync(self._file.fileno())

    def amend(self, key: str, line: bytes) -> None:
        """Never: what a disk knows of a file does not change with its name."""
        raise NotImplementedError

    def close(self) -> None:
        with self._lock:
            self._file.close()


@dataclass
class _Object:
    path: Path
    lines: dict[str, bytes] = field(default_factory=dict)
    version: int = 0
    safe: int = 0
    """The version that is stored."""


class ObjectLines:
    """Objects of some hundred lines: the last one is put anew, as a whole, with every line.

    Threads that wait while another one puts share the next put, so that many workers cost few.
    """

    def __init__(self, path: Path, limit: int = 256) -> None:
        """Puts the first one, still empty.

        Args:
            path: what the objects are called, before the time and number that make each unique.
            limit: lines of an object.

        Raises:
            OSError: nothing can be put there.
        """
        started = f"{time.time_ns()}-{os.getpid()}"
        self._names = (
            path.with_name(f"{path.stem}-{started}-{number:06}{path.suffix}")
            for number in range(10**9)
        )
        self._limit = limit
        self._lock = threading.Lock()
        self._putting = threading.Lock()
        self._open = [_Object(next(self._names), version=1)]
        self._put(self._open[0])

    def append(self, key: str, line: bytes) -> None:
        with self._lock:
            if len(self._open[-1].lines) >= self._limit:
                self._open.append(_Object(next(self._names)))
            last = self._open[-1]
            last.lines[key] = line
            last.version += 1
            mine = last.version
        with self._putting:
            if last.safe < mine:
                self._put(last)
            while len(self._open) > 2:  # whose lines have been amended long since
                self._put(self._open[0])
                self._open.pop(0)

    def amend(self, key: str, line: bytes) -> None:
        with self._lock:
            for each in reversed(self._open):
                if key in each.lines:
                    each.lines[key] = line
                    each.version += 1
                    return

    def close(self) -> None:
        with self._putting:
            for each in self._open:
                self._put(each)
            if not self._open[0].lines:
                self._open[0].path.unlink(missing_ok=True)

    def _put(self, which: _Object) -> None:
        with self._lock:
            data, version = b"".join(which.lines.values()), which.version
        if which.safe == version:
            return
        try:
            which.path.write_bytes(data)
        except OSError:
            raise
        except Exception as error:  # each library of each store has errors of its own
            raise OSError(str(error)) from error
        which.safe = version
