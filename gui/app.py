"""Starts the window: `restore gui`, `restore-gui`, or `main` from Python."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.resources import as_file, files
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTranslator
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from restore.gui import language, style
from restore.gui.engine.client import Client
from restore.gui.studio import Studio
from restore.gui.widgets.summary import offer_to_go_on, offer_to_resume
from restore.gui.window import Window


class App(QObject):
    """The window and what stands behind it; builds the window anew for another theme or language.

    That costs a tenth of a second and saves every widget from having to do it for itself: all that
    is worth keeping is in the models.
    """

    def __init__(self, base: Path | None = None, client: Client | None = None) -> None:
        super().__init__()
        self.studio = Studio(base, client)
        self.window: Window | None = None
        self._translators: list[QTranslator] = []
        self.studio.look_changed.connect(self.show)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._system_theme_changed)

    def start(self, paths: Sequence[Path] = ()) -> Window:
        self.studio.begin(paths)
        window = self.show()
        offer_to_go_on(window.messages, self.studio.training)
        offer_to_resume(window.messages, self.studio.jobs)
        return window

    def show(self) -> Window:
        """Show the window, in the theme and the language that are preferred now."""
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        old, preferences = self.window, self.studio.preferences
        if old is not None:
            self.studio.session.window = old._state()
        for translator in self._translators:
            app.removeTranslator(translator)
        self._translators = language.install(app, preferences.language)
        theme = style.theme_of(preferences.theme)
        with as_file(files("restore.gui") / "assets") as assets:
            style.apply(app, theme, Path(assets))
        window = self.window = Window(self.studio, theme)
        window.show_page(training=old is not None and old.pages.currentWidget() is old.train)
        window.show()
        if old is not None:
            old.hide()
            app.removeEventFilter(old)
            old.deleteLater()
        return window

    def end(self) -> None:
        """Close the window, store the session, end the engine."""
        if self.window is not None:
            self.window.close()
            self.window.deleteLater()
            self.window = None
            # Now, not whenever: what it shows is about to go, and would tell it so.
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        for translator in self._translators:
            QCoreApplication.removeTranslator(translator)
        self.studio.end()

    def _system_theme_changed(self) -> None:
        if self.studio.preferences.theme == "system":
            self.show()


def run(paths: Sequence[Path] = (), base: Path | None = None) -> int:
    """Show the window with files opened, until it is closed; returns the exit code.

    Args:
        base: folder for settings and session; None: where the system keeps such things.
    """
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setApplicationName("restore-studio")
    app.setApplicationDisplayName("Restore")
    app.setDesktopFileName("restore-studio")
    studio = App(base)
    studio.start([Path(path) for path in paths])
    code = app.exec()
    studio.end()
    return code
