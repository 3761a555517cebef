"""The way into the window, which says in one line what is missing if there is none."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path

MISSING = 4
"""Exit code where something is not installed."""


def problem() -> str:
    """What keeps the window from showing, and what to do about it; empty if nothing does."""
    for name in ("PySide6", "qtawesome", "superqt", "platformdirs"):
        if find_spec(name) is None:
            return f'the window needs {name}, which is missing: pip install "restore-studio[gui]"'
    shown = {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"} & set(os.environ)
    if sys.platform.startswith("linux") and not shown:
        return "there is no screen here (neither DISPLAY nor WAYLAND_DISPLAY is set)"
    try:
        import PySide6.QtWidgets
    except ImportError as error:
        return (
            f"Qt can't be loaded ({error}); on Debian and Ubuntu: apt install libegl1 libgl1 "
            "libxkbcommon-x11-0 libxcb-cursor0 libdbus-1-3"
        )
    if loses_references():
        return (
            f"PySide6 {PySide6.__version__} makes Python {sys.version_info[0]}."
            f'{sys.version_info[1]} crash: pip install "PySide6-Essentials<6.12"'
        )
    return ""


def loses_references() -> bool:
    """Whether Qt's calls take references from None, which ends in an abort after some thousands.

    PySide6 6.12.0 does, on Pythons whose None is not immortal.
    """
    from PySide6.QtCore import QObject

    thing = QObject()
    before = sys.getrefcount(None)
    for _ in range(100):
        thing.setObjectName("")
    return before - sys.getrefcount(None) > 50


def main() -> None:
    if found := problem():
        print(f"error: {found}", file=sys.stderr)  # noqa: T201
        sys.exit(MISSING)
    from restore.gui.app import run

    sys.exit(run([Path(argument) for argument in sys.argv[1:]]))
