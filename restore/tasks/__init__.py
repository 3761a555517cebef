"""The three tasks, and what each brings to the engine. A new one is a module and a line here."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from restore.errors import UnknownModel
from restore.tasks.options import ColorizeOptions, DenoiseOptions, DewatermarkOptions, Options

if TYPE_CHECKING:
    from restore.tasks.learning import Learning


@dataclass(frozen=True)
class Task:
    """What is known of a task before its code is loaded."""

    about: str
    options: type[Options]


TASKS = {
    "denoise": Task("remove noise and grain", DenoiseOptions),
    "dewatermark": Task("find watermarks and give the pixels below them back", DewatermarkOptions),
    "colorize": Task("give black-and-white photos believable colours", ColorizeOptions),
}


def learning_of(task: str) -> Learning:
    """How a task is learned.

    Raises:
        UnknownModel: there is no such task, or it can't be trained yet.
    """
    if task not in TASKS:
        raise UnknownModel(f"no task {task!r}: there is {', '.join(TASKS)}")
    try:
        module = import_module(f"restore.tasks.{task}_learning")
    except ModuleNotFoundError:
        raise UnknownModel(f"{task} can't be trained yet") from None
    found: Learning = module.LEARNING
    return found
