"""Edits that can be undone."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PySide6.QtGui import QUndoCommand

from restore.gui.engine.messages import Box
from restore.gui.model.edits import Hint, Mask
from restore.gui.model.recipe import Recipe

if TYPE_CHECKING:
    from restore.gui.model.workspace import Workspace

_RECIPE, _HINTS = 1, 2


class SetRecipe(QUndoCommand):
    """Another recipe. Edits with the same `gesture`, of one slider say, become one."""

    def __init__(self, workspace: Workspace, recipe: Recipe, text: str, gesture: str) -> None:
        super().__init__(text)
        self.workspace, self.gesture = workspace, gesture
        self.before, self.after = workspace.recipe, recipe

    def id(self) -> int:
        return _RECIPE if self.gesture else -1

    def mergeWith(self, other: QUndoCommand) -> bool:  # noqa: N802
        if not isinstance(other, SetRecipe) or other.gesture != self.gesture:
            return False
        self.after = other.after
        return True

    def redo(self) -> None:
        self.workspace.put_recipe(self.after)

    def undo(self) -> None:
        self.workspace.put_recipe(self.before)


class SetHints(QUndoCommand):
    """Other colour points on a picture; those of one drag become one edit."""

    def __init__(
        self, workspace: Workspace, path: Path, hints: tuple[Hint, ...], text: str, gesture: str
    ) -> None:
        super().__init__(text)
        self.workspace, self.path, self.gesture = workspace, path, gesture
        self.before, self.after = workspace.edits_of(path).hints, hints

    def id(self) -> int:
        return _HINTS if self.gesture else -1

    def mergeWith(self, other: QUndoCommand) -> bool:  # noqa: N802
        if (
            not isinstance(other, SetHints)
            or other.gesture != self.gesture
            or other.path != self.path
        ):
            return False
        self.after = other.after
        return True

    def redo(self) -> None:
        self.workspace.put_hints(self.path, self.after)

    def undo(self) -> None:
        self.workspace.put_hints(self.path, self.before)


class PatchMask(QUndoCommand):
    """A part of a mask that was painted over; compressed, for masks are as large as pictures."""

    def __init__(
        self, workspace: Workspace, path: Path, box: Box, before: Mask | None, after: Mask | None,
        text: str,
    ) -> None:  # fmt: skip
        """
        Args:
            box: the part of the mask that differs.
            before: that part as it was; None if there was no mask.
            after: that part as it is to be; None if there is to be no mask.
        """
        super().__init__(text)
        self.workspace, self.path, self.box = workspace, path, box
        self.before, self.after = _pack(before), _pack(after)

    def redo(self) -> None:
        self.workspace.put_mask(self.path, self.box, self._unpack(self.after))

    def undo(self) -> None:
        self.workspace.put_mask(self.path, self.box, self._unpack(self.before))

    def _unpack(self, data: _Packed | None) -> Mask | None:
        if data is None:
            return None
        top, bottom, left, right = self.box
        part = np.zeros((bottom - top, right - left), np.uint8)
        first, last, start, stop, packed = data
        marked = np.frombuffer(zlib.decompress(packed), np.uint8)
        part[first:last, start:stop] = marked.reshape(last - first, stop - start)
        return part


_Packed = tuple[int, int, int, int, bytes]
"""Top, bottom, left and right of what is marked at all, and that, compressed."""


def _pack(part: Mask | None) -> _Packed | None:
    if part is None:
        return None
    left, top, width, height = cv2.boundingRect(part)
    marked = np.ascontiguousarray(part[top : top + height, left : left + width])
    return top, top + height, left, left + width, zlib.compress(marked.tobytes(), 1)
