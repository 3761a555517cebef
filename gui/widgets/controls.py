"""Small things that the panels are made of."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QPainter, QPalette, QPen, QShortcut
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from superqt import QToggleSwitch
from superqt.switch import QStyleOptionToggleSwitch

from restore.gui import icons
from restore.gui.model.commands import new_gesture
from restore.gui.style import GAP, ICON, Theme


class Slider(QWidget):
    """A name, a figure and a slider; all changes of one drag carry the same `gesture`."""

    edited = Signal(float, str)

    def __init__(
        self,
        name: str,
        bounds: tuple[float, float],
        *,
        decimals: int = 0,
        suffix: str = "",
        factor: float = 1.0,
        parent: QWidget | None = None,
    ) -> None:
        """
        Args:
            bounds: smallest and largest figure that is shown.
            factor: what a value is multiplied by to be shown: 100 for percents.
        """
        super().__init__(parent)
        self._factor, self._steps = factor, 10**decimals
        self._gesture = ""
        self.name = name
        self.field = QDoubleSpinBox()
        self.field.setDecimals(decimals)
        self.field.setRange(*bounds)
        self.field.setSuffix(suffix)
        self.field.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.field.setKeyboardTracking(False)
        self.field.setAccessibleName(name)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(round(bounds[0] * self._steps), round(bounds[1] * self._steps))
        self.slider.setPageStep(max((self.slider.maximum() - self.slider.minimum()) // 10, 1))
        self.slider.setAccessibleName(name)
        label = QLabel(name)
        label.setBuddy(self.field)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(2)
        grid.addWidget(label, 0, 0)
        grid.addWidget(self.field, 0, 1, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(self.slider, 1, 0, 1, 2)
        grid.setColumnStretch(0, 1)
        self.slider.sliderPressed.connect(self._next_gesture)
        self.slider.valueChanged.connect(lambda value: self._edit(value / self._steps, True))
        self.field.valueChanged.connect(lambda value: self._edit(value, False))

    @property
    def value(self) -> float:
        return self.field.value() / self._factor

    def show_value(self, value: float) -> None:
        """Show a value without telling anybody."""
        for widget in (self.field, self.slider):
            widget.blockSignals(True)
        self.field.setValue(value * self._factor)
        self.slider.setValue(round(value * self._factor * self._steps))
        for widget in (self.field, self.slider):
            widget.blockSignals(False)

    def _next_gesture(self) -> None:
        self._gesture = new_gesture()

    def _edit(self, figure: float, dragged: bool) -> None:
        if not (dragged and self.slider.isSliderDown()):
            self._next_gesture()
        self.show_value(figure / self._factor)
        self.edited.emit(figure / self._factor, self._gesture)


def take_typed() -> None:
    """Take what is being typed in the field that has the focus, as leaving the field would.

    Buttons and shortcuts leave the focus where it is, and are to go by what can be read there.
    """
    field = QApplication.focusWidget()
    if isinstance(field, QAbstractSpinBox):
        field.interpretText()
    elif isinstance(field, QLineEdit):
        field.editingFinished.emit()


def on_key(widget: QWidget, keys: str, call: Callable[[], None]) -> None:
    """Call when a key is struck while a widget has the focus."""
    shortcut = QShortcut(QKeySequence(keys), widget)
    shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
    shortcut.activated.connect(call)


class Switch(QToggleSwitch):
    """On or off, with its name beside it; in the colours of the palette."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setProperty("switchWidth", 28)
        self.setProperty("switchHeight", 16)
        self.setProperty("handleSize", 10)

    def sizeHint(self) -> QSize:  # noqa: N802
        return super().sizeHint().expandedTo(QSize(0, 24))

    # What the library draws would be below the middle, pale, and the same with focus as without.

    def drawGroove(  # noqa: N802
        self, painter: QPainter, rect: QRectF, option: QStyleOptionToggleSwitch
    ) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(1.0 if self.isEnabled() else 0.5)
        role = QPalette.ColorRole
        if self.hasFocus():
            painter.setPen(QPen(self.palette().color(role.Highlight), 1.5))
            painter.drawRoundedRect(rect.adjusted(-3, -3, 3, 3), 11, 11)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.palette().color(role.Highlight if self.isChecked() else role.Mid))
        painter.drawRoundedRect(rect, rect.height() / 2, rect.height() / 2)

    def drawHandle(  # noqa: N802
        self, painter: QPainter, rect: QRectF, option: QStyleOptionToggleSwitch
    ) -> None:
        role = QPalette.ColorRole
        shown = role.HighlightedText if self.isChecked() else role.WindowText
        painter.setBrush(self.palette().color(shown))
        painter.drawEllipse(rect)

    def drawText(  # noqa: N802
        self, painter: QPainter, rect: QRectF, option: QStyleOptionToggleSwitch
    ) -> None:
        painter.setOpacity(1.0)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        painter.drawText(rect, int(option.text_alignment), self.text())

    def _vertical_offset(self, option: QStyleOptionToggleSwitch) -> int:
        return (self.height() - option.switch_height) // 2

    def _text_rect(self, option: QStyleOptionToggleSwitch) -> QRectF:
        left = option.margin + option.switch_width + 8
        return QRectF(left, 0, self.width() - left, self.height())

    def show_value(self, on: bool) -> None:
        """Show a value without telling anybody."""
        self.blockSignals(True)
        self.setChecked(on)
        self.blockSignals(False)


class PathField(QWidget):
    """A line for the path of a folder, or a file, with a way to choose it."""

    edited = Signal(str)

    def __init__(self, name: str, theme: Theme, placeholder: str = "") -> None:
        super().__init__()
        self.picks_file = False
        """Whether a file is chosen, and not a folder."""
        self.start: Callable[[], str] = str
        """Where choosing begins, if nothing is chosen yet."""
        self.field = QLineEdit()
        self.field.setAccessibleName(name)
        self.field.setPlaceholderText(placeholder)
        self.field.setAcceptDrops(False)  # the window takes what is dropped
        self.field.editingFinished.connect(lambda: self.edited.emit(self.field.text().strip()))
        choose = tool_button("folder", self.tr("Choose: {name}").format(name=name), theme)
        choose.clicked.connect(self._choose)
        layout = row(self.field, choose, gap=4)
        layout.setStretch(0, 1)
        self.setLayout(layout)
        self.setFocusProxy(self.field)

    def show_value(self, text: str) -> None:
        if not self.field.hasFocus() and self.field.text() != text:
            self.field.setText(text)

    def _choose(self) -> None:
        start = self.field.text().strip() or self.start()
        if self.picks_file:
            chosen, _ = QFileDialog.getOpenFileName(self, self.tr("Choose a file"), start)
        else:
            chosen = QFileDialog.getExistingDirectory(self, self.tr("Choose a folder"), start)
        if chosen:
            self.field.setText(chosen)
            self.edited.emit(chosen)


def tool_button(icon: str, name: str, theme: Theme, *, checkable: bool = False) -> QToolButton:
    """A button with an icon alone; its name is what a screen reader says."""
    button = QToolButton()
    button.setIcon(icons.icon(icon, theme))
    button.setIconSize(button.iconSize().scaled(ICON, ICON, Qt.AspectRatioMode.KeepAspectRatio))
    button.setToolTip(name)
    button.setAccessibleName(name)
    button.setCheckable(checkable)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


def push_button(
    text: str, theme: Theme, icon: str = "", *, primary: bool = False, flat: bool = False
) -> QPushButton:
    button = QPushButton(text)
    button.setAccessibleName(text)
    button.setProperty("primary", primary)
    button.setProperty("flat", flat)
    button.setAutoDefault(False)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the focus on the picture
    if icon:
        button.setIcon(icons.icon(icon, theme, theme.on_accent if primary else theme.text))
        button.setIconSize(QSize(ICON, ICON))
    return button


def label(text: str = "", *, dim: bool = False, heading: bool = False, wrap: bool = True) -> QLabel:
    made = QLabel(text)
    made.setProperty("dim", dim)
    made.setProperty("heading", heading)
    made.setWordWrap(wrap)
    return made


class Notice(QFrame):
    """Words that stand out from what is around them."""

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self.setObjectName("notice")
        self.label = label(text)  # one of its own: with a frame, a label forgets how it wraps
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.addWidget(self.label)

    def show_text(self, text: str, *, good: bool) -> None:
        self.label.setText(text)
        self.setProperty("good", good)
        self.style().unpolish(self)
        self.style().polish(self)


def column(*, margin: int = 0, gap: int = GAP) -> QVBoxLayout:
    layout = QVBoxLayout()
    layout.setContentsMargins(margin, margin, margin, margin)
    layout.setSpacing(gap)
    return layout


def row(*widgets: QWidget, gap: int = GAP) -> QHBoxLayout:
    layout = QHBoxLayout()
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(gap)
    for widget in widgets:
        layout.addWidget(widget)
    return layout


class _Unturned(QObject):
    """Lets the wheel scroll the panel, instead of changing whatever happens to be below it."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() == QEvent.Type.Wheel and isinstance(
            watched, QComboBox | QAbstractSpinBox | QSlider
        ):
            event.ignore()
            return True
        return False


def scroll_area(body: QWidget) -> QScrollArea:
    """A panel that scrolls up and down; all its controls must be in it already."""
    area = QScrollArea()
    area.setWidget(body)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    unturned = _Unturned(area)
    for kind in (QComboBox, QAbstractSpinBox, QSlider):
        for control in body.findChildren(kind):
            control.installEventFilter(unturned)
    return area


class Section(QWidget):
    """A part of a panel below a heading, which opens and closes it."""

    def __init__(self, title: str, theme: Theme, *, opened: bool = True) -> None:
        super().__init__()
        self.setObjectName("section")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme = theme
        self.head = QToolButton()
        self.head.setText(title)
        self.head.setAccessibleName(title)
        self.head.setCheckable(True)
        self.head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.head.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.head.setStyleSheet(
            "QToolButton { font-weight: 600; padding: 2px 0; border-color: transparent;"
            " margin-left: -4px; }"
            "QToolButton:checked { background: transparent; }"
            f"QToolButton:focus {{ border-color: {theme.accent}; }}"
        )
        self.body = QWidget()
        self.content = column(gap=GAP)
        self.body.setLayout(self.content)
        outer = column(margin=12, gap=6)
        outer.addWidget(self.head, 0, Qt.AlignmentFlag.AlignLeft)
        outer.addWidget(self.body)
        self.setLayout(outer)
        self.head.toggled.connect(self._open)
        self.head.setChecked(opened)
        self._open(opened)

    def _open(self, opened: bool) -> None:
        self.body.setVisible(opened)
        name = "down" if opened else "right"
        self.head.setIcon(icons.pixmap(name, self._theme.text_dim, 14, self.devicePixelRatioF()))
