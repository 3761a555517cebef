"""The files that are open, with their thumbnails and what has become of them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QAction, QColor, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QMenu,
    QStyle,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from restore.gui import icons
from restore.gui.model.files import FileItem, FileList
from restore.gui.model.workspace import Workspace
from restore.gui.style import Theme
from restore.gui.widgets.controls import label, on_key, row, tool_button
from restore.gui.widgets.delegates import Index, ThemedDelegate

TILE = QSize(168, 138)
_COLOURS = {"done": "good", "failed": "bad", "skipped": "warn", "running": "accent"}


class FileDelegate(ThemedDelegate):
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        item: FileItem = index.data(FileList.ItemRole)
        area: QRect = option.rect.adjusted(4, 3, -4, -3)
        state = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        if chosen or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.theme.color("selected" if chosen else "hover"))
            painter.drawRoundedRect(area, 6, 6)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self.theme.color("accent"), 1.5))
            painter.drawRoundedRect(area, 6, 6)
        self._paint_thumbnail(painter, area.adjusted(6, 6, -6, -26), item)
        metrics = painter.fontMetrics()
        text = area.adjusted(8, area.height() - 24, -8, -4)
        name = metrics.elidedText(item.path.name, Qt.TextElideMode.ElideMiddle, text.width())
        painter.setPen(self.theme.color("text"))
        painter.drawText(text, Qt.AlignmentFlag.AlignCenter, name)
        painter.restore()

    def _paint_thumbnail(self, painter: QPainter, area: QRect, item: FileItem) -> None:
        image = item.thumbnail
        ratio = painter.device().devicePixelRatioF()
        shown = area
        if image is not None and not image.isNull():
            size = image.size().scaled(area.size(), Qt.AspectRatioMode.KeepAspectRatio)
            shown = QRect(0, 0, size.width(), size.height())
            shown.moveCenter(area.center())
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(shown, image)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.theme.color("raised"))
            painter.drawRoundedRect(area, 4, 4)
            empty = icons.pixmap("picture", self.theme.text_dim, 28, ratio)
            painter.drawPixmap(area.center().x() - 14, area.center().y() - 14, empty)
        if item.state != "new":
            self._paint_badge(painter, shown, item.state, ratio)

    def _paint_badge(self, painter: QPainter, area: QRect, state: str, ratio: float) -> None:
        colour = getattr(self.theme, _COLOURS.get(state, "text_dim"))
        badge = QRect(area.right() - 25, area.top() + 4, 22, 22)
        painter.setPen(Qt.PenStyle.NoPen)
        ground = QColor(self.theme.panel)
        ground.setAlpha(230)
        painter.setBrush(ground)
        painter.drawEllipse(badge)
        painter.drawPixmap(badge.topLeft() + QPoint(2, 2), icons.pixmap(state, colour, 18, ratio))


class FileStrip(QWidget):
    open_wanted = Signal()
    export_wanted = Signal(object)
    retry_wanted = Signal(object)
    reveal_wanted = Signal(object)
    copied = Signal(str)

    def __init__(self, workspace: Workspace, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("strip")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.workspace = workspace
        self.heading = label(heading=True, wrap=False)
        add = tool_button("add", self.tr("Open pictures"), theme)
        add.clicked.connect(self.open_wanted)
        head = row(self.heading, add)
        head.setStretch(0, 1)
        head.setContentsMargins(12, 6, 6, 2)
        self.list = QListView()
        self.list.setModel(workspace.files)
        self.list.setItemDelegate(FileDelegate(theme, TILE, self.list))
        self.list.setAccessibleName(self.tr("Files"))
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setMouseTracking(True)
        self.list.setUniformItemSizes(True)
        self.list.setDragEnabled(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(
            lambda place: self.menu().popup(self.list.viewport().mapToGlobal(place))
        )
        self.list.selectionModel().currentChanged.connect(self._chosen)
        self.list.selectionModel().selectionChanged.connect(self._selected)
        on_key(self.list, "Del", self.remove_selected)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.list, 1)
        workspace.current_changed.connect(self._show_current)
        for signal in (workspace.files.rowsInserted, workspace.files.modelReset):
            signal.connect(self._count)
        self._count()
        self._show_current()

    def selected(self) -> list[Path]:
        rows = sorted(index.row() for index in self.list.selectionModel().selectedIndexes())
        return [self.workspace.files.items[number].path for number in rows]

    def menu(self) -> QMenu:
        """What can be done with the selected files."""
        paths = self.selected()
        items = [item for path in paths if (item := self.workspace.files.item(path))]
        failed = [item for item in items if item.state == "failed"]
        menu = QMenu(self)
        for text, enabled, call in (
            (self.tr("Export"), bool(items), lambda: self.export_wanted.emit(paths)),
            (
                self.tr("Retry"),
                bool(failed),
                lambda: self.retry_wanted.emit([item.path for item in failed]),
            ),
            (self.tr("Show the file"), len(items) == 1, lambda: self._reveal(items[0].path)),
            (
                self.tr("Show the result"),
                len(items) == 1 and items[0].target is not None and items[0].target.exists(),
                lambda: self._reveal(items[0].target),
            ),
            (
                self.tr("Copy the error"),
                bool(failed),
                lambda: self.copied.emit("\n".join(item.message for item in failed)),
            ),
            (self.tr("Remove from the list"), bool(items), self.remove_selected),
        ):
            action = QAction(text, menu)
            action.setEnabled(enabled)
            action.triggered.connect(call)
            menu.addAction(action)
        return menu

    def remove_selected(self) -> None:
        paths = self.selected()
        files = self.workspace.files
        first = files.index_of(paths[0]).row() if paths else 0
        files.remove(paths)
        if self.workspace.current in paths:
            left = files.items[min(first, len(files.items) - 1)].path if files.items else None
            self.workspace.show(left)

    def _reveal(self, path: Path | None) -> None:
        self.reveal_wanted.emit(path)

    def _chosen(self, index: QModelIndex, before: QModelIndex) -> None:
        if index.isValid():
            self.workspace.show(self.workspace.files.items[index.row()].path)

    def _show_current(self) -> None:
        index = self.workspace.files.index_of(self.workspace.current)
        if index.isValid() and index != self.list.currentIndex():
            # `setCurrentIndex` would add to what is selected while Ctrl is held, for Ctrl+V say.
            self.list.selectionModel().setCurrentIndex(
                index, QItemSelectionModel.SelectionFlag.ClearAndSelect
            )

    def _selected(self, chosen: QItemSelection, left: QItemSelection) -> None:
        self._count()

    def _count(self) -> None:
        total, chosen = len(self.workspace.files.items), len(self.selected())
        text = self.tr("%n picture(s)", "", total)
        if chosen > 1:
            text = self.tr("{chosen} of {total} selected").format(chosen=chosen, total=total)
        self.heading.setText(text)
