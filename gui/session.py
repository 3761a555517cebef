"""The state of the window, kept on disk so that it comes back after a crash."""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PySide6.QtCore import QObject, QTimer

from restore.atomic import write_bytes
from restore.errors import UnwritableOutput
from restore.gui.background import Background
from restore.gui.model.edits import Edits, Mask
from restore.gui.model.output import Output
from restore.gui.model.recipe import recipe_from_json
from restore.gui.model.training_form import TrainingForm
from restore.gui.model.view import MODES, ViewState
from restore.gui.model.workspace import Workspace
from restore.gui.training import Training

log = logging.getLogger(__name__)
VERSION = 1
DELAY = 700
"""Milliseconds from a change to its being stored."""


class Session(QObject):
    """Stores workspace and view shortly after each change, masks as PNG beside the JSON."""

    def __init__(
        self,
        workspace: Workspace,
        view: ViewState,
        training: Training,
        folder: Path,
        background: Background,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.workspace, self.view, self.training = workspace, view, training
        self.folder = folder
        self.background = background
        self.window: dict[str, Any] = {}
        """Geometry and the like, as the window last told."""
        self.window_state: Callable[[], dict[str, Any]] | None = None
        self.recent: list[str] = []
        self.stored = True
        """Whether it is written to disk at all."""
        self._written: dict[str, int] = {}
        """Revisions of the masks that are on disk, by file name."""
        self._saves = 0
        """Begun so far."""
        self._latest = 0
        """Number of the save that is on disk."""
        self._lock = threading.Lock()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DELAY)
        self._timer.timeout.connect(self.save)

    def watch(self) -> None:
        """From now on, store whatever changes."""
        workspace = self.workspace
        for signal in (
            workspace.recipe_changed,
            workspace.step_changed,
            workspace.mask_changed,
            workspace.hints_changed,
            workspace.current_changed,
            workspace.output_changed,
            workspace.files.rowsInserted,
            workspace.files.modelReset,
            self.view.changed,
            self.training.form_changed,
            self.training.begun,
        ):
            signal.connect(self.touch)

    def touch(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def save(self) -> None:
        """Take down everything now; the writing itself is done in the background."""
        self._timer.stop()
        if not self.stored:
            return
        if self.window_state is not None:
            self.window = self.window_state()
        masks: dict[str, Mask] = {}
        revisions: dict[str, int] = {}
        edits: dict[str, Any] = {}
        for path, drawn in self.workspace.all_edits().items():
            digest = hashlib.sha256(str(path).encode(errors="surrogatepass"))
            name = digest.hexdigest()[:20] + ".png"
            edits[str(path)] = {
                "hints": [list(hint) for hint in drawn.hints],
                "mask": name if drawn.mask is not None else None,
            }
            if drawn.mask is not None and self._written.get(name) != drawn.revision:
                masks[name] = drawn.mask.copy()
                revisions[name] = drawn.revision
        data = json.dumps(self._record() | {"edits": edits}, indent=1).encode()
        self._saves += 1
        number = self._saves
        self.background.run(
            lambda: self._write(number, data, masks),
            lambda _: self._written.update(revisions),  # not before: the disk may be full
            log.warning,
        )

    def _record(self) -> dict[str, Any]:
        workspace, view = self.workspace, self.view
        return {
            "version": VERSION,
            "window": self.window,
            "recent": self.recent,
            "inputs": [str(path) for path in workspace.files.inputs],
            "files": [
                [str(item.path), str(item.root) if item.root else None]
                for item in workspace.files.items
            ],
            "partial": workspace.files.partial,
            "current": str(workspace.current) if workspace.current else None,
            "recipe": [step.to_json() for step in workspace.recipe],
            "step": workspace.step_task,
            "output": workspace.output.to_json(),
            "training": {
                "form": self.training.form.to_json(),
                "under_way": self.training.under_way,
            },
            "view": {
                "mode": view.mode,
                "divider": view.divider,
                "fitted": view.fitted,
                "scale": view.scale,
                "centre": list(view.centre),
                "picture": list(view.picture),
                "brush": view.brush,
            },
        }

    def _write(self, number: int, data: bytes, masks: dict[str, Mask]) -> None:
        with self._lock:
            if number < self._latest:  # of two quick saves the later one was written first
                return
            for name, mask in masks.items():
                encoded = cv2.imencode(".png", mask, [cv2.IMWRITE_PNG_COMPRESSION, 1])[1]
                write_bytes(self.folder / "masks" / name, bytes(encoded))
            write_bytes(self.folder / "session.json", data)
            self._latest = number

    def restore(self) -> bool:
        """Put everything back as it was stored; False if there was nothing, or nothing readable."""
        try:
            record = json.loads((self.folder / "session.json").read_text(encoding="utf-8"))
            if record.get("version") != VERSION:
                return False
            self._put(record)
        except FileNotFoundError:
            return False
        except (OSError, ValueError, KeyError, TypeError, UnwritableOutput) as error:
            log.warning("the last session can't be restored: %s", error)
            with contextlib.suppress(OSError):  # the next save would take its place
                stored = self.folder / "session.json"
                stored.replace(stored.with_name("session.bad.json"))
            return False
        return True

    def _put(self, record: dict[str, Any]) -> None:
        workspace, view = self.workspace, self.view
        self.window, self.recent = record["window"], record["recent"]
        files = [
            (Path(path), Path(root) if root else None)
            for path, root in record["files"]
            if _is_there(Path(path))
        ]
        workspace.put_recipe(recipe_from_json(record["recipe"]))
        workspace.show_step(record["step"])
        workspace.set_output(Output(**record["output"]))
        for name, drawn in record["edits"].items():
            self._put_edits(workspace.edits_of(Path(name)), drawn)
        if taught := record.get("training"):
            self.training.form = TrainingForm(**taught["form"])
            self.training.under_way = taught["under_way"]
        shown = record["view"]
        view.mode = shown["mode"] if shown["mode"] in MODES else "split"
        view.divider, view.brush = shown["divider"], shown["brush"]
        view.picture = (shown["picture"][0], shown["picture"][1])
        view.fitted, view.scale = shown["fitted"], shown["scale"]
        view.centre = (shown["centre"][0], shown["centre"][1])
        # Results go beside the first input: one that was moved away would be made again.
        inputs = [path for path in map(Path, record["inputs"]) if _is_there(path)]
        workspace.files.add(files, inputs)
        workspace.files.partial = record.get("partial", False)
        current = Path(record["current"]) if record["current"] else None
        if current is not None and workspace.files.item(current) is not None:
            workspace.show(current)

    def _put_edits(self, edits: Edits, drawn: dict[str, Any]) -> None:
        edits.hints = tuple(
            (int(x), int(y), (int(colour[0]), int(colour[1]), int(colour[2])))
            for x, y, colour in drawn["hints"]
        )
        if drawn["mask"]:
            try:
                edits.mask = _read_mask(self.folder / "masks" / drawn["mask"])
            except OSError as error:
                log.warning("a mask of the last session can't be restored: %s", error)
                return
            edits.touch()
            self._written[drawn["mask"]] = edits.revision

    def add_recent(self, folder: Path) -> None:
        """A folder that was opened, most recent first, ten at most."""
        self.recent = [str(folder), *(name for name in self.recent if name != str(folder))][:10]
        self.touch()


def _is_there(path: Path) -> bool:
    """Whether it is; one on a disk that can't be reached is not."""
    try:
        return path.exists()
    except OSError:
        return False


def _read_mask(path: Path) -> Mask:
    """
    Raises:
        OSError: it is missing or damaged.
    """
    data = path.read_bytes()
    mask = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE) if data else None
    if mask is None:
        raise OSError(f"{path}: damaged")
    return np.where(mask > 127, np.uint8(255), np.uint8(0))
