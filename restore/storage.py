"""Where files are: on disks, or wherever fsspec reaches (`s3://`, `gs://` and others).

A remote place is a `UPath` of universal-pathlib, which has the methods of `Path` that are used here
and goes by that type throughout. This module has what is different there: an object store has no
folders to be made, no links, and nothing that could be appended to or given another name in place.
"""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Callable, Hashable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any, cast
from urllib.parse import urlsplit
from urllib.request import url2pathname

from restore.errors import MissingExtra

_URL = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)


def location(text: str | Path) -> Path:
    """The path of a file or folder as it is typed, an URL perhaps; `file://` is a local one.

    Raises:
        MissingExtra: what that needs is not installed.
    """
    if not (isinstance(text, str) and _URL.match(text)):
        return Path(text) if isinstance(text, str) else text
    if text.lower().startswith("file://"):
        return Path(url2pathname(urlsplit(text).path))
    try:
        from upath import UPath

        place = UPath(text.rstrip("/"))
        _ = place.fs  # imports what speaks this protocol
    except (ImportError, ValueError) as error:
        raise MissingExtra(
            f'{text}: this needs another package ({error}): pip install "restore-studio[cloud]", '
            "gcsfs for gs://, adlfs for abfs://"
        ) from error
    return cast(Path, place)


def is_remote(path: Path) -> bool:
    return not isinstance(path, Path)


def relative(path: Path, folder: Path) -> PurePosixPath:
    """Where a path is below a folder of the same storage, however the two are written."""
    if is_remote(path):
        return PurePosixPath(_key(path)).relative_to(_key(folder))
    return PurePosixPath(absolute(path).relative_to(absolute(folder)).as_posix())


def absolute(path: Path) -> Path:
    """The whole path; links are not followed, nor was their place."""
    return path if is_remote(path) else Path(os.path.abspath(path))  # noqa: PTH100


def same(path: Path) -> Hashable:
    """What to compare a path by: the file or folder that is there, however its name is written.

    Many disks tell neither cases nor ways of writing accents apart, and two names may be of one
    file. Of what is not there yet the nearest folder that is counts, and the names below it.
    """
    if is_remote(path):
        return str(path)
    whole = Path(os.path.realpath(path))
    for there in (whole, *whole.parents):
        try:
            status = there.stat()
        except OSError:
            continue
        if status.st_ino == 0:  # a disk that does not number its files
            break
        below = os.path.normcase(whole.relative_to(there))
        return status.st_dev, status.st_ino, below
    return os.path.normcase(whole)


def is_there(path: Path) -> bool:
    """Whether anything has that name, be it a link to nowhere."""
    return path.exists() if is_remote(path) else os.path.lexists(path)


def matches(pattern: Path) -> list[Path]:
    """What fits a pattern that no shell has expanded, `**` for any number of folders."""
    if is_remote(pattern):
        files = _files(pattern)
        found = files.glob(_key(pattern))
        return sorted((location(files.unstrip_protocol(key)) for key in found), key=str)
    return [Path(name) for name in sorted(glob.glob(str(pattern), recursive=True))]


def walk(
    folder: Path, on_error: Callable[[OSError], None]
) -> Iterator[tuple[Path, list[str], list[str]]]:
    """As `os.walk`: each folder, the names of folders in it, to be pruned in place, of files."""
    if not is_remote(folder):
        for parent, folders, names in os.walk(folder, onerror=on_error, followlinks=False):
            yield Path(parent), folders, names
        return
    for parent, folders, names in _files(folder).walk(_key(folder), on_error=on_error):
        below = PurePosixPath(parent).relative_to(_key(folder))
        yield folder.joinpath(*below.parts), folders, names


def move(path: Path, target: Path) -> None:
    """Give a file another name; what had it is gone in the same moment, on object stores too: the
    copy, made where the objects are, becomes visible as a whole."""
    if is_remote(path):
        files = _files(path)
        files.invalidate_cache(_key(path.parent))  # another process may have written it
        try:
            files.cp_file(_key(path), _key(target))
        except NotImplementedError:  # no store of objects: a server with names that can be changed
            files.mv(_key(path), _key(target))
        else:
            files.rm_file(_key(path))
    else:
        path.replace(target)


def _files(path: Path) -> Any:
    """The fsspec file system of a remote path."""
    return cast(Any, path).fs


def _key(path: Path) -> str:
    """What a remote path is called in its file system."""
    return str(cast(Any, path).path).rstrip("/")
