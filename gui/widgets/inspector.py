"""The right side: the recipe, its settings, the output, and the way to the results."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from restore.gui.studio import Studio
from restore.gui.style import PANEL, Theme
from restore.gui.widgets.controls import column, push_button, row, scroll_area
from restore.gui.widgets.output_panel import OutputPanel
from restore.gui.widgets.step_list import StepList
from restore.gui.widgets.step_panel import StepPanel


class Inspector(QWidget):
    export_wanted = Signal()
    export_all_wanted = Signal()
    copy_wanted = Signal()
    card_wanted = Signal(object)

    def __init__(self, studio: Studio, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("inspector")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumWidth(PANEL)
        self.studio = studio
        self.steps = StepList(studio.workspace, theme)
        self.panel = StepPanel(studio, theme)
        self.output = OutputPanel(studio, theme)
        body = QWidget()
        body.setObjectName("body")
        inner = column(gap=0)
        for widget in (self.steps, self.panel, self.output):
            inner.addWidget(widget)
        inner.addStretch(1)
        body.setLayout(inner)
        self.area = scroll_area(body)
        self.export = push_button(self.tr("Export"), theme, "export")
        self.export_all = push_button(self.tr("Export all"), theme, "export-all", primary=True)
        self.copy = push_button(self.tr("Copy as command"), theme, "copy", flat=True)
        self.copy.setToolTip(self.tr("The same for the command line, on the clipboard"))
        self.export.clicked.connect(self.export_wanted)
        self.export_all.clicked.connect(self.export_all_wanted)
        self.copy.clicked.connect(self.copy_wanted)
        buttons = column(margin=12, gap=6)
        buttons.addLayout(row(self.export, self.export_all))
        buttons.addWidget(self.copy)
        foot = QWidget()
        foot.setObjectName("foot")
        foot.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        foot.setLayout(buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.area, 1)
        layout.addWidget(foot)
        self.panel.colorize.picking.connect(self._reveal)
        self.panel.card_wanted.connect(self.card_wanted)
        workspace = studio.workspace
        for signal in (
            workspace.files.rowsInserted,
            workspace.files.modelReset,
            workspace.current_changed,
            workspace.recipe_changed,
            studio.jobs.changed,
        ):
            signal.connect(self._refresh)
        self._refresh()

    def _reveal(self, widget: QWidget) -> None:
        # Once it has its place: it may just have been shown.
        QTimer.singleShot(0, self, lambda: self.area.ensureWidgetVisible(widget))

    def _refresh(self) -> None:
        workspace = self.studio.workspace
        ready = bool(workspace.active_recipe) and not self.studio.jobs.running
        self.export.setEnabled(ready and workspace.current is not None)
        self.export_all.setEnabled(ready and bool(workspace.files.items))
        self.copy.setEnabled(bool(workspace.active_recipe) and bool(workspace.files.items))
