"""The picture under the pointer: panned, zoomed, divided, drawn on."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QEnterEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from restore.gui.model.view import ViewState
from restore.gui.model.workspace import Workspace
from restore.gui.style import Theme
from restore.gui.widgets.decoration import HANDLE
from restore.gui.widgets.picture_view import PictureView
from restore.gui.widgets.tools import Brush, Outline, Points, Tool, cursor_of

DIVIDER_REACH = 8
ZOOM_STEP = 1.2


class Canvas(PictureView):
    """Hands strokes to the tools, all other gestures to the `ViewState`."""

    open_wanted = Signal()

    def __init__(
        self, workspace: Workspace, view: ViewState, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(workspace, view, theme, parent)
        self._pointer: QPointF | None = None
        self._grip = ""
        self._button = Qt.MouseButton.NoButton
        """The one that the grip began with."""
        self._stroke: Tool | None = None
        """What draws, from a press to its release: another tool may be chosen meanwhile."""
        self._last = QPointF()
        self._space = False
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.tools: dict[str, Tool | None] = {
            "hand": None,
            "brush": Brush(self, 255),
            "eraser": Brush(self, 0),
            "box": Outline(self, lasso=False),
            "lasso": Outline(self, lasso=True),
            "point": Points(self),
        }
        view.tool_changed.connect(self._show_cursor)
        self._show_cursor()

    def paint_tool(self, painter: QPainter) -> None:
        tool = self._stroke or self.tools[self.view.tool]
        if tool is not None and not self._space:
            tool.paint(painter, None if self._pointer is None else self._in_pane(self._pointer))

    def _on_divider(self, place: QPointF) -> bool:
        if self.document is None or self.view.mode != "split" or self.view.original:
            return False
        ratio = self.devicePixelRatioF()
        off = QPointF(place.x() - self.divider_x / ratio, place.y() - self.height() / 2)
        if self.tools[self.view.tool] is not None:  # else strokes could not begin beside it
            return math.hypot(off.x(), off.y()) <= HANDLE
        return abs(off.x()) <= DIVIDER_REACH

    @property
    def _drawable(self) -> bool:
        """Whether strokes are for the picture that is seen: while the next one is being read, that
        is still the one before."""
        return self.document is not None and self.document.path == self.workspace.current

    # Pointer and keys

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self._grip:
            return
        self._last, self._button = event.position(), event.button()
        if self.document is None:
            if event.button() == Qt.MouseButton.LeftButton and not self.problem:
                self.open_wanted.emit()
            return
        left = event.button() == Qt.MouseButton.LeftButton
        tool = self.tools[self.view.tool]
        if left and self._on_divider(event.position()) and not self._space:
            self._grip = "divider"
        elif event.button() == Qt.MouseButton.MiddleButton or (left and (self._space or not tool)):
            self._grip = "pan"
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif left and tool is not None and self._drawable:
            self._grip, self._stroke = "tool", tool
            tool.press(self.in_picture(event.position()), event.modifiers())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self._pointer = event.position()
        if self._grip == "divider":
            self.view.set_divider(event.position().x() / max(self.width(), 1))
        elif self._grip == "pan":
            moved = (event.position() - self._last) * self.devicePixelRatioF()
            self._last = event.position()
            self.view.pan(moved.x(), moved.y())
        elif self._stroke is not None:
            self._stroke.move(self.in_picture(event.position()))
        else:
            self._show_cursor()
        if self.tools[self.view.tool] is not None:
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.button() != self._button:
            return
        stroke, self._stroke, self._grip = self._stroke, None, ""
        if stroke is not None:
            stroke.release(self.in_picture(event.position()))
        self._show_cursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self.document is None:
            return
        if self.tools[self.view.tool] is not None:
            self.mousePressEvent(event)  # of a quick second stroke
            return
        at = self._in_pane(event.position())
        if self.view.fitted:
            self.view.zoom_to(1.0, (at.x(), at.y()))
        else:
            self.view.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        if self.document is None:
            return
        at = self._in_pane(event.position())
        pixels = event.pixelDelta()
        if not pixels.isNull() and event.modifiers() == Qt.KeyboardModifier.ShiftModifier:
            self.view.pan(pixels.x(), pixels.y())
        else:
            steps = (event.angleDelta().y() or event.angleDelta().x()) / 120
            self.view.zoom_to(self.view.scale * ZOOM_STEP**steps, (at.x(), at.y()))
        event.accept()

    def event(self, event: QEvent) -> bool:
        if (
            isinstance(event, QNativeGestureEvent)
            and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture
            and self.document is not None
        ):
            at = self._in_pane(event.position())
            self.view.zoom_to(self.view.scale * (1 + event.value()), (at.x(), at.y()))
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        step = 40 * self.devicePixelRatioF()
        moves = {
            Qt.Key.Key_Left: (step, 0),
            Qt.Key.Key_Right: (-step, 0),
            Qt.Key.Key_Up: (0, step),
            Qt.Key.Key_Down: (0, -step),
        }
        if event.key() == Qt.Key.Key_Space:
            self._space = True
            self._show_cursor()
        elif event.key() in moves:
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and self.view.mode == "split":
                dx = moves[Qt.Key(event.key())][0]
                self.view.set_divider(self.view.divider - dx / step * 0.02)
            else:
                self.view.pan(*moves[Qt.Key(event.key())])
        elif (
            event.key() in {Qt.Key.Key_Delete, Qt.Key.Key_Backspace}
            and self.selected_hint is not None
            and self._drawable
        ):
            self.remove_hint(self.selected_hint)
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space = False
            self._show_cursor()
        else:
            super().keyReleaseEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        self._space = False  # it is let go of elsewhere
        self._show_cursor()
        super().focusOutEvent(event)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        self._pointer = None
        self.update()

    def enterEvent(self, event: QEnterEvent) -> None:  # noqa: N802
        self._pointer = event.position()

    def _show_cursor(self) -> None:
        if self._pointer is not None and self._on_divider(self._pointer) and not self._grip:
            self.setCursor(Qt.CursorShape.SplitHCursor)
        elif self.document is None:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        elif not self._grip:
            self.setCursor(cursor_of(None if self._space else self.tools[self.view.tool]))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        event.ignore()
