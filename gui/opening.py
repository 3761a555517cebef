"""Ways to pictures: dialogs and the clipboard."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from restore.gui.model.files import local_paths
from restore.gui.studio import Studio
from restore.gui.texts import translate
from restore.picture import READABLE


def ask_for_files(parent: QWidget, studio: Studio) -> None:
    patterns = " ".join(f"*{suffix} *{suffix.upper()}" for suffix in sorted(READABLE))
    title, kind = translate("Opening", "Open pictures"), translate("Opening", "Pictures")
    names, _ = QFileDialog.getOpenFileNames(
        parent, title, _start_folder(studio), f"{kind} ({patterns})"
    )
    if names:
        studio.open([Path(name) for name in names])


def ask_for_folder(parent: QWidget, studio: Studio) -> None:
    title = translate("Opening", "Open folder")
    name = QFileDialog.getExistingDirectory(parent, title, _start_folder(studio))
    if name:
        studio.open([Path(name)])


def paste(studio: Studio) -> None:
    """Open the files or the picture that the clipboard holds."""
    clipboard = QGuiApplication.clipboard()
    paths = local_paths(clipboard.mimeData())
    if paths:
        studio.open(paths)
    elif not clipboard.image().isNull():
        studio.paste(clipboard.image())
    else:
        studio.message.emit("info", translate("Opening", "There is no picture on the clipboard."))


def _start_folder(studio: Studio) -> str:
    current, recent = studio.workspace.current, studio.session.recent
    if current is not None:
        return str(current.parent)
    return recent[0] if recent else str(Path.home())
