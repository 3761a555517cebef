"""Everything the user works on: files, recipe, what was drawn, output; and the way back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from restore.gui.engine.messages import Box
from restore.gui.model.commands import PatchMask, SetHints, SetRecipe
from restore.gui.model.edits import Edits, Hint, Mask
from restore.gui.model.files import FileList
from restore.gui.model.output import Output
from restore.gui.model.recipe import DEFAULT, RecipeForm, StepForm

UNDO_LIMIT = 200


class Workspace(QObject):
    recipe_changed = Signal()
    step_changed = Signal()
    """Another step of the recipe is looked at."""
    mask_changed = Signal(object, object)
    """Path, and the `Box` that changed."""
    hints_changed = Signal(object)
    """Path."""
    current_changed = Signal()
    output_changed = Signal()
    models_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.files = FileList(self)
        self.undo = QUndoStack(self)
        self.undo.setUndoLimit(UNDO_LIMIT)
        self.recipe: RecipeForm = DEFAULT
        self.step_task = "denoise"
        self.output = Output()
        self.current: Path | None = None
        self.size: tuple[int, int] = (0, 0)
        """Height and width of the current picture, once it is read."""
        self.cards: tuple[dict[str, Any], ...] | None = None
        """Of the models that are installed; None: not known yet."""
        self._edits: dict[Path, Edits] = {}

    # What is installed

    def set_cards(self, cards: tuple[dict[str, Any], ...]) -> None:
        self.cards = cards
        self.models_changed.emit()

    def installed(self, task: str) -> bool:
        """Whether there is a model for a task; taken for true until the engine has told."""
        return self.cards is None or any(card["task"] == task for card in self.cards)

    def usable(self, step: StepForm) -> bool:
        """Whether a step can be done here."""
        return self.installed(step.task) or step.model.endswith(".safetensors")

    @property
    def active_recipe(self) -> RecipeForm:
        """The steps that are switched on and can be done here."""
        return tuple(step for step in self.recipe if step.enabled and self.usable(step))

    # What is looked at

    def show(self, path: Path | None) -> None:
        if path != self.current:
            self.current = path
            self.size = (0, 0)
            self.current_changed.emit()

    def show_again(self, path: Path) -> None:
        """Show the picture that an edit is about, which may be undone much later."""
        if self.files.item(path) is not None:
            self.show(path)

    def show_step(self, task: str) -> None:
        if task != self.step_task:
            self.step_task = task
            self.step_changed.emit()

    @property
    def step(self) -> StepForm:
        return self.step_of(self.step_task)

    def step_of(self, task: str) -> StepForm:
        return next(step for step in self.recipe if step.task == task)

    # The recipe

    def edit_step(self, task: str, text: str, gesture: str = "", **changes: Any) -> None:
        """Change fields of a step (`enabled`, `model`) or its values (all other names)."""
        step = self.step_of(task)
        for name, value in changes.items():
            if name in {"enabled", "model"}:
                step = replace(step, **{name: value})
            else:
                step = step.with_value(name, value)
        recipe = tuple(step if entry.task == task else entry for entry in self.recipe)
        self.edit_recipe(recipe, text, gesture)

    def edit_recipe(self, recipe: RecipeForm, text: str, gesture: str = "") -> None:
        if recipe != self.recipe:
            self.undo.push(SetRecipe(self, recipe, text, gesture))

    def move_step(self, task: str, by: int, text: str) -> None:
        steps = list(self.recipe)
        index = next(index for index, step in enumerate(steps) if step.task == task)
        place = min(max(index + by, 0), len(steps) - 1)
        steps.insert(place, steps.pop(index))
        self.edit_recipe(tuple(steps), text)

    def put_recipe(self, recipe: RecipeForm) -> None:
        self.recipe = recipe
        self.recipe_changed.emit()

    # What is drawn

    def edits_of(self, path: Path) -> Edits:
        """What was drawn on a picture; nothing yet is a new `Edits`, kept once it is drawn on."""
        return self._edits.setdefault(path, Edits())

    @property
    def edits(self) -> Edits:
        return self.edits_of(self.current) if self.current is not None else Edits()

    def all_edits(self) -> dict[Path, Edits]:
        return {path: edits for path, edits in self._edits.items() if not edits.empty}

    def edit_hints(self, hints: tuple[Hint, ...], text: str, gesture: str = "") -> None:
        if self.current is not None and hints != self.edits.hints:
            drawn = len(hints) > len(self.edits.hints)
            self._push(
                SetHints(self, self.current, hints, text, gesture), "colorize" if drawn else ""
            )

    def put_hints(self, path: Path, hints: tuple[Hint, ...]) -> None:
        self.edits_of(path).hints = hints
        self.hints_changed.emit(path)

    def edit_mask(
        self,
        box: Box,
        after: Mask | None,
        text: str,
        before: Any = ...,
        path: Path | None = None,
        size: tuple[int, int] | None = None,
    ) -> None:
        """Replace a part of a mask, or with None all of it: back to automatic.

        Args:
            before: that part as it was, where it has been painted over already; None if there was
                no mask.
            path: the picture; None: the current one.
            size: its height and width; None: those of the current one.
        """
        path = path or self.current
        mask = None if path is None else self.edits_of(path).mask
        size = size or self.size if mask is None else (mask.shape[0], mask.shape[1])
        height, width = size
        if path is None or not height:
            return
        if after is None:
            box = (0, height, 0, width)
        if before is ...:
            before = None if mask is None else mask[_slices(box)]
        self._push(
            PatchMask(self, path, size, box, before, after, text),
            "" if after is None else "dewatermark",
        )

    def put_mask(self, path: Path, size: tuple[int, int], box: Box, part: Mask | None) -> None:
        edits = self.edits_of(path)
        if part is None:
            edits.mask = None
        else:
            if edits.mask is None:
                edits.mask = np.zeros(size, np.uint8)
            edits.mask[_slices(box)] = part
        edits.touch()
        self.mask_changed.emit(path, box)

    def _push(self, command: QUndoCommand, task: str) -> None:
        """Make an edit; it switches the step on that it is drawn for, or nothing would be seen."""
        step = self.step_of(task) if task else None
        if step is None or step.enabled or not self.usable(step):
            self.undo.push(command)
            return
        self.undo.beginMacro(command.text())
        self.edit_step(task, command.text(), enabled=True)
        self.undo.push(command)
        self.undo.endMacro()

    # Output

    def set_output(self, output: Output) -> None:
        if output != self.output:
            self.output = output
            self.output_changed.emit()


def _slices(box: Box) -> tuple[slice, slice]:
    top, bottom, left, right = box
    return slice(top, bottom), slice(left, right)
