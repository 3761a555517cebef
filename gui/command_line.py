"""The command that does what the window is set to do."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from restore.atomic import write_bytes
from restore.gui.model.edits import Edits
from restore.gui.model.files import FileItem
from restore.gui.model.output import Output
from restore.gui.model.recipe import calls
from restore.gui.model.workspace import Workspace
from restore.gui.preferences import Preferences
from restore.recipe import Recipe, Step, asked
from restore.tasks.options import ColorizeOptions, DewatermarkOptions


def equivalent(workspace: Workspace, preferences: Preferences, folder: Path) -> str:
    """A line for a shell, or one for each folder of results; masks, colour points and recipes with
    them go into files in `folder`.

    They speak of all pictures that are open; what was drawn belongs to the current one alone, and
    with it they do.
    """
    steps = calls(workspace.active_recipe, Edits())
    drawn = _Drawn(workspace.edits, {step.task for step in steps})
    item = workspace.files.item(workspace.current) if drawn and workspace.current else None
    line: list[str] = []
    name = workspace.current.stem if drawn and workspace.current else "recipe"
    if len(steps) == 1:
        line += _flags(steps[0]) + drawn.flags(folder, name)
    elif drawn or any("," in step.model for step in steps):  # more than --step can say
        path = folder / f"{name}.toml"
        recipe = Recipe(tuple(drawn.on(step, folder, name) for step in steps))
        write_bytes(path, recipe.to_toml().encode())
        line += ["--recipe", str(path)]
    else:
        for step in steps:
            line += ["--step", _as_step(step)]
    line += _saving(workspace.output)
    if preferences.device != "auto":
        line += ["--device", preferences.device]
    if preferences.tile is not None:
        line += ["--tile", str(preferences.tile)]
    command = ["restore", steps[0].task if len(steps) == 1 else "run"]
    return "\n".join(_joined([*command, *places, *line]) for places in _places(workspace, item))


def _joined(line: list[str], *, windows: bool = os.name == "nt") -> str:
    """The line as a shell takes it; single quotes mean nothing to that of Windows."""
    return subprocess.list2cmdline(line) if windows else shlex.join(line)


def _places(workspace: Workspace, item: FileItem | None) -> Iterator[list[str]]:
    """What is read, and where results go: of one file, or of all that is open.

    Files of a folder that are named one by one still have their places in its tree.
    """
    files, output = workspace.files, workspace.output
    listed = [item] if item is not None else files.items if files.partial else []
    if not listed:
        for folder, inputs in output.folders(files.inputs).items():
            yield [*map(str, inputs), "-o", str(folder)]
        return
    roots = {entry.path: entry.root or entry.path.parent for entry in listed}
    for folder in dict.fromkeys(output.folder_for(root) for root in roots.values()):
        there = [path for path, root in roots.items() if output.folder_for(root) == folder]
        line = [*map(str, there), "-o", str(folder)]
        if any(entry.root for entry in listed if entry.path in there):
            for root in dict.fromkeys(roots[path] for path in there):
                line += ["--relative-to", str(root)]
        yield line


def _saving(output: Output) -> list[str]:
    line = []
    if output.format != "keep":
        line += ["--format", output.format]
    if output.quality is not None:
        line += ["--quality", str(output.quality)]
    if output.keep_times:
        line.append("--keep-times")
    if output.overwrite:
        line.append("--overwrite")
    return line


def _flags(step: Step) -> list[str]:
    """What is asked of a step, as the options of its command, which have the same names."""
    line = []
    for name, value in asked(step.options).items():
        line += [f"--{name}"] if value is True else [f"--{name}", json.dumps(value)]
    return line if step.model == "auto" else [*line, "--model", step.model]


def _as_step(step: Step) -> str:
    settings = [f"{name}={json.dumps(value)}" for name, value in asked(step.options).items()]
    if step.model != "auto":
        settings.append(f"model={step.model}")
    return step.task + (":" + ",".join(settings) if settings else "")


class _Drawn:
    """What was drawn on the current picture, as far as there are steps that go by it."""

    def __init__(self, edits: Edits, tasks: set[str]) -> None:
        self.mask = edits.mask if "dewatermark" in tasks else None
        self.hints = edits.hints if "colorize" in tasks else ()

    def __bool__(self) -> bool:
        return self.mask is not None or bool(self.hints)

    def flags(self, folder: Path, name: str) -> list[str]:
        line = []
        if self.mask is not None:
            line += ["--mask", str(_mask_file(self.mask, folder, name))]
        if self.hints:
            path = folder / f"{name}-hints.json"
            write_bytes(path, json.dumps(self.hints).encode())
            line += ["--hints", str(path)]
        return line

    def on(self, step: Step, folder: Path, name: str) -> Step:
        """The step with what was drawn for it."""
        options = step.options
        if self.mask is not None and isinstance(options, DewatermarkOptions):
            options = replace(options, mask=_mask_file(self.mask, folder, name))
        if isinstance(options, ColorizeOptions):
            options = replace(options, hints=self.hints)
        return replace(step, options=options)


def _mask_file(mask: NDArray[np.uint8], folder: Path, name: str) -> Path:
    path = folder / f"{name}-mask.png"
    write_bytes(path, bytes(cv2.imencode(".png", mask)[1]))
    return path
