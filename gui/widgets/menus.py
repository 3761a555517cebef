"""Menu bar and tool bar."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import (
    QLabel,
    QMainWindow,
    QMenu,
    QSizePolicy,
    QToolBar,
    QToolButton,
    QWidget,
)

from restore.gui import icons
from restore.gui.actions import Actions
from restore.gui.studio import Studio
from restore.gui.style import ICON, Theme
from restore.gui.texts import translate


def fill_menus(window: QMainWindow, actions: Actions, studio: Studio) -> QMenu:
    """Fill the menu bar; returns the menu of recent folders."""
    bar = window.menuBar()
    files = bar.addMenu(translate("Menus", "&File"))
    files.addAction(actions["open"])
    files.addAction(actions["open-folder"])
    recent = QMenu(translate("Menus", "Open recent"), window)
    files.addMenu(recent)
    groups: tuple[tuple[str, ...], ...] = (
        ("paste",),
        ("export", "export-all", "pause", "stop", "retry"),
        ("quit",),
    )
    for names in groups:
        _add(files, actions, names)
    edit = bar.addMenu(translate("Menus", "&Edit"))
    groups = (
        ("undo", "redo"),
        ("hand", "brush", "eraser", "box", "lasso", "smaller", "larger"),
        ("detect", "clear-mask"),
        ("point",),
        ("select-all", "copy-command"),
        ("preferences",),
    )
    for names in groups:
        _add(edit, actions, names)
    view = bar.addMenu(translate("Menus", "&View"))
    groups = (
        ("restore-page", "train-page"),
        ("split", "side", "result", "difference"),
        ("fit", "actual", "zoom-in", "zoom-out"),
        ("next", "previous"),
        ("log",),
    )
    for names in groups:
        _add(view, actions, names)
    help_menu = bar.addMenu(translate("Menus", "&Help"))
    _add(help_menu, actions, ("shortcuts", "about"))
    recent.aboutToShow.connect(lambda: _fill_recent(recent, studio))
    return recent


def _add(menu: QMenu, actions: Actions, names: tuple[str, ...]) -> None:
    if menu.actions():
        menu.addSeparator()
    for name in names:
        menu.addAction(actions[name])


def _fill_recent(menu: QMenu, studio: Studio) -> None:
    menu.clear()
    for name in studio.session.recent:
        menu.addAction(name).triggered.connect(partial(studio.open, [Path(name)]))
    menu.setEnabled(bool(studio.session.recent))


class ToolBar(QToolBar):
    def __init__(self, actions: Actions, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("toolbar")
        self.setWindowTitle(self.tr("Tools"))
        self.setMovable(False)
        self.setIconSize(QSize(ICON + 2, ICON + 2))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        for names in (("open", "open-folder", "paste"), ("undo", "redo")):
            self._add(actions, names)
            self.addSeparator()
        self.modes = QActionGroup(self)
        for name in ("split", "side", "result", "difference"):
            self.modes.addAction(actions[name])
            self.addAction(actions[name])
        self.original = QToolButton()
        self.original.setIcon(icons.icon("original", theme))
        self.original.setAccessibleName(actions["original"].text())
        self.original.setToolTip(actions["original"].toolTip())
        self.addWidget(self.original)
        self.addSeparator()
        self._add(actions, ("fit", "actual", "zoom-out", "zoom-in"))
        self.zoom = QLabel()
        self.zoom.setProperty("dim", True)
        self.zoom.setMinimumWidth(52)
        self.zoom.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.zoom.setAccessibleName(self.tr("Zoom"))
        self.addWidget(self.zoom)
        space = QWidget()
        space.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(space)
        self._add(actions, ("restore-page", "train-page"))
        self.addSeparator()
        self.device = QToolButton()
        self.device.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.device.setIcon(icons.icon("device", theme))
        self.addWidget(self.device)
        self.addAction(actions["preferences"])
        more = self.findChild(QToolButton, "qt_toolbar_ext_button")
        if more is not None:  # where the window is too narrow for all of them
            more.setIcon(icons.icon("more", theme))
            more.setToolTip(self.tr("More"))
            more.setAccessibleName(self.tr("More"))
        for action in self.actions():
            button = self.widgetForAction(action)
            if isinstance(button, QToolButton):
                button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
                button.setAccessibleName(button.accessibleName() or action.text().rstrip("…"))
                button.setProperty("page", action.objectName().endswith("-page"))

    def _add(self, actions: Actions, names: tuple[str, ...]) -> None:
        for name in names:
            self.addAction(actions[name])
