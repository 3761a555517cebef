"""Hints in JSON files: [[x, y, [r, g, b]], ...] for one picture, or, for many, an object of file
names, or of places like "attic/a.jpg", to such lists. A colour may also be written as "#rrggbb"."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from restore.tasks.options import Hint, check_hints
from restore.texts import read_text

_HEX = re.compile(r"#([0-9a-fA-F]{2})([0-9a-fA-F]{2})([0-9a-fA-F]{2})")


def read_hints(path: Path) -> tuple[Hint, ...] | dict[str, tuple[Hint, ...]]:
    """The hints for one picture, or by file name for many.

    Raises:
        ValueError: the file can't be read or holds something else; the message says where.
    """
    try:
        content = json.loads(read_text(path))
    except OSError as error:
        raise ValueError(f"{path}: can't be read ({error.strerror})") from error
    except ValueError as error:
        raise ValueError(f"{path}: not JSON ({error})") from error
    if isinstance(content, list):
        return _hints(content, str(path))
    if isinstance(content, dict):
        return {name: _hints(entry, f"{path}: {name!r}") for name, entry in content.items()}
    raise ValueError(
        f"{path}: give a list [[x, y, [r, g, b]], ...], or an object of file names to such lists"
    )


def _hints(entries: Any, where: str) -> tuple[Hint, ...]:
    if not isinstance(entries, list):
        raise ValueError(f"{where}: give a list [[x, y, [r, g, b]], ...]")
    hints = tuple(_hint(entry) for entry in entries)
    try:
        check_hints(hints)
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from None
    return hints


def _hint(entry: Any) -> Any:
    """The entry as a `Hint` where it can be one."""
    if not isinstance(entry, list) or len(entry) != 3:
        return entry
    x, y, colour = entry
    if isinstance(colour, str) and (match := _HEX.fullmatch(colour)):
        colour = [int(part, 16) for part in match.groups()]
    return (x, y, tuple(colour) if isinstance(colour, list) else colour)
