"""Where the mark is: found, painted, or both."""

from __future__ import annotations

from PySide6.QtWidgets import QButtonGroup, QWidget

from restore.gui.model.view import BRUSH_SIZES
from restore.gui.studio import Studio
from restore.gui.style import Theme
from restore.gui.widgets.controls import (
    Slider,
    column,
    label,
    push_button,
    row,
    switch,
    tool_button,
)

TOOLS = ("hand", "brush", "eraser", "box", "lasso")


class WatermarkPanel(QWidget):
    def __init__(self, studio: Studio, theme: Theme) -> None:
        super().__init__()
        self.studio = studio
        workspace, view = studio.workspace, studio.view
        self.state = label(dim=True)
        self.detect = push_button(self.tr("Detect"), theme, "detect")
        self.detect.setToolTip(self.tr("Show what is taken for a mark, so that you can correct it"))
        self.detect.clicked.connect(lambda: studio.preview.look("detect"))
        self.clear = push_button(self.tr("Clear"), theme, "clear")
        self.clear.setToolTip(self.tr("Forget the mask: the mark is found automatically again"))
        self.clear.clicked.connect(self.clear_mask)
        names = {
            "hand": self.tr("Move the picture"),
            "brush": self.tr("Brush: paint over the mark"),
            "eraser": self.tr("Eraser: this is no mark"),
            "box": self.tr("Box around the mark (Alt takes out)"),
            "lasso": self.tr("Lasso around the mark (Alt takes out)"),
        }
        self.buttons = {
            name: tool_button(name, names[name], theme, checkable=True) for name in TOOLS
        }
        group = QButtonGroup(self)
        for name, button in self.buttons.items():
            group.addButton(button)
            button.clicked.connect(lambda _=False, name=name: view.set_tool(name))
        self.brush_size = Slider(self.tr("Brush size"), (BRUSH_SIZES[0], 300), suffix=" px")
        self.brush_size.edited.connect(lambda value, _: view.set_brush(round(value)))
        self.sensitivity = Slider(self.tr("Sensitivity"), (0, 100), suffix=" %", factor=100)
        self.sensitivity.edited.connect(
            lambda value, gesture: workspace.edit_step(
                "dewatermark", self.tr("Sensitivity"), gesture, sensitivity=round(value, 4)
            )
        )
        self.overlay = switch(self.tr("Show the mask"))
        self.overlay.toggled.connect(lambda shown: view.set_overlay(mask=shown))
        tools = row(*self.buttons.values(), gap=2)
        tools.addStretch(1)
        layout = column()
        layout.addWidget(self.sensitivity)
        layout.addWidget(label(self.tr("Mask of this picture"), heading=True))
        layout.addWidget(self.state)
        layout.addLayout(row(self.detect, self.clear))
        layout.addLayout(tools)
        layout.addWidget(self.brush_size)
        layout.addWidget(self.overlay)
        self.setLayout(layout)
        for signal in (
            workspace.recipe_changed,
            workspace.mask_changed,
            workspace.current_changed,
            workspace.models_changed,
            view.tool_changed,
            studio.preview.busy_changed,
            studio.preview.document_changed,
        ):
            signal.connect(self._refresh)
        self._refresh()

    def clear_mask(self) -> None:
        if self.studio.workspace.edits.mask is not None:
            self.studio.workspace.edit_mask((0, 0, 0, 0), None, self.tr("Clear the mask"))

    def _refresh(self) -> None:
        workspace, view = self.studio.workspace, self.studio.view
        mask = workspace.edits.mask
        self.state.setText(
            self.tr("Found automatically in each picture. Detect shows it.")
            if mask is None
            else self.tr("Only what is red is changed, and all of it.")
        )
        ready = self.studio.preview.document is not None
        self.detect.setEnabled(
            ready and workspace.installed("dewatermark") and not self.studio.preview.looking
        )
        self.clear.setEnabled(mask is not None)
        self.sensitivity.show_value(
            float(workspace.step_of("dewatermark").values.get("sensitivity", 0.5))
        )
        self.brush_size.show_value(view.brush)
        self.overlay.blockSignals(True)
        self.overlay.setChecked(view.show_mask)
        self.overlay.blockSignals(False)
        if view.tool in self.buttons:
            self.buttons[view.tool].setChecked(True)
