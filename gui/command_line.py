"""The command that does what the window is set to do."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import cv2

from restore.atomic import write_bytes
from restore.gui.model.recipe import Step
from restore.gui.model.workspace import Workspace
from restore.gui.preferences import Preferences

_FLAGS = {"sigma": "--sigma", "sensitivity": "--sensitivity", "saturation": "--saturation"}


def equivalent(workspace: Workspace, preferences: Preferences, folder: Path) -> str:
    """One line for a shell; masks and colour points go into files in `folder`.

    The line speaks of all pictures that are open; what was drawn belongs to the current one alone,
    and with it the line does.
    """
    steps = workspace.active_recipe
    inputs = [str(path) for path in _inputs(workspace)]
    drawn = _drawn(workspace, steps, folder)
    if drawn and workspace.current is not None:
        inputs = [str(workspace.current)]
    output = workspace.output
    line = ["restore", steps[0].task if len(steps) == 1 else "run", *inputs]
    line += ["-o", str(output.folder_for(workspace.files.inputs))]
    if len(steps) == 1:
        line += _options(steps[0])
        if steps[0].model != "auto":
            line += ["--model", steps[0].model]
    else:
        for step in steps:
            line += ["--step", _as_step(step)]
    line += drawn
    if output.format != "keep":
        line += ["--format", output.format]
    if output.quality is not None:
        line += ["--quality", str(output.quality)]
    if output.overwrite:
        line.append("--overwrite")
    if preferences.device != "auto":
        line += ["--device", preferences.device]
    if preferences.tile is not None:
        line += ["--tile", str(preferences.tile)]
    return shlex.join(line)


def _inputs(workspace: Workspace) -> list[Path]:
    """What was opened; file by file where some of a folder's were taken off the list."""
    files = workspace.files
    return files.paths() if files.partial else list(files.inputs)


def _asked(step: Step) -> dict[str, float]:
    values = {name: value for name, value in step.values.items() if name in _FLAGS}
    if step.strength != 1:
        values = {"strength": step.strength, **values}
    return {name: value for name, value in values.items() if value is not None}


def _options(step: Step) -> list[str]:
    line = []
    for name, value in _asked(step).items():
        line += [_FLAGS.get(name, f"--{name}"), f"{value:g}"]
    return [*line, "--force"] if step.values.get("force") else line


def _as_step(step: Step) -> str:
    settings = [f"{name}={value:g}" for name, value in _asked(step).items()]
    if step.model != "auto":
        settings.append(f"model={step.model}")
    return step.task + (":" + ",".join(settings) if settings else "")


def _drawn(workspace: Workspace, steps: tuple[Step, ...], folder: Path) -> list[str]:
    tasks = {step.task for step in steps}
    edits = workspace.edits
    stem = workspace.current.stem if workspace.current else ""
    line = []
    if edits.mask is not None and "dewatermark" in tasks:
        path = folder / f"{stem}-mask.png"
        write_bytes(path, bytes(cv2.imencode(".png", edits.mask)[1]))
        line += ["--mask", str(path)]
    if edits.hints and "colorize" in tasks:
        path = folder / f"{stem}-hints.json"
        write_bytes(path, json.dumps(edits.hints).encode())
        line += ["--hints", str(path)]
    return line
