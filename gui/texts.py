"""Names that several parts of the window use."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QCoreApplication

translate = QCoreApplication.translate


def task_title(task: str) -> str:
    titles = {
        "denoise": translate("Tasks", "Remove noise"),
        "dewatermark": translate("Tasks", "Remove watermark"),
        "colorize": translate("Tasks", "Colorize"),
    }
    return titles.get(task, task)


def model_title(card: dict[str, Any]) -> str:
    """What a model is called in lists: those that ship by their size, the user's by their name."""
    name = str(card["name"])
    size = name.removeprefix(f"{card['task']}-")
    sizes = {"fast": translate("Models", "Fast"), "best": translate("Models", "Best")}
    title = sizes.get(size, name)
    return translate("Models", "{name} (draft)").format(name=title) if card.get("draft") else title


def task_about(task: str) -> str:
    abouts = {
        "denoise": translate("Tasks", "Takes out noise and grain and keeps the detail."),
        "dewatermark": translate(
            "Tasks", "Gives the pixels below a mark back. For pictures you own or may edit."
        ),
        "colorize": translate("Tasks", "Gives black-and-white photos believable colours."),
    }
    return abouts.get(task, "")


def state_title(state: str) -> str:
    titles = {
        "new": "",
        "waiting": translate("States", "Waiting"),
        "running": translate("States", "Running"),
        "done": translate("States", "Done"),
        "failed": translate("States", "Failed"),
        "skipped": translate("States", "Skipped: the result is there already"),
    }
    return titles.get(state, state)


def stage_title(stage: str) -> str:
    titles = {
        "detect": translate("Stages", "Looking for marks"),
        "uncertainty": translate("Stages", "Looking where a colour helps most"),
        "preview": translate("Stages", "Preview"),
    }
    return titles.get(stage) or (task_title(stage) if stage else translate("Stages", "Computing"))


def duration(seconds: float) -> str:
    """Seconds as people write them: 0:42, 12:05, 1:02:03."""
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def percent_sign() -> str:
    """What stands behind a number of percents."""
    return translate("Units", "%", "behind a number")


def percent(share: float) -> str:
    """A share, 0..1, in percents."""
    return f"{share * 100:.0f}{percent_sign()}"
