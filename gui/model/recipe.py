"""The recipe as it is set in the window, the same for all pictures; `calls` makes steps of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from restore.gui.engine.messages import StepCall
from restore.gui.model.edits import Edits
from restore.tasks import TASKS


@dataclass(frozen=True)
class StepForm:
    """A task with what is asked of it, also while it is off."""

    task: str
    enabled: bool = False
    model: str = "auto"
    """`auto`, `fast`, `best`, or the path of a weights file."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """By the names of the task's options; what is missing has its default."""

    @property
    def strength(self) -> float:
        return float(self.values.get("strength", 1.0))

    def with_value(self, name: str, value: Any) -> StepForm:
        return replace(self, values={**self.values, name: value})

    def call(self, edits: Edits) -> StepCall:
        """The step for one picture, with what was painted and set on it."""
        values = dict(self.values)
        drawn = ""
        if self.task == "dewatermark" and edits.mask is not None:
            values["mask"] = edits.mask
            drawn = f"mask {edits.revision}"
        if self.task == "colorize":
            values["hints"] = edits.hints
            drawn = str(edits.hints)
        kind = TASKS[self.task].options
        known = {entry.name for entry in fields(kind)}
        asked = {name: value for name, value in sorted(values.items()) if name in known}
        plain = {name: value for name, value in asked.items() if name not in _NOT_IN_KEY}
        key = json.dumps([self.task, self.model, plain, drawn])
        computed = self.strength if self.task in _MIXED_BY_TASK else 1.0
        return StepCall(self.task, kind(**asked), self.model, key, computed)

    def to_json(self) -> dict[str, Any]:
        return {
            "task": self.task,
            "enabled": self.enabled,
            "model": self.model,
            "values": dict(self.values),
        }

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> StepForm:
        return cls(record["task"], record["enabled"], record["model"], record["values"])


_NOT_IN_KEY = {"strength", "mask", "hints"}
_MIXED_BY_TASK = {"colorize"}
"""Tasks that do more by `strength` than to mix pixels."""

RecipeForm = tuple[StepForm, ...]

DEFAULT: RecipeForm = (
    StepForm("dewatermark"),
    StepForm("denoise", enabled=True),
    StepForm("colorize"),
)
"""A mark goes first, lest the denoiser takes part of it; colour comes last, onto clean pixels."""


def calls(recipe: RecipeForm, edits: Edits) -> tuple[StepCall, ...]:
    return tuple(step.call(edits) for step in recipe if step.enabled)


def recipe_from_json(records: list[dict[str, Any]]) -> RecipeForm:
    """Steps as they were stored; tasks that this version lacks are left out, new ones added."""
    steps = [StepForm.from_json(record) for record in records if record["task"] in TASKS]
    missing = [step for step in DEFAULT if step.task not in {entry.task for entry in steps}]
    return (*steps, *missing)
