"""From files to what the canvas draws. Slow: not for the thread of the window."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from restore.gui.engine.messages import Pixels
from restore.gui.model.document import Document, with_part
from restore.gui.model.pyramid import Pyramid, display_pixels
from restore.picture import read_picture


def modified(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def read(path: Path) -> Document:
    picture = read_picture(path)
    bits = 16 if picture.array.dtype == np.uint16 else 8
    kind = f"{picture.format.upper()}, {bits} bit"
    pyramid = Pyramid(display_pixels(picture.array))
    return Document(path, pyramid, kind, picture.metadata.icc, picture.note)


def _load_array(reply: Pixels) -> Any:
    array = np.load(reply.file)
    reply.file.unlink(missing_ok=True)
    return array


def received(reply: Pixels, source: Pyramid) -> Pyramid:
    array = _load_array(reply)
    if reply.what == "detect":
        return Pyramid(np.where(array > 127, np.uint8(255), np.uint8(0)))
    if reply.what == "uncertainty":
        return Pyramid(array)
    pixels = display_pixels(array)
    return with_part(source, pixels, reply.box) if reply.what == "window" else Pyramid(pixels)


def pasted(raw: Pyramid, reply: Pixels) -> Pyramid:
    raw.paste(display_pixels(_load_array(reply)), reply.box)
    return raw
