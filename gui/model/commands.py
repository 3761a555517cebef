"""Edits that can be undone."""

from __future__ import annotations

import zlib
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtGui import QUndoCommand

from restore.gui.engine.messages import Box
from restore.gui.model.edits import Hint, Mask
from restore.gui.model.recipe import RecipeForm

if TYPE_CHECKING:
    from restore.gui.model.workspace import Workspace

_RECIPE, _HINTS = 1, 2
_gestures = count(1)


def new_gesture() -> str:
    """What edits of one gesture have in common, and no others."""
    return f"gesture {next(_gestures)}"


class SetRecipe(QUndoCommand):
    """Another recipe. Edits with the same `gesture`, of one slider say, become one."""

    def __init__(self, workspace: Workspace, recipe: RecipeForm, text: str, gesture: str) -> None:
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


class _OnPicture(QUndoCommand):
    """An edit of what is drawn on one picture, which is shown when the edit is undone or redone."""

    def __init__(self, workspace: Workspace, path: Path, text: str) -> None:
        super().__init__(text)
        self.workspace, self.path = workspace, path
        self._done = False

    def redo(self) -> None:
        if self._done:  # not at first, when the user may have gone on to the next picture already
            self.workspace.show_again(self.path)
        self._done = True

    def undo(self) -> None:
        self.workspace.show_again(self.path)


class SetHints(_OnPicture):
    """Other colour points on a picture; those of one drag become one edit."""

    def __init__(
        self, workspace: Workspace, path: Path, hints: tuple[Hint, ...], text: str, gesture: str
    ) -> None:
        super().__init__(workspace, path, text)
        self.gesture = gesture
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
        super().redo()
        self.workspace.put_hints(self.path, self.after)

    def undo(self) -> None:
        super().undo()
        self.workspace.put_hints(self.path, self.before)


class PatchMask(_OnPicture):
    """A part of a mask that was painted over; as bits, for masks are as large as pictures."""

    def __init__(
        self, workspace: Workspace, path: Path, size: tuple[int, int], box: Box,
        before: Mask | None, after: Mask | None, text: str,
    ) -> None:  # fmt: skip
        """
        Args:
            size: height and width of the whole mask.
            box: the part of the mask that differs.
            before: that part as it was; None if there was no mask.
            after: that part as it is to be; None if there is to be no mask.
        """
        super().__init__(workspace, path, text)
        self.size, self.box = size, box
        self.before, self.after = _pack(before), _pack(after)
        self._first = after

    def redo(self) -> None:
        super().redo()
        part = _unpack(self.after) if self._first is None else self._first
        self._first = None
        self.workspace.put_mask(self.path, self.size, self.box, part)

    def undo(self) -> None:
        super().undo()
        self.workspace.put_mask(self.path, self.size, self.box, _unpack(self.before))


_Packed = tuple[int, int, bytes]
"""Height and width of a part, and its pixels as bits, compressed."""


def _pack(part: Mask | None) -> _Packed | None:
    if part is None:
        return None
    height, width = part.shape
    return height, width, zlib.compress(np.packbits(part, axis=1).tobytes(), 1)


def _unpack(packed: _Packed | None) -> Mask | None:
    if packed is None:
        return None
    height, width, data = packed
    bits = np.frombuffer(zlib.decompress(data), np.uint8).reshape(height, -1)
    mask: Mask = np.unpackbits(bits, axis=1, count=width)
    mask *= 255
    return mask
