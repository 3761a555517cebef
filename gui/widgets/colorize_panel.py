"""Colour points and saturation."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from restore.gui.model.colour import rgb_to_lab
from restore.gui.model.commands import new_gesture
from restore.gui.studio import Studio
from restore.gui.style import Theme
from restore.gui.texts import percent_sign
from restore.gui.widgets.colour_picker import ColourPicker
from restore.gui.widgets.controls import Switch, column, label, push_button, row
from restore.gui.widgets.step_controls import StepSlider, StepSwitch, ToolRow


class ColorizePanel(QWidget):
    picking = Signal(QWidget)
    """The picker, which is needed now."""

    def __init__(self, studio: Studio, theme: Theme) -> None:
        super().__init__()
        self.studio = studio
        workspace, view = studio.workspace, studio.view
        self.selected: int | None = None
        self._gesture = new_gesture()
        self.saturation = StepSlider(
            workspace, "colorize", "saturation", self.tr("Saturation"), (0, 200),
            suffix=percent_sign(), factor=100,
        )  # fmt: skip
        self.tools = ToolRow(
            view,
            {"hand": self.tr("Move the picture"), "point": self.tr("Set a colour point")},
            theme,
        )
        self.remove = push_button(self.tr("Remove"), theme)
        self.clear = push_button(self.tr("Clear"), theme, "clear")
        self.remove.clicked.connect(self._remove)
        self.clear.clicked.connect(lambda: workspace.edit_hints((), self.tr("Clear the colours")))
        self.state = label(dim=True)
        self.picker = ColourPicker(theme)
        self.picker.picked.connect(self._recolour)
        self.uncertain = Switch(self.tr("Show where a colour helps most"))
        self.uncertain.toggled.connect(self._show_uncertainty)
        self.force = StepSwitch(
            workspace, "colorize", "force", self.tr("Recolour what is in colour")
        )
        tools = row(self.tools)
        tools.addStretch(1)
        tools.addWidget(self.remove)
        tools.addWidget(self.clear)
        layout = column()
        layout.addWidget(self.saturation)
        layout.addWidget(self.force)
        layout.addWidget(label(self.tr("Colours of this picture"), heading=True))
        layout.addWidget(self.state)
        layout.addLayout(tools)
        layout.addWidget(self.picker)
        layout.addWidget(self.uncertain)
        self.setLayout(layout)
        for signal in (
            workspace.hints_changed,
            workspace.current_changed,
            workspace.models_changed,
            studio.preview.document_changed,
        ):
            signal.connect(self._refresh)
        view.changed.connect(self._follow_view)
        self._refresh()
        self._follow_view()

    def select(self, index: int) -> None:
        """Give the colour point of an index (or none: -1) a colour from now on."""
        self.selected = index if index >= 0 else None
        self._gesture = new_gesture()
        self._refresh()
        if self.selected is not None:
            self.picking.emit(self.picker)

    def _recolour(self, colour: tuple[int, int, int], done: bool) -> None:
        hints = list(self.studio.workspace.edits.hints)
        if self.selected is None or self.selected >= len(hints):
            return
        x, y, _ = hints[self.selected]
        hints[self.selected] = (x, y, colour)
        text = self.tr("Change a colour")
        self.studio.workspace.edit_hints(tuple(hints), text, self._gesture)
        if done:
            self._gesture = new_gesture()

    def _lightness(self, x: int, y: int) -> float | None:
        """Of the picture at a place, 0..100: colorizing keeps it."""
        document = self.studio.preview.document
        if document is None or y >= document.size[0] or x >= document.size[1]:
            return None
        pixel = document.source.levels[0][y, x, :3]
        return float(rgb_to_lab(pixel / 255)[0])

    def _remove(self) -> None:
        hints = self.studio.workspace.edits.hints
        if self.selected is not None and self.selected < len(hints):
            left = hints[: self.selected] + hints[self.selected + 1 :]
            self.selected = None
            self.studio.workspace.edit_hints(left, self.tr("Remove a colour"))

    def _show_uncertainty(self, shown: bool) -> None:
        document = self.studio.preview.document
        if shown and document is not None and document.uncertainty is None:
            self.studio.preview.look("uncertainty")
        self.studio.view.set_overlay(uncertainty=shown)

    def _follow_view(self) -> None:
        self.uncertain.show_value(self.studio.view.show_uncertainty)

    def _refresh(self) -> None:
        workspace = self.studio.workspace
        hints = workspace.edits.hints
        if self.selected is not None and self.selected >= len(hints):
            self.selected = None
        if not hints:
            self.state.setText(self.tr("Choose the dropper and click on the picture."))
        elif self.selected is None:
            self.state.setText(self.tr("Choose the dropper and click on a point to change it."))
        else:
            self.state.setText(self.tr("Drag the point to move it; choose its colour here:"))
        self.picker.setVisible(self.selected is not None)
        if self.selected is not None:
            x, y, colour = hints[self.selected]
            self.picker.show_colour(colour, self._lightness(x, y))
        self.remove.setEnabled(self.selected is not None)
        self.clear.setEnabled(bool(hints))
        self.uncertain.setEnabled(
            self.studio.preview.document is not None and workspace.installed("colorize")
        )
