"""What the delegates of lists have in common."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from restore.gui.style import Theme

Index = QModelIndex | QPersistentModelIndex


class ThemedDelegate(QStyledItemDelegate):
    """Draws in the colours of a theme; all its items have one size."""

    def __init__(self, theme: Theme, size: QSize, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme, self.size = theme, size

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802
        return self.size
