"""What lies around the picture on the canvas: checkerboard, divider, labels, the invitation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap, QTextOption

from restore.gui import icons
from restore.gui.style import Theme
from restore.gui.texts import translate

if TYPE_CHECKING:
    from restore.gui.widgets.picture_view import PictureView

_CHECK = 8
HANDLE = 14
"""Radius of the divider's handle."""


def paint_checkerboard(painter: QPainter, area: QRect, theme: Theme) -> None:
    board = QPixmap(2 * _CHECK, 2 * _CHECK)
    board.fill(theme.color("check_light"))
    with_dark = QPainter(board)
    for x, y in ((0, 0), (_CHECK, _CHECK)):
        with_dark.fillRect(x, y, _CHECK, _CHECK, theme.color("check_dark"))
    with_dark.end()
    painter.drawTiledPixmap(area, board)


def paint_labels(painter: QPainter, canvas: PictureView, theme: Theme) -> None:
    """Divider and names of the halves; in points, not in pixels of the screen."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    ratio = canvas.devicePixelRatioF()
    before, after = canvas.names
    if canvas.pending:
        after = translate("Canvas", "Computing…")
    width = canvas.width()
    if canvas.view.original:
        _label(painter, translate("Canvas", "Original"), 12, left=True)
    elif canvas.view.mode == "split":
        x = canvas.divider_x / ratio
        if x > 90:
            _label(painter, before, 12, left=True)
        if width - x > 90:
            _label(painter, after, width - 12, left=False)
        _divider(painter, x, canvas.height())
    elif canvas.view.mode == "side":
        _label(painter, before, 12, left=True)
        _label(painter, after, width - 12, left=False)
        painter.fillRect(QRectF(width / 2 - 1, 0, 2, canvas.height()), theme.color("window"))
    else:
        texts = {"result": after, "difference": translate("Canvas", "Difference, 4 times")}
        _label(painter, texts[canvas.view.mode], 12, left=True)


def _divider(painter: QPainter, x: float, height: int) -> None:
    painter.fillRect(QRectF(x - 1.5, 0, 3, height), QColor(0, 0, 0, 70))
    painter.fillRect(QRectF(x - 0.75, 0, 1.5, height), QColor(255, 255, 255))
    middle = QPointF(x, height / 2)
    painter.setPen(QPen(QColor(0, 0, 0, 70), 3))
    painter.setBrush(QColor(255, 255, 255))
    painter.drawEllipse(middle, HANDLE, HANDLE)
    painter.setPen(QPen(QColor(60, 60, 60), 1.8, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    for side in (-1, 1):
        tip = middle + QPointF(side * 8, 0)
        painter.drawLine(tip, tip + QPointF(-side * 4, -4))
        painter.drawLine(tip, tip + QPointF(-side * 4, 4))


def _label(painter: QPainter, text: str, x: float, *, left: bool) -> None:
    font = painter.font()
    font.setPixelSize(12)
    painter.setFont(font)
    width = painter.fontMetrics().horizontalAdvance(text) + 18
    area = QRectF(x if left else x - width, 12, width, 24)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(0, 0, 0, 165))
    painter.drawRoundedRect(area, 12, 12)
    painter.setPen(QColor(255, 255, 255))
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)


def paint_frame(painter: QPainter, canvas: PictureView, theme: Theme) -> None:
    """Around all of the canvas, while files are dragged over the window."""
    painter.setPen(QPen(theme.color("accent"), 3))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(QRectF(canvas.rect()).adjusted(1.5, 1.5, -1.5, -1.5))


def paint_problem(painter: QPainter, canvas: PictureView, theme: Theme, text: str) -> None:
    """Why a picture can't be shown, in its place."""
    middle = QPointF(canvas.rect().center())
    icon = icons.pixmap("bad", theme.bad, 40, canvas.devicePixelRatioF())
    painter.drawPixmap(QPointF(middle.x() - 20, middle.y() - 70), icon)
    font = painter.font()
    font.setPixelSize(14)
    painter.setFont(font)
    painter.setPen(QColor(theme.text))
    half = min(230.0, canvas.width() / 2 - 16)
    area = QRectF(middle.x() - half, middle.y() - 16, 2 * half, 200)
    wrapped = QTextOption(Qt.AlignmentFlag.AlignHCenter)
    wrapped.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)  # paths have no spaces
    painter.drawText(area, text, wrapped)


def paint_invitation(
    painter: QPainter, canvas: PictureView, theme: Theme, dragged: bool = False
) -> None:
    """What is said where there is no picture yet."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    middle = QPointF(canvas.rect().center())
    area = QRectF(middle.x() - 230, middle.y() - 120, 460, 240)
    colour, width = ("accent", 3.0) if dragged else ("outline", 1.5)
    painter.setPen(QPen(theme.color(colour), width, Qt.PenStyle.DashLine))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(area, 14, 14)
    icon = icons.pixmap("picture", theme.text_dim, 56, canvas.devicePixelRatioF())
    painter.drawPixmap(QPointF(middle.x() - 28, middle.y() - 86), icon)
    texts = (
        (translate("Canvas", "Drop photos or folders here"), 18, theme.text, -10),
        (translate("Canvas", "or click to choose them"), 13, theme.text_dim, 22),
        (translate("Canvas", "Originals are never changed."), 13, theme.text_dim, 66),
    )
    for text, size, colour, y in texts:
        font = painter.font()
        font.setPixelSize(size)
        painter.setFont(font)
        painter.setPen(QColor(colour))
        line = QRectF(area.left() + 16, middle.y() + y, area.width() - 32, 30)
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, text)
