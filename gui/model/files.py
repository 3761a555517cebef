"""The files that are open, as a list for views."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QUrl,
    Signal,
)
from PySide6.QtGui import QImage

from restore.gui.texts import state_title
from restore.picture import READABLE

Index = QModelIndex | QPersistentModelIndex


@dataclass
class FileItem:
    path: Path
    root: Path | None = None
    """The folder it was found below, whose tree the results mirror."""
    state: str = "new"
    message: str = ""
    """Why it failed or was skipped, or what is worth knowing."""
    target: Path | None = None
    thumbnail: QImage | None = None
    asked: bool = field(default=False, compare=False)
    """Whether a thumbnail is on its way."""


class FileList(QAbstractListModel):
    ItemRole = Qt.ItemDataRole.UserRole
    thumbnail_wanted = Signal(object)
    """Path: a view shows a file whose thumbnail has not been read."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.items: list[FileItem] = []
        self.inputs: list[Path] = []
        """What was opened: files, and folders with all below them."""
        self.partial = False
        """Whether some of a folder's files were taken off the list."""
        self._rows: dict[Path, int] = {}

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008
        return 0 if parent.isValid() else len(self.items)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        item = self.items[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return item.path.name
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{item.path}\n{item.message}".strip()
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{item.path.name}, {state_title(item.state)}".rstrip(", ")
        if role == self.ItemRole:
            if item.thumbnail is None and not item.asked:
                item.asked = True
                self.thumbnail_wanted.emit(item.path)
            return item
        return None

    def add(self, found: Iterable[tuple[Path, Path | None]], inputs: Iterable[Path] = ()) -> None:
        """Append files (path, root) that are not there yet."""
        self.inputs += [path for path in inputs if path not in self.inputs]
        fresh: list[FileItem] = []
        for path, root in found:
            if path not in self._rows:
                self._rows[path] = len(self.items) + len(fresh)
                fresh.append(FileItem(path, root))
        if fresh:
            self.beginInsertRows(QModelIndex(), len(self.items), len(self.items) + len(fresh) - 1)
            self.items += fresh
            self.endInsertRows()

    def remove(self, paths: Iterable[Path]) -> None:
        gone = set(paths)
        self.beginResetModel()
        self.partial |= any(item.root for item in self.items if item.path in gone)
        self.items = [item for item in self.items if item.path not in gone]
        self.inputs = [
            path
            for path in self.inputs
            if path not in gone
            and any(item.path == path or item.root == path for item in self.items)
        ]
        self.partial &= bool(self.items)
        self._rows = {item.path: row for row, item in enumerate(self.items)}
        self.endResetModel()

    def item(self, path: Path | None) -> FileItem | None:
        row = None if path is None else self._rows.get(path)
        return None if row is None else self.items[row]

    def index_of(self, path: Path | None) -> QModelIndex:
        row = -1 if path is None else self._rows.get(path, -1)
        return self.index(row) if row >= 0 else QModelIndex()

    def update(self, path: Path, **changes: Any) -> None:
        """Set fields of an item and tell the views."""
        item = self.item(path)
        if item is not None:
            for name, value in changes.items():
                setattr(item, name, value)
            index = self.index_of(path)
            self.dataChanged.emit(index, index)

    def paths(self) -> list[Path]:
        return [item.path for item in self.items]

    # Dragging out; what is dropped is the window's

    def flags(self, index: Index) -> Qt.ItemFlag:
        return super().flags(index) | Qt.ItemFlag.ItemIsDragEnabled

    def mimeData(self, indexes: Iterable[QModelIndex]) -> QMimeData:  # noqa: N802
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(self.items[index.row()].path)) for index in indexes])
        return data

    def supportedDragActions(self) -> Qt.DropAction:  # noqa: N802
        return Qt.DropAction.CopyAction


def local_paths(data: QMimeData) -> list[Path]:
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


def find_files(paths: Iterable[Path]) -> tuple[list[tuple[Path, Path | None]], list[Path]]:
    """The pictures that files and folders lead to, (path, root) each, and what isn't a picture.

    Slow on large folders: not for the thread of the window.
    """
    from restore.plan import plan

    found: list[tuple[Path, Path | None]] = []
    junk: list[Path] = []
    for path in paths:
        if path.is_dir():
            # Its results must not be taken for pictures to restore when it is opened again.
            jobs = plan([path], path / "restored")
            found += [(job.source, path) for job in jobs if not job.problem]
            if not jobs:
                junk.append(path)
        elif path.is_file() and path.suffix.lower() in READABLE:
            found.append((path, None))
        else:
            junk.append(path)
    return found, junk
