"""`restore gui`: the desktop window."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from restore.cli import console


def gui(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Pictures and folders to open.")
    ] = None,
) -> None:
    """Open the window: before and after, brush, colour points, export.

    Without PATHS it shows what was open the last time.
    """
    from restore.gui.start import problem

    if found := problem():
        console.fail(found, console.ENVIRONMENT)
    from restore.gui.app import run

    raise typer.Exit(run(paths or []))
