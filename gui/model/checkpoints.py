"""The validations of a training as a table for views."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from restore.finetune import Validated
from restore.gui.texts import duration
from restore.gui.training import Training

Index = QModelIndex | QPersistentModelIndex


class CheckpointTable(QAbstractTableModel):
    """The newest first; the base model, at step 0, is the last row."""

    def __init__(self, training: Training, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.training = training
        self.rows: list[Validated] = []
        training.validated.connect(self.refresh)
        training.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        rows = list(reversed(self.training.scores))
        if [id(row) for row in rows] != [id(row) for row in self.rows]:
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008
        return 0 if parent.isValid() else 4

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role != Qt.ItemDataRole.DisplayRole or orientation != Qt.Orientation.Horizontal:
            return None
        metric = self.training.examined.metric if self.training.examined else ""
        return (self.tr("Step"), self.tr("Time"), metric, self.tr("Gain"))[section]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        gain = row.score - row.base
        if self.training.examined is not None and not self.training.examined.higher_is_better:
            gain = -gain
        mark = "  ★" if row is self.training.best else ""
        return (
            self.tr("base model") if row.step == 0 else f"{row.step}",
            duration(row.seconds),
            f"{row.score:.2f}",
            "" if row.step == 0 else f"{gain:+.2f}{mark}",
        )[index.column()]

    def can_be_had_back(self, row: int) -> bool:
        """Whether a model can be made from the checkpoint of a row."""
        step = self.rows[row].step
        return any(checkpoint.step == step for checkpoint in self.training.checkpoints)
