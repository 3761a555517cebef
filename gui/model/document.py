"""The picture on the canvas: the file, what the steps make of it, and what they see in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from restore.gui.engine.messages import Box
from restore.gui.model.pyramid import Pixels, Pyramid


@dataclass
class Document:
    path: Path
    source: Pyramid
    kind: str
    """For the status line: format and depth."""
    icc: bytes | None = None
    note: str = ""
    """Of the file."""
    said: str = ""
    """What the steps have to say of it."""
    base: Pyramid | None = None
    """What the last step was given; None: the file itself."""
    raw: Pyramid | None = None
    """What the last step makes of it, most at full strength; the source where it isn't known yet.
    """
    known: list[Box] = field(default_factory=list)
    """Where `raw` is what `key` says; elsewhere it is an older result, or the source."""
    key: tuple[Any, ...] = ()
    """What `raw` was computed for."""
    facts: dict[str, Any] = field(default_factory=dict)
    uncertainty: Pyramid | None = None
    version: int = 0
    """Another one after each change of pixels."""

    @property
    def size(self) -> tuple[int, int]:
        return self.source.size

    @property
    def box(self) -> Box:
        return 0, self.size[0], 0, self.size[1]

    @property
    def complete(self) -> bool:
        return self.box in self.known

    def knows(self, box: Box) -> bool:
        return any(
            top <= box[0] and box[1] <= bottom and left <= box[2] and box[3] <= right
            for top, bottom, left, right in self.known
        )

    def set_raw(self, raw: Pyramid | None, key: tuple[Any, ...], box: Box | None = None) -> None:
        """A result, or one that is new in a part of it only."""
        if key != self.key or raw is None:
            self.known = []
        self.raw, self.key = raw, key
        if raw is not None:
            self.known.append(box or self.box)
        self.version += 1


def with_part(source: Pyramid, part: Pixels, box: Box) -> Pyramid:
    """A copy of the source with a part in place. Not for the thread of the window."""
    copy = Pyramid.__new__(Pyramid)
    copy.levels = [_as_channels(level, part.shape[2]) for level in source.levels]
    copy.paste(part, box)
    return copy


def _as_channels(level: Pixels, channels: int) -> Pixels:
    return np.ascontiguousarray(level[..., :channels]).copy()
