"""The command that does what the window is set to do."""

from __future__ import annotations

import json
import shlex
from dataclasses import fields
from pathlib import Path
from typing import Any

import cv2

from restore.atomic import write_bytes
from restore.gui.model.recipe import Step
from restore.gui.model.workspace import Workspace
from restore.gui.preferences import Preferences
from restore.recipe import Recipe, make_step
from restore.tasks import TASKS

_FLAGS = {"sigma": "--sigma", "sensitivity": "--sensitivity", "saturation": "--saturation"}


def equivalent(workspace: Workspace, preferences: Preferences, folder: Path) -> str:
    """One line for a shell; masks, colour points and recipes with them go into files in `folder`.

    The line speaks of all pictures that are open; what was drawn belongs to the current one alone,
    and with it the line does.
    """
    steps = workspace.active_recipe
    output, files = workspace.output, workspace.files
    drawn = _drawn(workspace, steps, folder)
    inputs, place = _inputs(workspace), output.folder_for(files.inputs)
    item = files.item(workspace.current) if drawn and workspace.current else None
    if item is not None:
        inputs, place = [item.path], output.example(item.path, item.root, files.inputs).parent
    line = ["restore", steps[0].task if len(steps) == 1 else "run", *map(str, inputs)]
    line += ["-o", str(place)]
    if len(steps) == 1:
        line += _options(steps[0])
        if steps[0].model != "auto":
            line += ["--model", steps[0].model]
        for name, path in drawn.items():
            line += [f"--{name}", str(path)]
    elif drawn or any("," in step.model for step in steps):  # more than --step can say
        path = folder / f"{item.path.stem if item else 'recipe'}.toml"
        write_bytes(path, _recipe(steps, drawn).to_toml().encode())
        line += ["--recipe", str(path)]
    else:
        for step in steps:
            line += ["--step", _as_step(step)]
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


def _recipe(steps: tuple[Step, ...], drawn: dict[str, Path]) -> Recipe:
    """The chain with the files of what was drawn as options of the steps that take them."""
    made = []
    for step in steps:
        known = {entry.name for entry in fields(TASKS[step.task].options)}
        values = _asked(step) | {name: str(path) for name, path in drawn.items() if name in known}
        made.append(make_step(step.task, values | {"model": step.model}))
    return Recipe(tuple(made))


def _asked(step: Step) -> dict[str, Any]:
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


def _drawn(workspace: Workspace, steps: tuple[Step, ...], folder: Path) -> dict[str, Path]:
    """What was drawn on the current picture, each in a file, by the name of its option."""
    tasks = {step.task for step in steps}
    edits = workspace.edits
    stem = workspace.current.stem if workspace.current else ""
    found = {}
    if edits.mask is not None and "dewatermark" in tasks:
        found["mask"] = folder / f"{stem}-mask.png"
        write_bytes(found["mask"], bytes(cv2.imencode(".png", edits.mask)[1]))
    if edits.hints and "colorize" in tasks:
        found["hints"] = folder / f"{stem}-hints.json"
        write_bytes(found["hints"], json.dumps(edits.hints).encode())
    return found
