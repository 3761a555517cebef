"""Files that are there whole or not at all."""

from __future__ import annotations

import errno
import itertools
import os
import platform
import re
import secrets
import time
import zlib
from dataclasses import dataclass
from pathlib import Path

from restore.errors import OutputFailure, UnwritableOutput
from restore.storage import is_remote, move

_LASTING = {getattr(errno, name, None) for name in ("ENOSPC", "EDQUOT", "EROFS")}
"""What will not be better with the next file."""
_HOST = f"{zlib.crc32(platform.node().encode()):08x}"
_TOKEN = secrets.token_hex(4)
"""Of this process alone: a container that starts again gives its number to the next one."""
_NAME = re.compile(r"\.restore-([0-9a-f]{8})-(\d+)-([0-9a-f]{8})-\d+\.part")
_numbers = itertools.count()


@dataclass(frozen=True)
class Staged:
    """A file that is written and safe on disk, but not yet under its name."""

    path: Path
    temporary: Path

    def commit(self) -> None:
        """Give it its name; what had the name before is gone in the same moment.

        Raises:
            UnwritableOutput: the system refuses.
        """
        try:
            move(self.temporary, self.path)
        except OSError as error:
            self.discard()
            raise _unwritable(self.path, error) from error

    def discard(self) -> None:
        self.temporary.unlink(missing_ok=True)


def stage(path: Path, data: bytes) -> Staged:
    """Write a file beside the place where it is to be, so that no reader ever sees a part.

    Raises:
        UnwritableOutput: the folder can't be made or written to.
        OutputFailure: the disk is full or read-only.
    """
    process = f"{_HOST}-{os.getpid()}-{_TOKEN}"
    temporary = path.with_name(f".restore-{process}-{next(_numbers)}.part")
    staged = Staged(path, temporary)
    try:
        if is_remote(temporary):
            temporary.write_bytes(data)
        else:
            _write_synced(temporary, data)
    except BaseException as error:
        if isinstance(error, NotADirectoryError | FileExistsError):
            raise _unwritable(path, error) from error
        staged.discard()
        if isinstance(error, OSError):
            raise _unwritable(path, error) from error
        raise
    return staged


def _write_synced(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file whole or not at all: see `stage`."""
    stage(path, data).commit()


def sweep(folder: Path) -> None:
    """Remove what processes that are no more have left half-written in a folder."""
    try:
        entries = list(folder.glob(".restore-*.part"))
    except OSError:
        return
    for entry in entries:
        found = _NAME.fullmatch(entry.name)
        if found and not _may_be_in_use(found[1], int(found[2]), found[3], entry):
            # Windows refuses while a process has the file open, which is as good a test as any.
            try:
                entry.unlink(missing_ok=True)
            except OSError:
                continue


def _may_be_in_use(host: str, process: int, token: str, path: Path) -> bool:
    if host != _HOST:  # another machine on a shared disk: no file takes a day to write
        try:
            return time.time() - path.stat().st_mtime < 86400
        except OSError:
            return True
    if process == os.getpid():
        return token == _TOKEN
    if os.name == "nt":
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _unwritable(path: Path, error: OSError) -> UnwritableOutput:
    kind = OutputFailure if error.errno in _LASTING else UnwritableOutput
    return kind(
        f"{path}: can't be written ({error.strerror or error}); "
        "choose another output folder or free some space"
    )
