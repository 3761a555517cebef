"""Names that several parts of the window use."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QCoreApplication

from restore.finetune.events import Verdict

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


def verdict_text(verdict: Verdict) -> str:
    """What a training was worth, in the language and in the words of the window."""
    proof = verdict.proof
    if proof is None:
        if verdict.stopped:
            parts = [translate("Verdict", "Stopped before it was better than the base model once.")]
        else:
            parts = [
                translate("Verdict", "It was never better than the base model on your photos."),
                translate("Verdict", "More photos, or others, may help."),
            ]
    else:
        figures = f"{proof.base:.2f} → {proof.tuned:.2f} {proof.metric}"
        count = len(proof.photos)
        one = translate("Verdict", "on one held-out photo")
        where = one if count == 1 else translate("Verdict", "on {count} held-out photos")
        where = where.format(count=count)
        lower = "" if proof.higher_is_better else translate("Verdict", ", lower is better")
        gain = f"{proof.gain:.2f}"
        if verdict.better:
            text = translate("Verdict", "better than the base model, by {gain}.")
        elif proof.gain > 0:
            text = translate("Verdict", "hardly better, by {gain}, which may be chance.")
        else:
            text = translate("Verdict", "not better than the base model.")
        parts = [f"{figures} {where}{lower}: {text.format(gain=gain)}"]
        if not verdict.better:
            parts.append(
                translate("Verdict", "It is kept as a draft.")
                if verdict.draft
                else translate(
                    "Verdict", "The earlier model of this name, which was better, stays."
                )
            )
            parts.append(translate("Verdict", "More photos or more time may help."))
    if verdict.stopped:
        parts.append(translate("Verdict", "It was stopped early and can go on from here."))
    return " ".join(parts)


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
