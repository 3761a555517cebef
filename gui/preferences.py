"""What the user prefers, in a file of its own under the system's folder for settings."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from platformdirs import user_config_path, user_state_path

from restore.atomic import write_bytes
from restore.errors import UnwritableOutput

log = logging.getLogger(__name__)
APPLICATION = "restore-studio"


@dataclass(frozen=True)
class Preferences:
    device: str = "auto"
    tile: int | None = None
    """Largest side of a tile in pixels: smaller ones need less memory. None: by the device."""
    theme: str = "system"
    language: str = "system"
    shortcuts: Mapping[str, str] = field(default_factory=dict)
    """Those that differ from the usual ones, by the name of the action."""


def folders(base: Path | None = None) -> tuple[Path, Path]:
    """The folders of settings and of the session; both below `base` if one is given."""
    if base is not None:
        return base / "config", base / "state"
    return (
        user_config_path(APPLICATION, appauthor=False),
        user_state_path(APPLICATION, appauthor=False),
    )


def read_preferences(folder: Path) -> Preferences:
    """The preferences as stored; the usual ones where nothing, or nothing sensible, is."""
    try:
        values = json.loads((folder / "preferences.json").read_text(encoding="utf-8"))
        known = {entry.name for entry in fields(Preferences)}
        return Preferences(**{name: values[name] for name in values if name in known})
    except FileNotFoundError:
        return Preferences()
    except (OSError, ValueError, TypeError) as error:
        log.warning("preferences can't be read (%s): the usual ones are taken", error)
        return Preferences()


def write_preferences(preferences: Preferences, folder: Path) -> None:
    try:
        data = json.dumps(asdict(preferences), indent=2).encode()
        write_bytes(folder / "preferences.json", data)
    except UnwritableOutput as error:
        log.warning("%s", error)
