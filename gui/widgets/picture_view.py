"""The picture as it is seen: before and after, with what is drawn on it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPoint, QPointF, QRect, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from restore.gui.engine.messages import Box
from restore.gui.model.document import Document
from restore.gui.model.pyramid import Pyramid
from restore.gui.model.view import TASK_OF_TOOL, ViewState
from restore.gui.model.workspace import Workspace
from restore.gui.style import Theme
from restore.gui.texts import translate
from restore.gui.widgets import decoration, render
from restore.gui.widgets.tools import paint_hints


class PictureView(QWidget):
    """Draws from a `Document` by a `ViewState`. Only what is seen is ever computed."""

    colour_wanted = Signal(int)
    """A colour point was picked, to be given a colour: its index, or -1."""

    def __init__(
        self, workspace: Workspace, view: ViewState, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.workspace, self.view, self.theme = workspace, view, theme
        self.document: Document | None = None
        self.strength = 1.0
        self.selected_hint: int | None = None
        self.pending = False
        """Whether what is shown as the result is not all computed yet."""
        self.problem = ""
        """Why there is no picture to show, if it is not that none is open."""
        self._inviting = False
        self.names = (translate("Canvas", "Before"), translate("Canvas", "After"))
        """What the halves are called."""
        self._mask: Pyramid | None = None
        self._cache: dict[str, tuple[Any, int, int, QImage | None]] = {}
        self._color_space: Any = None
        self.setMinimumSize(320, 240)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(translate("Canvas", "Picture"))
        view.changed.connect(self.update)
        workspace.mask_changed.connect(self._mask_changed)
        workspace.hints_changed.connect(self._hints_changed)

    # What is shown

    def show_document(self, document: Document | None) -> None:
        self.problem = ""
        if document is not self.document:
            self.document = document
            self.selected_hint = None
            self._color_space = render.colour_space(document.icc if document else None)
            self._rebuild_mask()
        self._cache.clear()
        self.update()

    def show_strength(self, strength: float) -> None:
        self.strength = strength
        self.update()

    def show_pending(self, pending: bool) -> None:
        self.pending = pending
        self.update()

    def show_problem(self, text: str) -> None:
        self.problem = text
        self.update()

    def invite(self, inviting: bool) -> None:
        """Show that files which are dragged over the window may be dropped, or no longer."""
        self._inviting = inviting
        self.update()

    def colour_at(self, x: int, y: int) -> tuple[int, int, int]:
        """The colour of the result there, in 8-bit sRGB."""
        if self.document is None:
            return 128, 128, 128
        pixels = (self.document.raw or self.document.source).levels[0]
        red, green, blue = (int(value) for value in pixels[y, x][:3])
        return red, green, blue

    def select_hint(self, index: int | None) -> None:
        self.selected_hint = index
        self.colour_wanted.emit(-1 if index is None else index)
        self.update()

    def remove_hint(self, index: int) -> None:
        hints = self.workspace.edits.hints
        if 0 <= index < len(hints):
            self.workspace.edit_hints(
                hints[:index] + hints[index + 1 :], translate("Canvas", "Remove a colour")
            )
            self.select_hint(None)

    def mask_touched(self, box: Box) -> None:
        """The mask was painted on: show it, before it becomes an edit."""
        mask = self.workspace.edits.mask
        if mask is None:
            self._mask = None
        elif self._mask is None or self._mask.levels[0] is not mask:
            self._mask = Pyramid.of_mask(mask)
        else:
            self._mask.refresh(box)
        self._cache.pop("mask", None)
        self.update()

    def _rebuild_mask(self) -> None:
        mask = self.workspace.edits.mask
        self._mask = None if mask is None else Pyramid.of_mask(mask)
        self._cache.pop("mask", None)

    def _mask_changed(self, path: object, box: Box) -> None:
        if path == self.workspace.current:
            self.mask_touched(box)

    def _hints_changed(self, path: object) -> None:
        if path == self.workspace.current:
            if self.selected_hint is not None and self.selected_hint >= len(
                self.workspace.edits.hints
            ):
                self.select_hint(None)
            self.update()

    # Geometry, in pixels of the screen

    @property
    def panes(self) -> list[QRect]:
        ratio = self.devicePixelRatioF()
        width, height = round(self.width() * ratio), round(self.height() * ratio)
        if self.view.mode == "side" and not self.view.original:
            half = (width - 2) // 2
            return [QRect(0, 0, half, height), QRect(width - half, 0, half, height)]
        return [QRect(0, 0, width, height)]

    @property
    def divider_x(self) -> int:
        return round(self.width() * self.devicePixelRatioF() * self.view.divider)

    def _fit_pane(self) -> None:
        pane = self.panes[0]
        self.view.set_pane((pane.height(), pane.width()))

    def _in_pane(self, place: QPointF) -> QPointF:
        """A place on the widget as a place in its pane."""
        at = place * self.devicePixelRatioF()
        last = self.panes[-1]
        return at - QPointF(last.topLeft()) if at.x() >= last.left() > 0 else at

    def in_picture(self, place: QPointF) -> tuple[float, float]:
        at = self._in_pane(place)
        return self.view.to_picture(at.x(), at.y())

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        self._fit_pane()
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.theme.color("canvas"))
        if self.problem:
            decoration.paint_problem(painter, self, self.theme, self.problem)
            return
        if self.document is None:
            decoration.paint_invitation(painter, self, self.theme, self._inviting)
            return
        ratio = self.devicePixelRatioF()
        painter.save()
        painter.scale(1 / ratio, 1 / ratio)
        panes = self.panes
        if self.view.original:
            self._paint_pane(painter, panes[0], "before")
        elif self.view.mode == "split":
            x = self.divider_x
            left = QRect(0, 0, x, panes[0].height())
            right = QRect(x, 0, panes[0].width() - x, panes[0].height())
            self._paint_pane(painter, panes[0], "before", left)
            self._paint_pane(painter, panes[0], "after", right)
            self._paint_marks(painter)
        elif self.view.mode == "side":
            self._paint_pane(painter, panes[0], "before")
            self._paint_pane(painter, panes[1], "after")
        else:
            self._paint_pane(painter, panes[0], self.view.mode)
        painter.restore()
        decoration.paint_labels(painter, self, self.theme)
        if self._inviting:
            decoration.paint_frame(painter, self, self.theme)

    def _paint_pane(
        self, painter: QPainter, pane: QRect, what: str, clip: QRect | None = None
    ) -> None:
        painter.save()
        painter.setClipRect(clip or pane)
        painter.translate(pane.topLeft())
        x, y, image = self._image("after" if what == "result" else what)
        if image is not None:
            if image.hasAlphaChannel():
                decoration.paint_checkerboard(
                    painter, QRect(x, y, image.width(), image.height()), self.theme
                )
            painter.drawImage(QPoint(x, y), image)
        self._paint_overlays(painter, what)
        if clip is None:
            self._paint_marks(painter)
        painter.restore()

    def _paint_overlays(self, painter: QPainter, what: str) -> None:
        """What lies over one half. The mask would hide the very places where the result is to be
        judged: over that it lies only while it is being drawn."""
        view, task = self.view, self.workspace.step_task
        if view.original:
            return
        drawing = TASK_OF_TOOL.get(view.tool) == "dewatermark"
        for name, shown in (
            ("mask", view.show_mask and task == "dewatermark" and (drawing or what == "before")),
            ("uncertainty", view.show_uncertainty and task == "colorize"),
        ):
            x, y, image = self._image(name) if shown else (0, 0, None)
            if image is not None:
                painter.drawImage(QPoint(x, y), image)

    def _paint_marks(self, painter: QPainter) -> None:
        """Colour points, and what belongs to the tool in hand."""
        if self.view.original:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.workspace.step_task == "colorize":
            paint_hints(painter, self, self.workspace.edits.hints, self.selected_hint)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        self.paint_tool(painter)

    def paint_tool(self, painter: QPainter) -> None:
        """Draw what belongs to the tool in hand; in pixels of the pane."""

    def _image(self, what: str) -> tuple[int, int, QImage | None]:
        """What a pane shows, kept until something it depends on changes."""
        document, view = self.document, self.view
        assert document is not None
        strength = self.strength if what in {"after", "difference"} else 0
        key = (view.origin, view.scale, view.pane, strength, document.version)
        kept = self._cache.get(what)
        if kept is None or kept[0] != key:
            patch = None
            if what == "before":
                patch = render.before(document, view)
            elif what == "after":
                patch = render.after(document, view, self.strength)
            elif what == "difference":
                patch = render.difference(document, view, self.strength)
            elif what == "mask" and self._mask is not None:
                patch = render.tinted(self._mask, view, self.theme.mask, 0.55)
            elif what == "uncertainty" and document.uncertainty is not None:
                patch = render.tinted(document.uncertainty, view, self.theme.uncertainty, 0.7)
            space = self._color_space if what in {"before", "after"} else None
            image = None if patch is None else patch.image(space)
            kept = (key, patch.x if patch else 0, patch.y if patch else 0, image)
            self._cache[what] = kept
        return kept[1:]

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        self._fit_pane()
