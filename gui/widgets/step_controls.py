"""Controls that stand for something in the recipe or the view, and follow it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from PySide6.QtWidgets import QToolButton, QWidget

from restore.gui.model.view import ToolName, ViewState
from restore.gui.model.workspace import Workspace
from restore.gui.style import Theme
from restore.gui.widgets.controls import Slider, Switch, row, tool_button
from restore.tasks import TASKS


class StepSlider(Slider):
    """A figure that is asked of a step, by the name of its option."""

    def __init__(
        self,
        workspace: Workspace,
        task: str,
        option: str,
        name: str,
        bounds: tuple[float, float],
        *,
        decimals: int = 0,
        suffix: str = "",
        factor: float = 1.0,
    ) -> None:
        """Arguments as `Slider` has them."""
        super().__init__(name, bounds, decimals=decimals, suffix=suffix, factor=factor)
        self.workspace, self.task, self.option = workspace, task, option
        self.edited.connect(self._ask)
        workspace.recipe_changed.connect(self._follow)
        self._follow()

    def _ask(self, value: float, gesture: str) -> None:
        change: dict[str, Any] = {self.option: round(value, 4)}
        step = self.workspace.step_of(self.task)
        if not step.enabled and self.workspace.usable(step):  # or nothing would be seen of it
            change["enabled"] = True
        self.workspace.edit_step(self.task, self.name, gesture, **change)

    def _follow(self) -> None:
        value = asked(self.workspace, self.task, self.option)
        if value is not None:
            self.show_value(float(value))


class StepSwitch(Switch):
    """A yes or no that is asked of a step, by the name of its option."""

    def __init__(self, workspace: Workspace, task: str, option: str, name: str) -> None:
        super().__init__(name)
        self.workspace, self.task, self.option, self.name = workspace, task, option, name
        self.toggled.connect(self._ask)
        workspace.recipe_changed.connect(self._follow)
        self._follow()

    def _ask(self, on: bool) -> None:
        change: dict[str, Any] = {self.option: on}
        self.workspace.edit_step(self.task, self.name, **change)

    def _follow(self) -> None:
        self.show_value(bool(asked(self.workspace, self.task, self.option)))


def asked(workspace: Workspace, task: str, option: str) -> Any:
    """What the recipe asks of a step; the option's default where it asks nothing."""
    (entry,) = (entry for entry in fields(TASKS[task].options) if entry.name == option)
    return workspace.step_of(task).values.get(option, entry.default)


class ToolRow(QWidget):
    """Buttons for the tools of the canvas, of which the one in hand is down."""

    def __init__(self, view: ViewState, names: Mapping[ToolName, str], theme: Theme) -> None:
        super().__init__()
        self.view = view
        self.buttons: dict[ToolName, QToolButton] = {}
        layout = row(gap=2)
        for tool, name in names.items():
            button = tool_button(tool, name, theme, checkable=True)
            button.clicked.connect(lambda _=False, tool=tool: self._take(tool))
            self.buttons[tool] = button
            layout.addWidget(button)
        self.setLayout(layout)
        view.tool_changed.connect(self._follow)
        self._follow()

    def _take(self, tool: ToolName) -> None:
        self.view.set_tool(tool)
        self._follow()  # a click on the tool in hand must not let go of it

    def _follow(self) -> None:
        for tool, button in self.buttons.items():
            button.setChecked(tool == self.view.tool)
