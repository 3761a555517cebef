"""What the user drew on one picture: a mask and colour points."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.uint8]
"""(H, W): 255 where the mark is, 0 where nothing may change; no other values."""
Hint = tuple[int, int, tuple[int, int, int]]
"""x, y in pixels of the picture, and a colour in 8-bit sRGB."""

_revisions = count(1)


@dataclass
class Edits:
    mask: Mask | None = None
    """None: the mark is found automatically."""
    hints: tuple[Hint, ...] = ()
    revision: int = 0
    """Another one after each change of the mask."""

    def touch(self) -> None:
        self.revision = next(_revisions)

    @property
    def empty(self) -> bool:
        return self.mask is None and not self.hints
