"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from restore.errors import UnwritableOutput


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file by way of a temporary one beside it, so that no reader ever sees a part.

    Raises:
        UnwritableOutput: the folder can't be made or written to, or the disk is full.
    """
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".restore-", suffix=".part", dir=path.parent)
        temporary = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if os.name == "posix":  # mkstemp makes private files; give the rights of ordinary ones
            umask = os.umask(0)
            os.umask(umask)
            temporary.chmod(0o666 & ~umask)
        temporary.replace(path)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        reason = error.strerror or str(error)
        raise UnwritableOutput(
            f"{path}: can't be written ({reason}); choose another output folder or free some space"
        ) from error
