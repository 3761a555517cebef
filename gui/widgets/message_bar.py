"""The one place where the window says what went wrong, or is worth knowing."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from restore.gui import icons
from restore.gui.style import ICON, Theme
from restore.gui.widgets.controls import label, push_button, tool_button

BRIEF = 8000
"""Milliseconds after which good news that asks for nothing goes away by itself."""
_ICONS = {"info": "info", "good": "good", "bad": "bad"}


class MessageBar(QFrame):
    """Shows the latest message until it is dismissed; with buttons for what can be done.

    It lies over the picture: that must not move under somebody who is painting.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("message")
        self._theme = theme
        self._icon = QLabel()
        self.text = label()
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.close_button = tool_button("close", self.tr("Dismiss"), theme)
        self.close_button.clicked.connect(self.hide)
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(12, 8, 8, 8)
        self._layout.addWidget(self._icon)
        self._layout.addWidget(self.text, 1)
        self._layout.addWidget(self.close_button)
        self.buttons: list[QPushButton] = []
        self._end = QTimer(self)
        self._end.setSingleShot(True)
        self._end.setInterval(BRIEF)
        self._end.timeout.connect(self.hide)
        self.hide()

    def show_message(
        self, kind: str, text: str, actions: tuple[tuple[str, Callable[[], None]], ...] = ()
    ) -> None:
        for button in self.buttons:
            self._layout.removeWidget(button)
            button.deleteLater()
        self.buttons = []
        colour = {"good": self._theme.good, "bad": self._theme.bad}.get(kind, self._theme.accent)
        self._icon.setPixmap(icons.pixmap(_ICONS[kind], colour, ICON, self.devicePixelRatioF()))
        self.text.setText(text)
        self.setAccessibleName(text)
        for name, call in actions:
            button = push_button(name, self._theme)
            button.clicked.connect(self.hide)
            button.clicked.connect(lambda _=False, call=call: call())
            self._layout.insertWidget(self._layout.count() - 1, button)
            self.buttons.append(button)
        self.setProperty("kind", kind)
        self.style().unpolish(self)
        self.style().polish(self)
        self.show()
        self._end.stop()
        if kind == "good" and not actions:
            self._end.start()

    def dismiss_news(self) -> None:
        """Hide it unless it tells of something wrong, or asks."""
        if self.property("kind") == "good":
            self.hide()


class Stage(QWidget):
    """A part of the window that messages lie over, at its lower edge, instead of moving it."""

    def __init__(self, content: QWidget) -> None:
        super().__init__()
        self._over = QGridLayout(self)
        self._over.setContentsMargins(0, 0, 0, 0)
        self._over.addWidget(content, 0, 0)

    def take(self, messages: MessageBar) -> None:
        """Have the messages here from now on."""
        shown = not messages.isHidden()
        self._over.addWidget(messages, 0, 0, Qt.AlignmentFlag.AlignBottom)
        messages.setVisible(shown)
        messages.raise_()
