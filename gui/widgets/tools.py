"""What the pointer does to the picture: paint and erase a mask, set and drag colour points."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QCursor, QPainter, QPen, QPolygonF

from restore.gui.engine.messages import Box
from restore.gui.model.commands import new_gesture
from restore.gui.model.edits import Hint
from restore.gui.texts import translate

if TYPE_CHECKING:
    from restore.gui.model.edits import Mask
    from restore.gui.widgets.picture_view import PictureView

BLOCK = 256
"""Side of the parts of a mask that are kept while it is painted on."""
Point = tuple[float, float]
"""x, y in pixels of the picture."""


class Tool:
    """A tool; positions are in the picture, what it paints is in pixels of the pane."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, canvas: PictureView) -> None:
        self.canvas = canvas

    def press(self, at: Point, modifiers: Qt.KeyboardModifier) -> None: ...
    def move(self, at: Point) -> None: ...
    def release(self, at: Point) -> None: ...
    def paint(self, painter: QPainter, pointer: QPointF | None) -> None: ...


class Brush(Tool):
    """Paints with a round brush; `value` 0 makes it the eraser."""

    cursor = Qt.CursorShape.BlankCursor

    def __init__(self, canvas: PictureView, value: int) -> None:
        super().__init__(canvas)
        self.value = value
        self.path: Path | None = None
        """The picture that a stroke is on: another one may be chosen in the middle of it."""
        self.fresh = False
        self.kept: dict[tuple[int, int], Mask] = {}
        """The blocks of the mask that were painted on, as they were before."""
        self.painted: Box | None = None
        self.last: Point = (0.0, 0.0)

    def press(self, at: Point, modifiers: Qt.KeyboardModifier) -> None:
        workspace = self.canvas.workspace
        edits = workspace.edits
        self.fresh = edits.mask is None
        if edits.mask is None:
            edits.mask = np.zeros(workspace.size, np.uint8)
        self.path, self.kept, self.painted = workspace.current, {}, None
        self.last = at
        self.move(at)

    def move(self, at: Point) -> None:
        mask = self.canvas.workspace.edits.mask
        if self.path is None or self.path != self.canvas.workspace.current or mask is None:
            return
        radius = self.canvas.view.brush / 2
        ends = [(round(x), round(y)) for x, y in (self.last, at)]
        xs, ys = [x for x, _ in ends], [y for _, y in ends]
        reach = int(radius) + 3
        box = _clipped(
            (min(ys) - reach, max(ys) + reach, min(xs) - reach, max(xs) + reach), mask.shape
        )
        self._keep(mask, box)
        cv2.line(mask, ends[0], ends[1], self.value, max(round(2 * radius), 1))
        self.painted = box if self.painted is None else _union(self.painted, box)
        self.last = at
        self.canvas.mask_touched(box)

    def release(self, at: Point) -> None:
        workspace = self.canvas.workspace
        path, self.path, box = self.path, None, self.painted
        mask = None if path is None else workspace.edits_of(path).mask
        if mask is None or box is None:
            return
        box = _clipped(tuple(BLOCK * edge for edge in _blocks(box)), mask.shape)
        part = slice(box[0], box[1]), slice(box[2], box[3])
        before = None if self.fresh else mask[part].copy()
        if before is not None:
            for (row, column), block in self.kept.items():
                top, left = row * BLOCK - box[0], column * BLOCK - box[2]
                before[top : top + BLOCK, left : left + BLOCK] = block
        self.kept = {}
        text = translate("Canvas", "Paint") if self.value else translate("Canvas", "Erase")
        workspace.edit_mask(box, mask[part], text, before=before, path=path)

    def _keep(self, mask: Mask, box: Box) -> None:
        """Take down what is about to be painted over; all of the mask would take too long."""
        top, bottom, left, right = _blocks(box)
        for row in range(top, bottom):
            for column in range(left, right):
                if (row, column) not in self.kept:
                    part = tuple(slice(at * BLOCK, (at + 1) * BLOCK) for at in (row, column))
                    self.kept[row, column] = mask[part].copy()

    def paint(self, painter: QPainter, pointer: QPointF | None) -> None:
        if pointer is None:
            return
        radius = max(self.canvas.view.brush * self.canvas.view.scale / 2, 1.5)
        for colour, width in ((QColor(0, 0, 0, 160), 3.0), (QColor(255, 255, 255), 1.2)):
            painter.setPen(QPen(colour, width))
            painter.drawEllipse(pointer, radius, radius)
        if not self.value:
            painter.drawLine(pointer - QPointF(4, 0), pointer + QPointF(4, 0))


class Outline(Tool):
    """Marks all that a box or a lasso encloses; with Alt held it is taken out instead."""

    def __init__(self, canvas: PictureView, lasso: bool) -> None:
        super().__init__(canvas)
        self.lasso = lasso
        self.points: list[Point] = []
        self.path: Path | None = None
        self.value = 255

    def press(self, at: Point, modifiers: Qt.KeyboardModifier) -> None:
        self.value = 0 if modifiers & Qt.KeyboardModifier.AltModifier else 255
        self.points, self.path = [at], self.canvas.workspace.current

    def move(self, at: Point) -> None:
        if self.points:
            self.points = [*self.points, at] if self.lasso else [self.points[0], at]
            self.canvas.update()

    def release(self, at: Point) -> None:
        corners = self._corners()
        self.points = []
        self.canvas.update()
        height, width = self.canvas.workspace.size
        if len(corners) < 3 or not height or self.path != self.canvas.workspace.current:
            return
        polygon = np.rint(np.array(corners)).astype(np.int32)
        (left, top), (right, bottom) = polygon.min(0), polygon.max(0)
        box = _clipped((int(top), int(bottom) + 1, int(left), int(right) + 1), (height, width))
        top, bottom, left, right = box
        if bottom <= top or right <= left:
            return
        mask = self.canvas.workspace.edits.mask
        part = (
            np.zeros((bottom - top, right - left), np.uint8)
            if mask is None
            else mask[top:bottom, left:right].copy()
        )
        cv2.fillPoly(part, [polygon - np.array([left, top], np.int32)], self.value)
        text = (
            translate("Canvas", "Mark an area")
            if self.value
            else translate("Canvas", "Clear an area")
        )
        self.canvas.workspace.edit_mask(box, part, text)

    def paint(self, painter: QPainter, pointer: QPointF | None) -> None:
        outline = QPolygonF([QPointF(*self.canvas.view.to_pane(*at)) for at in self._corners()])
        for colour, style in (
            (QColor(0, 0, 0, 200), Qt.PenStyle.SolidLine),
            (QColor(255, 255, 255), Qt.PenStyle.DashLine),
        ):
            painter.setPen(QPen(colour, 1.5, style))
            painter.drawPolygon(outline)

    def _corners(self) -> list[Point]:
        if self.lasso or len(self.points) < 2:
            return self.points
        (x0, y0), (x1, y1) = self.points
        return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]


class Points(Tool):
    """Sets colour points by a click, drags them, and picks the one to be recoloured."""

    RADIUS = 9.0

    def __init__(self, canvas: PictureView) -> None:
        super().__init__(canvas)
        self.dragged: int | None = None
        self.path: Path | None = None
        self.gesture = ""

    def press(self, at: Point, modifiers: Qt.KeyboardModifier) -> None:
        workspace, canvas = self.canvas.workspace, self.canvas
        height, width = workspace.size
        hints = workspace.edits.hints
        self.gesture = new_gesture()
        self.path = workspace.current
        self.dragged = self._near(at)
        if self.dragged is not None:
            if modifiers & Qt.KeyboardModifier.AltModifier:
                canvas.remove_hint(self.dragged)
                self.dragged = None
            else:
                canvas.select_hint(self.dragged)
            return
        x, y = int(at[0]), int(at[1])
        if 0 <= x < width and 0 <= y < height:
            new: Hint = (x, y, canvas.colour_at(x, y))
            workspace.edit_hints((*hints, new), translate("Canvas", "Set a colour"))
            self.dragged = len(hints)
            canvas.select_hint(self.dragged)

    def move(self, at: Point) -> None:
        workspace = self.canvas.workspace
        height, width = workspace.size
        hints = list(workspace.edits.hints)
        if self.dragged is None or self.dragged >= len(hints) or self.path != workspace.current:
            return
        x, y = min(max(int(at[0]), 0), width - 1), min(max(int(at[1]), 0), height - 1)
        hints[self.dragged] = (x, y, hints[self.dragged][2])
        workspace.edit_hints(tuple(hints), translate("Canvas", "Move a colour"), self.gesture)

    def release(self, at: Point) -> None:
        self.dragged = None

    def _near(self, at: Point) -> int | None:
        reach = 1.4 * self.RADIUS * self.canvas.devicePixelRatioF() / self.canvas.view.scale
        distances = [
            (abs(complex(x + 0.5 - at[0], y + 0.5 - at[1])), index)
            for index, (x, y, _) in enumerate(self.canvas.workspace.edits.hints)
        ]
        nearest = min(distances, default=(float("inf"), -1))
        return nearest[1] if nearest[0] <= reach else None


def paint_hints(
    painter: QPainter, canvas: PictureView, hints: tuple[Hint, ...], selected: int | None
) -> None:
    ratio = canvas.devicePixelRatioF()
    for index, (x, y, colour) in enumerate(hints):
        middle = QPointF(*canvas.view.to_pane(x + 0.5, y + 0.5))
        radius = Points.RADIUS * ratio
        painter.setPen(QPen(QColor(0, 0, 0, 140), 4 * ratio))
        painter.setBrush(QColor(*colour))
        painter.drawEllipse(middle, radius, radius)
        painter.setPen(QPen(QColor(255, 255, 255), (3 if index == selected else 1.5) * ratio))
        painter.drawEllipse(middle, radius, radius)
        if index == selected:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(canvas.palette().highlight().color(), 2 * ratio))
            painter.drawEllipse(middle, radius + 4 * ratio, radius + 4 * ratio)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def cursor_of(tool: Tool | None) -> QCursor:
    return QCursor(Qt.CursorShape.OpenHandCursor if tool is None else tool.cursor)


def _clipped(box: tuple[int, ...], size: tuple[int, ...]) -> Box:
    top, bottom, left, right = box
    height, width = size[:2]
    return (
        min(max(top, 0), height),
        min(max(bottom, 0), height),
        min(max(left, 0), width),
        min(max(right, 0), width),
    )


def _blocks(box: Box) -> Box:
    """The rows and columns of blocks that a box of pixels touches."""
    top, bottom, left, right = box
    return top // BLOCK, -(-bottom // BLOCK), left // BLOCK, -(-right // BLOCK)


def _union(a: Box, b: Box) -> Box:
    return min(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), max(a[3], b[3])
