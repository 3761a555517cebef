"""Choosing a colour among those that a place in the picture can have."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QIcon,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QLineEdit, QToolButton, QWidget
from superqt import QFlowLayout

from restore.gui.model.colour import lab_to_rgb, nearest_colour, rgb_to_lab
from restore.gui.style import Theme
from restore.gui.widgets.controls import column, label, row

REACH = 110.0
"""Largest a and b that sRGB has, or nearly."""
SIDE = 128
"""Of the drawing of a plane, in pixels."""
RECENT = 12

Colour = tuple[int, int, int]


class Plane(QWidget):
    """Colours of one lightness, a to the right and b upward; what does not exist is left out.

    Few are possible where it is very dark or bright; they fill the square all the same.
    """

    picked = Signal(object, bool)
    """Colour, and whether that is the end of the gesture."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.lightness, self.a, self.b = 50.0, 0.0, 0.0
        self._middle, self._reach = (0.0, 0.0), REACH
        self._image = QImage()
        self.setFixedHeight(170)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAccessibleName(self.tr("Colours that are possible here"))

    def show_colour(self, colour: Colour, lightness: float) -> None:
        _, self.a, self.b = (float(value) for value in rgb_to_lab(np.array(colour) / 255))
        if abs(lightness - self.lightness) > 0.01 or self._image.isNull():
            self.lightness = lightness
            self._fit()
            self._image = self._draw()
        self.update()

    @property
    def _area(self) -> QRectF:
        side = min(self.width(), self.height())
        return QRectF((self.width() - side) / 2, 0, side, side)

    def _plane(self) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """The colours of the square, (SIDE, SIDE, 3), and which of them exist."""
        steps = np.linspace(-self._reach, self._reach, SIDE)
        lab = np.empty((SIDE, SIDE, 3))
        lab[..., 0] = self.lightness
        lab[..., 1], lab[..., 2] = self._middle[0] + steps[None], self._middle[1] - steps[:, None]
        return lab_to_rgb(lab)

    def _fit(self) -> None:
        self._middle, self._reach = (0.0, 0.0), REACH
        rows, columns = np.nonzero(self._plane()[1])
        if len(rows):
            step = 2 * REACH / (SIDE - 1)
            left, right = columns.min() * step - REACH, columns.max() * step - REACH
            top, bottom = REACH - rows.min() * step, REACH - rows.max() * step
            self._middle = ((left + right) / 2, (top + bottom) / 2)
            self._reach = max(right - left, top - bottom) / 2 + 2 * step

    def _draw(self) -> QImage:
        rgb, exists = self._plane()
        pixels = np.zeros((SIDE, SIDE, 4), np.uint8)
        pixels[..., :3] = np.rint(rgb * 255)
        pixels[..., 3] = exists * 255
        return QImage(pixels.data, SIDE, SIDE, 4 * SIDE, QImage.Format.Format_RGBA8888).copy()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        area = self._area
        ground = QPainterPath()
        ground.addRoundedRect(area, 6, 6)
        painter.fillPath(ground, self.theme.color("canvas"))
        painter.setClipPath(ground)
        painter.drawImage(area, self._image)
        painter.setClipping(False)
        half = area.width() / 2
        right, up = self.a - self._middle[0], self.b - self._middle[1]
        at = area.center() + QPointF(right, -up) / self._reach * half
        for colour, width in ((QColor(0, 0, 0), 4.0), (QColor(255, 255, 255), 2.0)):
            painter.setPen(QPen(colour, width))
            painter.drawEllipse(at, 6, 6)
        if self.hasFocus():
            painter.setPen(QPen(self.theme.color("accent"), 1.5))
            painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), 6, 6)

    def _pick(self, place: QPointF, done: bool) -> None:
        area = self._area
        half = area.width() / 2
        away = place - area.center()
        right, up = away.x() / half * self._reach, -away.y() / half * self._reach
        self._choose(self._middle[0] + right, self._middle[1] + up, done)

    def _choose(self, a: float, b: float, done: bool) -> None:
        self.picked.emit(nearest_colour(self.lightness, a, b), done)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self._pick(event.position(), False)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self._pick(event.position(), False)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self._pick(event.position(), True)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        moves = {
            Qt.Key.Key_Left: (-1, 0),
            Qt.Key.Key_Right: (1, 0),
            Qt.Key.Key_Up: (0, 1),
            Qt.Key.Key_Down: (0, -1),
        }
        if event.key() in moves:
            step = self._reach / 25
            da, db = moves[Qt.Key(event.key())]
            self._choose(self.a + da * step, self.b + db * step, True)
        else:
            super().keyPressEvent(event)


class ColourPicker(QWidget):
    picked = Signal(object, bool)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.plane = Plane(theme)
        self.plane.picked.connect(self._pick)
        self.code = QLineEdit()
        self.code.setAccessibleName(self.tr("Colour as a code"))
        self.code.setMaximumWidth(96)
        self.code.editingFinished.connect(self._read_code)
        self.recent: list[Colour] = []
        self._shown: Colour = (128, 128, 128)
        self._recent = QWidget()
        self._flow = QFlowLayout(self._recent)
        self._flow.setContentsMargins(0, 0, 0, 0)
        self._title = label(self.tr("Recent"), dim=True, wrap=False)
        layout = column(gap=6)
        layout.addWidget(self.plane)
        head = row(self._title, self.code)
        head.setStretch(0, 1)
        layout.addLayout(head)
        layout.addWidget(self._recent)
        self.setLayout(layout)
        self._title.hide()
        self._recent.hide()

    def show_colour(self, colour: Colour, lightness: float | None = None) -> None:
        """Show a colour among those of a lightness (0..100); None: that of the colour."""
        if lightness is None:
            lightness = float(rgb_to_lab(np.array(colour) / 255)[0])
        self.plane.show_colour(colour, lightness)
        self._shown = colour
        if not self.code.hasFocus():
            self.code.setText(code_of(colour))

    def _pick(self, colour: Colour, done: bool) -> None:
        self.picked.emit(colour, done)
        if done:
            self._remember(colour)

    def _read_code(self) -> None:
        found = re.fullmatch(r"#?([0-9a-fA-F]{6})", self.code.text().strip())
        if found:
            red, green, blue = bytes.fromhex(found[1])
            self.pick_like((red, green, blue))
        self.code.setText(code_of(self._shown))  # of its lightness; or as before, for what is none

    def pick_like(self, colour: Colour) -> None:
        """Take a colour's hue and chroma, at the lightness that is given."""
        _, a, b = (float(value) for value in rgb_to_lab(np.array(colour) / 255))
        self._pick(nearest_colour(self.plane.lightness, a, b), True)

    def _remember(self, colour: Colour) -> None:
        self.recent = [colour, *(entry for entry in self.recent if entry != colour)][:RECENT]
        while self._flow.count():
            item = self._flow.takeAt(0)
            swatch = None if item is None else item.widget()
            if swatch is not None:
                swatch.deleteLater()
        for entry in self.recent:
            swatch = QToolButton()
            pixmap = QPixmap(18, 18)
            pixmap.fill(QColor(*entry))
            swatch.setIcon(QIcon(pixmap))
            swatch.setIconSize(QSize(18, 18))
            swatch.setToolTip(code_of(entry))
            swatch.setAccessibleName(self.tr("Colour {code}").format(code=code_of(entry)))
            swatch.clicked.connect(lambda _=False, entry=entry: self.pick_like(entry))
            self._flow.addWidget(swatch)
        self._title.show()
        self._recent.show()


def code_of(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
