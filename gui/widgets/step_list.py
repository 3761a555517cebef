"""The steps of the recipe: a click shows a step's settings, the box switches it on and off."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyleOptionViewItem, QWidget

from restore.gui.model.recipe_list import RecipeList
from restore.gui.model.workspace import Workspace
from restore.gui.style import Theme
from restore.gui.widgets.controls import column, label, on_key, row, tool_button
from restore.gui.widgets.delegates import Index, ThemedDelegate

ROW = 36


class _Delegate(ThemedDelegate):
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        note = index.data(RecipeList.NoteRole)
        area: QRect = option.rect.adjusted(0, 0, -12, 0)
        painter.setPen(self.theme.color("text_dim"))
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        if option.direction == Qt.LayoutDirection.RightToLeft:
            area = option.rect.adjusted(12, 0, 0, 0)
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(area, flags, note)

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:  # noqa: N802
        super().initStyleOption(option, index)
        if not index.flags() & Qt.ItemFlag.ItemIsUserCheckable:
            palette: QPalette = option.palette
            palette.setColor(QPalette.ColorRole.Text, self.theme.color("text_dim"))


class StepList(QWidget):
    def __init__(self, workspace: Workspace, theme: Theme) -> None:
        super().__init__()
        self.workspace = workspace
        self.view = QListView()
        self.view.setObjectName("steps")
        self.view.setAccessibleName(self.tr("Steps"))
        self.model = RecipeList(workspace, self)
        self.view.setModel(self.model)
        self.view.setItemDelegate(_Delegate(theme, QSize(120, ROW), self.view))
        self.view.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setFixedHeight(ROW * self.model.rowCount() + 4)
        on_key(self.view, "Alt+Up", lambda: self.move_step(-1))
        on_key(self.view, "Alt+Down", lambda: self.move_step(1))
        up = tool_button("up", self.tr("Move the step up"), theme)
        down = tool_button("down", self.tr("Move the step down"), theme)
        up.clicked.connect(lambda: self.move_step(-1))
        down.clicked.connect(lambda: self.move_step(1))
        title = label(self.tr("Steps"), heading=True, wrap=False)
        head = row(title, up, down, gap=2)
        head.setStretch(0, 1)
        layout = column(margin=12, gap=6)
        layout.addLayout(head)
        layout.addWidget(self.view)
        self.setLayout(layout)
        self.setObjectName("section")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.view.selectionModel().currentChanged.connect(self._chosen)
        workspace.step_changed.connect(self._show)
        self._show()

    def move_step(self, by: int) -> None:
        self.workspace.move_step(self.workspace.step_task, by, self.tr("Move a step"))

    def _chosen(self, index: QModelIndex, before: QModelIndex) -> None:
        if index.isValid():
            self.workspace.show_step(index.data(RecipeList.TaskRole))

    def _show(self) -> None:
        tasks = [step.task for step in self.workspace.recipe]
        self.view.setCurrentIndex(self.model.index(tasks.index(self.workspace.step_task)))
