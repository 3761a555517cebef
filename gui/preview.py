"""The picture that is looked at: read, restored as far as it is seen, then all of it."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from restore.gui.background import Background
from restore.gui.engine.client import DIED, Client, next_number
from restore.gui.engine.messages import (
    Ended,
    Look,
    PictureProgress,
    Pixels,
    Render,
    Reply,
    StepCall,
)
from restore.gui.model import reading
from restore.gui.model.document import Document
from restore.gui.model.edits import Mask
from restore.gui.model.pyramid import Pyramid
from restore.gui.model.recipe import calls
from restore.gui.model.view import ViewState
from restore.gui.model.workspace import Workspace

KEPT = 3
"""Pictures that are kept ready to be gone back to."""
PATIENCE = 120
"""Milliseconds without a change before the engine is asked."""
WINDOW_SHARE = 0.6
"""If more of the picture is seen than this, it is computed whole at once."""


class Preview(QObject):
    document_changed = Signal()
    pixels_changed = Signal()
    busy_changed = Signal()
    failed = Signal(str, str)
    """A message, and the name of the error's class."""
    noted = Signal(str)

    def __init__(
        self,
        workspace: Workspace,
        view: ViewState,
        client: Client,
        background: Background,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.workspace, self.view, self.client = workspace, view, client
        self.background = background
        self.document: Document | None = None
        self.stage, self.share = "", 0.0
        self._recent: OrderedDict[Path, tuple[int, Document]] = OrderedDict()
        self._full = 0
        self._window = 0
        self._look = 0
        self._reading = 0
        self._keys: dict[int, tuple[Any, ...]] = {}
        self._asked: tuple[Any, ...] | None = None
        self._deadly: set[tuple[Path, tuple[Any, ...]]] = set()
        """Pictures, and what was asked of them as the engine died: it would again."""
        self._timer = _timer(self, self._ask)
        self._move_timer = _timer(self, self._ask_window)
        workspace.current_changed.connect(self._load)
        workspace.recipe_changed.connect(self._changed)
        workspace.mask_changed.connect(self._changed)
        workspace.hints_changed.connect(self._changed)
        view.moved.connect(self._move_timer.start)
        client.replied.connect(self._receive)

    @property
    def busy(self) -> bool:
        """Whether what is seen is about to change: it is computed, or being read."""
        return bool(self._full or self._reading)

    @property
    def steps(self) -> tuple[StepCall, ...]:
        return calls(self.workspace.active_recipe, self.workspace.edits)

    @property
    def strength(self) -> float:
        """The share of the last step's result that is mixed in as the picture is drawn.

        Where that was computed at another strength than is asked for now, as near as that can come.
        """
        steps, document = self.steps, self.document
        if not steps:
            return 1.0
        last = steps[-1]
        known = document.key[-1] if document is not None and document.key else ()
        computed = known[1] if known and known[0] == last.key else last.computed
        strength: float = last.options.strength
        return min(strength / computed, 1.0) if computed else 1.0

    def refresh(self) -> None:
        """Ask anew, for instance because it is computed elsewhere now."""
        self._asked = None
        self._timer.start()

    def forget(self) -> None:
        """Drop all results: another device or another model file may give others."""
        for _, document in self._recent.values():
            document.set_raw(document.raw, ())
            document.known = []
        self._deadly.clear()
        self.refresh()

    def look(self, what: Any) -> None:
        """Ask the step that is looked at for its mask (`detect`) or its `uncertainty`."""
        workspace = self.workspace
        if workspace.current is None:
            return
        before: list[StepCall] = []
        for step in workspace.recipe:
            if step.task == workspace.step_task:
                break
            if step in workspace.active_recipe and step.enabled:
                before.append(step.call(workspace.edits))
        self._look = next_number()
        self._keys[self._look] = ()
        call = workspace.step.call(workspace.edits)
        self.client.send(Look(self._look, workspace.current, tuple(before), call, what))
        self._set_busy(what, 0.0)

    @property
    def looking(self) -> bool:
        return bool(self._look)

    # The file

    def _load(self) -> None:
        path = self.workspace.current
        self._cancel()
        self._asked = None
        if path is None:
            self._show(None)
            return
        kept = self._recent.get(path)
        if kept is not None and kept[0] == reading.modified(path):
            self._show(kept[1])
            return
        self.background.run(
            lambda: (reading.modified(path), reading.read(path)),
            lambda read: self._loaded(path, *read),
            lambda message: self._unreadable(path, message),
        )

    def _loaded(self, path: Path, modified: int, document: Document) -> None:
        self._recent[path] = modified, document
        while len(self._recent) > KEPT:
            self._recent.popitem(last=False)
        if path == self.workspace.current:
            self._show(document)

    def _unreadable(self, path: Path, message: str) -> None:
        self.workspace.files.update(path, state="failed", message=message)
        if path == self.workspace.current:
            self._show(None)
            self.failed.emit(message, "UnreadableImage")

    def _show(self, document: Document | None) -> None:
        # What was asked meanwhile was about the picture before.
        self.client.cancel(self._look)
        self._look = 0
        self._cancel()
        self._asked = None
        self.document = document
        self.workspace.size = document.size if document else (0, 0)
        if document is None or document.uncertainty is None:
            self.view.set_overlay(uncertainty=False)
        if document is not None:
            self._recent.move_to_end(document.path)
            self.view.set_picture(document.size, keep=True)
        self.document_changed.emit()
        self._timer.start()

    # What is asked

    def _changed(self) -> None:
        self.pixels_changed.emit()  # the strength may be all that changed
        self._timer.start()

    def _key(self, steps: tuple[StepCall, ...]) -> tuple[Any, ...]:
        last = steps[-1]
        before = ((step.key, step.options.strength) for step in steps[:-1])
        return (*before, (last.key, last.computed))

    def _ask(self) -> None:
        document, steps = self.document, self.steps
        if document is None or document.path != self.workspace.current:
            return
        if not steps:
            self._cancel()
            self._asked = ()
            document.base, document.said = None, ""
            document.set_raw(None, ())
            self.pixels_changed.emit()
            return
        key = self._key(steps)
        if document.complete and document.key == key:
            self._cancel()
            self._asked = key
            return
        if self._asked == key and self._full:
            return
        self._cancel()
        if (document.path, key) in self._deadly:
            return
        self._asked = key
        self._ask_window()
        self._full = self._send(Render(next_number(), document.path, steps), key)
        self._set_busy("", 0.0)

    def _ask_window(self) -> None:
        """What is seen, ahead of the rest, if the rest takes long enough to be waited for."""
        document, steps = self.document, self.steps
        if document is None or not steps:
            return
        key = self._key(steps)
        if self._asked != key:
            return
        box = self.view.visible
        top, bottom, left, right = box
        area = (bottom - top) * (right - left)
        if not 0 < area < WINDOW_SHARE * document.size[0] * document.size[1]:
            return
        if document.key == key and document.knows(box):
            return
        self.client.cancel(self._window)
        self._window = self._send(Render(next_number(), document.path, steps, box), key)

    def _send(self, request: Render, key: tuple[Any, ...]) -> int:
        self._keys[request.id] = key
        self.client.send(request)
        return request.id

    def _cancel(self) -> None:
        for number in (self._full, self._window):
            if number:
                self.client.cancel(number)
        self._full = self._window = 0
        self._set_busy("", 0.0)

    # What comes back

    def _receive(self, reply: Reply) -> None:
        if isinstance(reply, PictureProgress) and reply.id in {self._full, self._look}:
            self._set_busy(reply.stage, reply.share)
        elif isinstance(reply, Pixels):
            self._take(reply)
        elif isinstance(reply, Ended):
            self._end(reply)

    def _end(self, reply: Ended) -> None:
        ours = reply.id in {self._full, self._window, self._look}
        message = reply.message
        if reply.error == DIED and reply.id in {self._full, self._window}:
            message = self._bury(reply)
        if reply.id == self._full:
            self._full = 0
        if reply.id == self._window:
            self._window = 0
        if reply.id == self._look:
            self._look = 0
            if reply.how == "failed" and self.document and self.document.uncertainty is None:
                self.view.set_overlay(uncertainty=False)
        if ours:
            self._set_busy("", 0.0)
            if reply.how == "failed":
                self.failed.emit(message, reply.error)

    def _bury(self, reply: Ended) -> str:
        """Remember what the engine has died of; returns what is to be said of it."""
        assert self.document is not None
        path = self.document.path
        self._deadly.add((path, self._keys.pop(reply.id, ())))
        self._asked = None
        text = self.tr("{name} is not computed again until a setting is changed.")
        return f"{reply.message} {text.format(name=path.name)}"

    def _take(self, reply: Pixels) -> None:
        document = self.document
        current = reply.id in {self._full, self._window, self._look}
        if reply.id not in self._keys:  # asked for by somebody else who has this engine
            return
        key = self._keys[reply.id] if reply.what == "base" else self._keys.pop(reply.id)
        if document is None or not current:
            reply.file.unlink(missing_ok=True)
            return
        raw = document.raw
        if raw is not None and reply.what == "window":
            work = lambda: reading.pasted(raw, reply)  # noqa: E731
        else:
            work = lambda: reading.received(reply, document.source)  # noqa: E731
        self._reading += 1
        self.background.run(
            work, lambda pyramid: self._taken(document, reply, pyramid, key), self._not_taken
        )

    def _not_taken(self, message: str) -> None:
        self._reading -= 1
        self._set_busy("", 0.0)
        self.failed.emit(message, "")

    def _taken(
        self, document: Document, reply: Pixels, pyramid: Pyramid, key: tuple[Any, ...]
    ) -> None:
        self._reading -= 1
        self._set_busy(self.stage, self.share)
        if reply.what in {"full", "window"}:
            if document is self.document and key != self._asked:
                return
            if reply.what == "window" and document.complete and document.key == key:
                return
            if len(key) <= 1:
                document.base = None
            document.facts |= reply.facts
            if reply.what == "full":
                document.said = reply.note
            document.set_raw(pyramid, key, reply.box)
        elif reply.what == "base":
            document.base = pyramid
        elif reply.what == "uncertainty":
            document.uncertainty = pyramid
            document.version += 1
        elif document is self.document:
            self._show_found(document, pyramid.levels[0])
        self.pixels_changed.emit()

    def _show_found(self, document: Document, mask: Mask) -> None:
        """What was taken for a mark, as a mask; none where nothing was, for an empty one would mean
        that there is nothing to be done."""
        if not mask.any():
            self.noted.emit(
                self.tr("Nothing here is surely a watermark: paint a mask where there is one.")
            )
            return
        # Another picture may have been chosen, and not be read yet.
        text = self.tr("Detect")
        self.workspace.edit_mask(document.box, mask, text, path=document.path, size=document.size)

    def _set_busy(self, stage: str, share: float) -> None:
        self.stage, self.share = stage, share
        self.busy_changed.emit()


def _timer(parent: QObject, call: Any) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(PATIENCE)
    timer.timeout.connect(call)
    return timer
