"""Texts that people write: recipes, hints. Windows saves them in several ways."""

from __future__ import annotations

import codecs
from pathlib import Path

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""What a file may begin with to say how it is coded."""


def read_text(path: Path) -> str:
    """The text of a file: UTF-8, or what the mark at its start says.

    Raises:
        OSError: it can't be read.
        UnicodeDecodeError: it is no text of that kind.
    """
    data = path.read_bytes()
    coding = next((name for mark, name in _MARKS.items() if data.startswith(mark)), "utf-8")
    return data.decode(coding)
