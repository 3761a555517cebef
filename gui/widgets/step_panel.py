"""The settings of the step that is looked at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFileDialog, QVBoxLayout, QWidget

from restore.gui.studio import Studio
from restore.gui.style import GAP, Theme
from restore.gui.texts import model_title, percent_sign, task_about, task_title
from restore.gui.widgets.colorize_panel import ColorizePanel
from restore.gui.widgets.controls import Notice, column, label, row, tool_button
from restore.gui.widgets.denoise_panel import DenoisePanel
from restore.gui.widgets.step_controls import StepSlider
from restore.gui.widgets.watermark_panel import WatermarkPanel

_OWN = "own"


class ModelRow(QWidget):
    """Which model a step uses, with a way to its card."""

    card_wanted = Signal(object)

    def __init__(self, studio: Studio, task: str, theme: Theme) -> None:
        super().__init__()
        self.studio, self.task = studio, task
        self.box = QComboBox()
        self.box.setAccessibleName(self.tr("Model"))
        self.info = tool_button("info", self.tr("About this model"), theme)
        self.info.clicked.connect(lambda: self.card_wanted.emit(self.card()))
        name = label(self.tr("Model"), wrap=False)
        name.setBuddy(self.box)
        layout = row(name, self.box, self.info)
        layout.setStretch(1, 1)
        self.setLayout(layout)
        self.box.activated.connect(self._choose)
        studio.workspace.recipe_changed.connect(self.refresh)
        studio.engine_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        step = self.studio.workspace.step_of(self.task)
        self.box.clear()
        self.box.addItem(self.tr("Automatic"), "auto")
        for card in self._cards():
            size = card["name"].removeprefix(f"{self.task}-")
            self.box.addItem(model_title(card), size if size in {"fast", "best"} else card["name"])
        if self.box.findData(step.model) < 0:
            self.box.addItem(Path(step.model).name, step.model)
        self.box.addItem(self.tr("Own file…"), _OWN)
        self.box.setCurrentIndex(self.box.findData(step.model))
        self.info.setEnabled(self.card() is not None)

    def _cards(self) -> list[dict[str, Any]]:
        cards = self.studio.workspace.cards or ()
        return [card for card in cards if card["task"] == self.task]

    def card(self) -> dict[str, Any] | None:
        """The card of the model that would be taken."""
        model = self.studio.workspace.step_of(self.task).model
        if model == "auto" and self.studio.engine is not None:
            model = self.studio.engine.defaults.get(self.task, model)
        model = "fast" if model == "auto" else model
        cards = self._cards()
        named = [card for card in cards if card["name"] in {model, f"{self.task}-{model}"}]
        return next(iter(named or cards), None)

    def _choose(self, index: int) -> None:
        chosen = self.box.itemData(index)
        if chosen == _OWN:
            kinds = self.tr("Models") + " (*.safetensors)"
            chosen, _ = QFileDialog.getOpenFileName(self, self.tr("Choose a model"), "", kinds)
        if chosen:
            self.studio.workspace.edit_step(self.task, self.tr("Change the model"), model=chosen)
        self.refresh()


class StepPanel(QWidget):
    """A page for each task; all have a model and a strength."""

    card_wanted = Signal(object)

    def __init__(self, studio: Studio, theme: Theme) -> None:
        super().__init__()
        self.studio = studio
        self.pages: dict[str, QWidget] = {}
        self.strengths: dict[str, StepSlider] = {}
        self.denoise = DenoisePanel(studio, theme)
        self.watermark = WatermarkPanel(studio, theme)
        self.colorize = ColorizePanel(studio, theme)
        self._absent: dict[str, QWidget] = {}
        self._settings: dict[str, tuple[QWidget, ...]] = {}
        self.setObjectName("section")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 14)
        panels: dict[str, QWidget] = {
            "denoise": self.denoise,
            "dewatermark": self.watermark,
            "colorize": self.colorize,
        }
        for task, panel in panels.items():
            self.pages[task] = self._page(task, panel, theme)
            layout.addWidget(self.pages[task])
        workspace = studio.workspace
        workspace.step_changed.connect(self._show)
        for signal in (workspace.recipe_changed, workspace.models_changed):
            signal.connect(self._refresh)
        self._show()
        self._refresh()

    def _page(self, task: str, panel: QWidget, theme: Theme) -> QWidget:
        page = QWidget()
        layout = column(gap=GAP + 2)
        layout.addWidget(label(task_title(task), heading=True))
        layout.addWidget(label(task_about(task), dim=True))
        absent = Notice(
            self.tr(
                "This version comes without a model for this step. If you have the file of one, "
                "choose it below; a newer version may bring it."
            )
        )
        layout.addWidget(absent)
        model = ModelRow(self.studio, task, theme)
        model.card_wanted.connect(self.card_wanted)
        layout.addWidget(model)
        strength = StepSlider(
            self.studio.workspace, task, "strength", self.tr("Strength"), (0, 100),
            suffix=percent_sign(), factor=100,
        )  # fmt: skip
        layout.addWidget(strength)
        layout.addWidget(panel)
        page.setLayout(layout)
        self.strengths[task] = strength
        self._absent[task], self._settings[task] = absent, (strength, panel)
        return page

    def _show(self) -> None:
        # Not a QStackedWidget: that is always as tall as the tallest page.
        for task, page in self.pages.items():
            page.setVisible(task == self.studio.workspace.step_task)

    def _refresh(self) -> None:
        workspace = self.studio.workspace
        for task, absent in self._absent.items():
            usable = workspace.usable(workspace.step_of(task))
            absent.setVisible(not usable)
            for widget in self._settings[task]:
                widget.setVisible(usable)
