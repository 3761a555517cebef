"""Where the mark is: found, painted, or both."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from restore.gui.model.view import BRUSH_SIZES
from restore.gui.studio import Studio
from restore.gui.style import Theme
from restore.gui.texts import percent_sign
from restore.gui.widgets.controls import Slider, Switch, column, label, push_button, row
from restore.gui.widgets.step_controls import StepSlider, ToolRow


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
        self.tools = ToolRow(
            view,
            {
                "hand": self.tr("Move the picture"),
                "brush": self.tr("Brush: paint over the mark"),
                "eraser": self.tr("Eraser: this is no mark"),
                "box": self.tr("Box around the mark (Alt takes out)"),
                "lasso": self.tr("Lasso around the mark (Alt takes out)"),
            },
            theme,
        )
        self.brush_size = Slider(self.tr("Brush size"), BRUSH_SIZES, suffix=" px")
        self.brush_size.edited.connect(lambda value, _: view.set_brush(round(value)))
        self.sensitivity = StepSlider(
            workspace, "dewatermark", "sensitivity", self.tr("Sensitivity"), (0, 100),
            suffix=percent_sign(), factor=100,
        )  # fmt: skip
        self.overlay = Switch(self.tr("Show the mask"))
        self.overlay.toggled.connect(lambda shown: view.set_overlay(mask=shown))
        tools = row(self.tools)
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
        self.sensitivity.setEnabled(mask is None)  # a mask is obeyed
        self.brush_size.show_value(view.brush)
        self.overlay.show_value(view.show_mask)
