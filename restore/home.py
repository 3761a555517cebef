"""The user's own folder: models that were fine-tuned or imported, and the runs that made them."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

from restore.atomic import write_bytes
from restore.errors import UnknownModel

VARIABLE = "RESTORE_HOME"
"""Environment variable that puts the folder elsewhere."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_TAKEN = {"auto", "fast", "best", "con", "prn", "aux", "nul"} | {
    f"{port}{number}" for port in ("com", "lpt") for number in range(10)
}
"""Words with a meaning of their own, here or to Windows."""


def home() -> Path:
    """The folder, which need not exist yet: what `RESTORE_HOME` names, or the system's place."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named).expanduser()
    from platformdirs import user_data_path

    return user_data_path("restore-studio", appauthor=False)


def models_folder() -> Path:
    return home() / "models"


def run_folder(name: str) -> Path:
    """Where the fine-tuning of a model keeps its checkpoints."""
    return home() / "runs" / name


def checked_name(name: str) -> str:
    """The name, if a model and its files may be called so on every system.

    Raises:
        UnknownModel: they may not.
    """
    if not _NAME.fullmatch(name) or name.lower().split(".")[0] in _TAKEN or name.endswith("."):
        raise UnknownModel(
            f"a model can't be called {name!r}: use letters, digits, - and _, up to 64 of them, "
            "and none of auto, fast, best"
        )
    return name


def default_model(task: str) -> str | None:
    """The model that the user has made the default of a task, if any."""
    value = _defaults().get(task)
    return value if isinstance(value, str) else None


def write_default_model(task: str, name: str | None) -> None:
    """Write down the default model of a task, or that there is none: see
    `restore.zoo.set_default_model`, which checks it."""
    values = {key: value for key, value in _defaults().items() if key != task}
    if name is not None:
        values[task] = name
    write_bytes(home() / "defaults.json", (json.dumps(values, indent=2) + "\n").encode())


def _defaults() -> dict[str, object]:
    try:
        values = json.loads((home() / "defaults.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}
