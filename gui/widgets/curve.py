"""Curves of a training as they grow: a few lines over time, one of them to be better than.

A plotting library would do it as well; the one that Qt programs use takes a second to import, on
the thread of the window.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from restore.gui.style import Theme

Points = Sequence[tuple[float, float]]
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 26, 22
"""Margins around the lines, in points."""


class Curve(QWidget):
    def __init__(self, title: str, theme: Theme) -> None:
        super().__init__()
        self.title, self.theme = title, theme
        self.points: Points = ()
        """Seconds and value."""
        self.level: float | None = None
        self.level_name = ""
        self.best: tuple[float, float] | None = None
        self.dots = False
        self.setMinimumSize(220, 130)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(title)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(320, 170)

    def show_points(
        self,
        points: Points,
        *,
        title: str = "",
        level: float | None = None,
        level_name: str = "",
        best: tuple[float, float] | None = None,
        dots: bool = False,
    ) -> None:
        """
        Args:
            points: seconds and value.
            level: the value of the line to be better than, which has a name.
            best: the point that counts.
            dots: mark each point, for there are few.
        """
        self.points = [point for point in points if math.isfinite(point[1])]
        self.title = title or self.title
        self.level, self.level_name, self.best, self.dots = level, level_name, best, dots
        last = f": {self.points[-1][1]:.4g}" if self.points else ""
        self.setAccessibleName(self.title + last)
        self.update()

    # Drawing

    def _ranges(self) -> tuple[float, float, float, float]:
        """First and last second, lowest and highest value that are shown."""
        values = [value for _, value in self.points]
        if self.level is not None:
            values.append(self.level)
        low, high = min(values), max(values)
        room = max((high - low) * 0.12, abs(high) * 0.002, 1e-6)
        first = self.points[0][0]
        return first, max(self.points[-1][0], first + 1.0), low - room, high + room

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = painter.font()
        font.setPixelSize(12)
        painter.setFont(font)
        area = QRectF(self.rect()).adjusted(LEFT, TOP, -RIGHT, -BOTTOM)
        painter.setPen(self.theme.color("text"))
        painter.drawText(QPointF(LEFT, 16), self.title)
        painter.setPen(QPen(self.theme.color("outline"), 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        if not self.points:
            return
        first, last, low, high = self._ranges()

        def place(second: float, value: float) -> QPointF:
            return QPointF(
                area.left() + (second - first) / (last - first) * area.width(),
                area.bottom() - (value - low) / (high - low) * area.height(),
            )

        self._paint_grid(painter, area, (first, last), (low, high))
        if self.level is not None:
            self._paint_level(painter, area, place(first, self.level).y())
        painter.setPen(QPen(self.theme.color("accent"), 2))
        line = [place(*point) for point in self.points]
        painter.drawPolyline(QPolygonF(line))
        painter.setBrush(self.theme.color("accent"))
        if self.dots:
            for at in line:
                painter.drawEllipse(at, 2.5, 2.5)
        if self.best is not None:
            painter.setPen(QPen(self.theme.color("panel"), 2))
            painter.setBrush(self.theme.color("good"))
            painter.drawEllipse(place(*self.best), 6, 6)

    def _paint_grid(
        self,
        painter: QPainter,
        area: QRectF,
        seconds: tuple[float, float],
        values: tuple[float, float],
    ) -> None:
        (first, last), (low, high) = seconds, values
        faint = QColor(self.theme.outline)
        faint.setAlpha(90)
        for value in ticks(low, high, max(int(area.height() / 24), 2)):
            y = area.bottom() - (value - low) / (high - low) * area.height()
            painter.setPen(QPen(faint, 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(self.theme.color("text_dim"))
            box = QRectF(0, y - 9, LEFT - 6, 18)
            flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(box, flags, f"{value:.5g}")
        unit, name = (60.0, "min") if last >= 120 else (1.0, "s")
        for value in ticks(first / unit, last / unit, max(int(area.width() / 90), 2)):
            x = area.left() + (value * unit - first) / (last - first) * area.width()
            box = QRectF(x - 30, area.bottom() + 3, 60, 16)
            box.moveRight(min(box.right(), self.width() - 2.0))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, f"{value:g} {name}")

    def _paint_level(self, painter: QPainter, area: QRectF, y: float) -> None:
        painter.setPen(QPen(self.theme.color("warn"), 1.5, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        above = y - 5 if y - 18 > area.top() else y + 14
        width = painter.fontMetrics().horizontalAdvance(self.level_name)
        painter.setPen(self.theme.color("warn"))
        painter.drawText(QPointF(area.right() - width, above), self.level_name)


def ticks(low: float, high: float, most: int) -> list[float]:
    """Round numbers from low to high, `most` at the most."""
    rough = (high - low) / max(most, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    first = math.ceil(low / step)
    return [round(number * step, 10) for number in range(first, math.floor(high / step) + 1)]
