"""The language of the window: Qt's own translations (.ts compiled to .qm)."""

from __future__ import annotations

from importlib.resources import as_file, files

from PySide6.QtCore import QLibraryInfo, QLocale, Qt, QTranslator
from PySide6.QtWidgets import QApplication

LANGUAGES = {"en": "English", "de": "Deutsch"}


def install(app: QApplication, choice: str) -> list[QTranslator]:
    """Translate the window into a language, `system` for the system's; returns what must be kept.

    English has a file too: it holds the plurals.
    """
    code = QLocale.system().name()[:2] if choice == "system" else choice
    code = code if code in LANGUAGES else "en"
    ours, qts = QTranslator(app), QTranslator(app)
    with as_file(files("restore.gui") / "translations") as folder:
        ours.load(str(folder / f"restore_{code}.qm"))
    qts.load(f"qtbase_{code}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath))
    for translator in (qts, ours):
        app.installTranslator(translator)
    locale = QLocale.system() if choice == "system" else QLocale(code)
    QLocale.setDefault(locale)
    app.setLayoutDirection(
        Qt.LayoutDirection.LeftToRight if code in LANGUAGES else locale.textDirection()
    )
    return [ours, qts]
