"""Every action of the window: name, text, icon and keys, in one table."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence

from restore.gui import icons
from restore.gui.style import Theme

_ICONS = {
    "open", "open-folder", "paste", "export", "export-all", "undo", "redo", "fit", "actual",
    "zoom-in", "zoom-out", "split", "side", "result", "difference", "original", "preferences",
    "copy-command", "detect", "hand", "brush", "eraser", "box", "lasso", "point",
}  # fmt: skip
_ICON_OF = {"open-folder": "folder", "copy-command": "copy"}
_CHECKABLE = {
    "split", "side", "result", "difference", "hand", "brush", "eraser", "box", "lasso", "point",
    "restore-page", "train-page",
}  # fmt: skip

KEYS: dict[str, str] = {
    "open": "Ctrl+O",
    "open-folder": "Ctrl+Shift+O",
    "paste": "Ctrl+V",
    "export": "Ctrl+E",
    "export-all": "Ctrl+Shift+E",
    "pause": "Ctrl+P",
    "stop": "Ctrl+.",
    "retry": "Ctrl+R",
    "quit": "Ctrl+Q",
    "undo": "Ctrl+Z",
    "redo": "Ctrl+Shift+Z",
    "select-all": "Ctrl+A",
    "copy-command": "Ctrl+Shift+C",
    "preferences": "Ctrl+,",
    "fit": "0",
    "actual": "1",
    "zoom-in": "+",
    "zoom-out": "-",
    "split": "Alt+1",
    "side": "Alt+2",
    "result": "Alt+3",
    "difference": "Alt+4",
    "original": "\\",
    "restore-page": "Ctrl+1",
    "train-page": "Ctrl+2",
    "next": "PgDown",
    "previous": "PgUp",
    "hand": "H",
    "brush": "B",
    "eraser": "E",
    "box": "M",
    "lasso": "L",
    "point": "P",
    "smaller": "[",
    "larger": "]",
    "detect": "D",
    "clear-mask": "Ctrl+Backspace",
    "log": "Ctrl+L",
    "shortcuts": "F1",
}
"""The usual keys; others may be chosen in the preferences."""


class Actions(QObject):
    def __init__(self, theme: Theme, chosen: Mapping[str, str], parent: QObject) -> None:
        super().__init__(parent)
        self._all: dict[str, QAction] = {}
        for name, text in self.texts().items():
            action = QAction(text, parent)
            action.setObjectName(name)
            if name in _ICONS:
                action.setIcon(icons.icon(_ICON_OF.get(name, name), theme))
            action.setCheckable(name in _CHECKABLE)
            keys = chosen.get(name, KEYS.get(name, ""))
            if keys and name != "original":  # held, not struck: the window listens for it
                action.setShortcut(QKeySequence(keys))
            hint = QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
            action.setToolTip(f"{text.rstrip('…')}  ({hint})" if hint else text.rstrip("…"))
            self._all[name] = action

    def __getitem__(self, name: str) -> QAction:
        return self._all[name]

    def texts(self) -> dict[str, str]:
        return {
            "open": self.tr("Open…"),
            "open-folder": self.tr("Open folder…"),
            "paste": self.tr("Paste"),
            "export": self.tr("Export"),
            "export-all": self.tr("Export all"),
            "pause": self.tr("Pause"),
            "stop": self.tr("Stop"),
            "retry": self.tr("Retry failed files"),
            "quit": self.tr("Quit"),
            "undo": self.tr("Undo"),
            "redo": self.tr("Redo"),
            "select-all": self.tr("Select all files"),
            "copy-command": self.tr("Copy as command"),
            "preferences": self.tr("Preferences…"),
            "fit": self.tr("Fit"),
            "actual": self.tr("Actual size"),
            "zoom-in": self.tr("Zoom in"),
            "zoom-out": self.tr("Zoom out"),
            "split": self.tr("Before and after, divided"),
            "side": self.tr("Before and after, side by side"),
            "result": self.tr("Result"),
            "difference": self.tr("Difference"),
            "original": self.tr("Show the original while held"),
            "restore-page": self.tr("Restore"),
            "train-page": self.tr("Train"),
            "next": self.tr("Next picture"),
            "previous": self.tr("Previous picture"),
            "hand": self.tr("Move the picture"),
            "brush": self.tr("Brush"),
            "eraser": self.tr("Eraser"),
            "box": self.tr("Box"),
            "lasso": self.tr("Lasso"),
            "point": self.tr("Colour point"),
            "smaller": self.tr("Smaller brush"),
            "larger": self.tr("Larger brush"),
            "detect": self.tr("Detect marks"),
            "clear-mask": self.tr("Clear the mask"),
            "log": self.tr("Log"),
            "shortcuts": self.tr("Keyboard shortcuts"),
            "about": self.tr("About Restore"),
        }
