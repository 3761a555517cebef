"""The steps of the recipe as a list for views: switched on and off, and moved."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from restore.gui.model.workspace import Workspace
from restore.gui.texts import percent, task_title

Index = QModelIndex | QPersistentModelIndex
_MIME = "application/x-restore-step"


class RecipeList(QAbstractListModel):
    TaskRole = Qt.ItemDataRole.UserRole
    NoteRole = Qt.ItemDataRole.UserRole + 1

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.workspace = workspace
        self._tasks = [step.task for step in workspace.recipe]
        workspace.recipe_changed.connect(self._changed)
        workspace.models_changed.connect(self._changed)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008
        return 0 if parent.isValid() else len(self.workspace.recipe)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        step = self.workspace.recipe[index.row()]
        installed = self.workspace.usable(step)
        if role == Qt.ItemDataRole.DisplayRole:
            return task_title(step.task)
        if role == self.TaskRole:
            return step.task
        if role == self.NoteRole:
            if not installed:
                return self.tr("not installed")
            return percent(step.strength) if step.enabled and step.strength < 1 else ""
        if role == Qt.ItemDataRole.CheckStateRole:
            on = step.enabled and installed
            return Qt.CheckState.Checked if on else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.ToolTipRole and not installed:
            return self.tr("This version has no model for this step.")
        return None

    def setData(  # noqa: N802
        self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole
    ) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole or not index.isValid():
            return False
        task = self.workspace.recipe[index.row()].task
        on = Qt.CheckState(value) == Qt.CheckState.Checked
        text = self.tr("Switch on: {name}") if on else self.tr("Switch off: {name}")
        self.workspace.edit_step(task, text.format(name=task_title(task)), enabled=on)
        self.workspace.show_step(task)
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled
        flags = (
            Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsDragEnabled
        )
        if self.workspace.usable(self.workspace.recipe[index.row()]):
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        return flags

    # Moving by drag and drop

    def supportedDropActions(self) -> Qt.DropAction:  # noqa: N802
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:  # noqa: N802
        return [_MIME]

    def mimeData(self, indexes: Iterable[QModelIndex]) -> QMimeData:  # noqa: N802
        data = QMimeData()
        row = next(iter(indexes)).row()
        data.setData(_MIME, self.workspace.recipe[row].task.encode())
        return data

    def dropMimeData(  # noqa: N802
        self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index
    ) -> bool:
        task = bytes(data.data(_MIME).data()).decode()
        tasks = [step.task for step in self.workspace.recipe]
        if task not in tasks:
            return False
        place = row if row >= 0 else parent.row() if parent.isValid() else len(tasks)
        here = tasks.index(task)
        by = place - here - (1 if place > here else 0)
        self.workspace.move_step(task, by, self.tr("Move a step"))
        return False  # the recipe has moved it already; the view must not remove a row

    def _changed(self) -> None:
        tasks = [step.task for step in self.workspace.recipe]
        if tasks != self._tasks:
            self.layoutAboutToBeChanged.emit()
            before = self.persistentIndexList()
            places = [self.index(tasks.index(self._tasks[entry.row()])) for entry in before]
            self.changePersistentIndexList(before, places)
            self._tasks = tasks
            self.layoutChanged.emit()
        self.dataChanged.emit(self.index(0), self.index(len(tasks) - 1))
