"""The batch: what is exported, how far it is, and how to go on after a crash.

The run itself is `restore.run`, in the process that computes; so its journal is the one that the
command line keeps and goes by.
"""

from __future__ import annotations

import contextlib
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from restore.atomic import sweep
from restore.errors import UnwritableOutput
from restore.gui import unfinished
from restore.gui.background import Background
from restore.gui.engine.client import DIED, Client, next_number
from restore.gui.engine.messages import (
    Batch,
    Ended,
    FileDone,
    FileProgress,
    Reply,
    Told,
    Work,
)
from restore.gui.model.recipe import calls
from restore.gui.model.workspace import Workspace
from restore.gui.unfinished import Unfinished
from restore.plan import Job

STOP_PATIENCE, CAREFUL_PATIENCE = 1500, 15_000
"""Milliseconds after which an engine that does not listen is ended; and where a training would end
with it, which only waits for the batch."""


LOGGED = 5000
"""Lines of the log that are kept."""


class Jobs(QObject):
    changed = Signal()
    """Another state, file or share."""
    logged = Signal(str)
    ended = Signal()
    refused = Signal(str)
    """Why nothing could be started."""

    def __init__(
        self,
        workspace: Workspace,
        client: Client,
        background: Background,
        folder: Path,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.workspace, self.client, self.background = workspace, client, background
        self.under_way = folder / "export.json"
        self.work: list[Work] = []
        self.results: list[FileDone] = []
        self.log: deque[str] = deque(maxlen=LOGGED)
        self.paused = False
        self.stopping = False
        self.preparing = False
        self.warning = ""
        self.failure = ""
        """Why the batch as a whole came to its end before its last file, if it did."""
        self._number = 0
        self._last = -1
        self._shares: dict[int, float] = {}
        """Of the files under way, in the order in which they were begun."""
        self._sent: list[int] = []
        self._parts: list[list[int]] = []
        """What is to be sent when this is done."""
        self._doubtful: set[int] = set()
        self._overwrite = False
        self._started = 0.0
        self._paused_at = 0.0
        self._stopper = QTimer(self)
        self._stopper.setSingleShot(True)
        self.others_at_work: Callable[[], bool] = lambda: False
        """Whether an end of the engine by force would cost others their work."""
        self._stopper.timeout.connect(self._stop_hard)
        self.logged.connect(self.log.append)
        client.replied.connect(self._receive)

    # What is known of it

    @property
    def running(self) -> bool:
        return bool(self._number) or self.preparing

    @property
    def current(self) -> Path | None:
        """The file that is computed, the first of several, or was the last to be."""
        index = next(iter(self._shares), self._last)
        return self.work[index].job.source if index >= 0 else None

    @property
    def share(self) -> float:
        """Share of the current file that is done, in [0, 1]."""
        return next(iter(self._shares.values()), 0.0)

    def count(self, status: str) -> int:
        return sum(result.status == status for result in self.results)

    @property
    def overall(self) -> float:
        """Share of the whole batch that is done, in [0, 1]."""
        begun = sum(self._shares.values())
        return (len(self.results) + begun) / len(self.work) if self.work else 0.0

    @property
    def seconds(self) -> float:
        paused = time.monotonic() - self._paused_at if self.paused else 0.0
        return time.monotonic() - self._started - paused

    @property
    def left(self) -> float | None:
        """Seconds to the end, as far as can be told; None while nothing can."""
        begun = sum(self._shares.values())
        fresh = len(self.results) - self.count("skipped") + begun
        todo = len(self.work) - len(self.results) - begun
        return self.seconds / fresh * todo if fresh > 0.05 else None

    @property
    def speed(self) -> float:
        """Megapixels per second."""
        made = sum(result.megapixels for result in self.results if result.status == "done")
        return made / max(self.seconds, 1e-3)

    def tally(self) -> str:
        """What became of the files, in words."""
        done, failed, skipped = (self.count(kind) for kind in ("done", "failed", "skipped"))
        left = len(self.work) - len(self.results)
        parts = [
            (done or not (failed or skipped), self.tr("%n done", "", done)),
            (skipped, self.tr("%n skipped, being there already", "", skipped)),
            (failed, self.tr("%n failed", "", failed)),
            (left, self.tr("%n left", "", left)),
        ]
        return ", ".join(text for wanted, text in parts if wanted)

    # What can be done with it

    def start(self, files: Iterable[Path], *, overwrite: bool | None = None) -> None:
        """Export files; how, is what the workspace says at this moment."""
        if self.running:
            return
        wanted = list(files)
        workspace = self.workspace
        if not wanted:
            self.refused.emit(self.tr("There is nothing to export: open some pictures first."))
            return
        if not workspace.active_recipe:
            self.refused.emit(self.tr("Every step is switched off: switch one on first."))
            return
        output, inputs = workspace.output, list(workspace.files.inputs)
        opened = workspace.files.paths()
        redo = output.overwrite if overwrite is None else overwrite
        self.preparing = True
        self.changed.emit()

        def failed(message: str) -> None:
            self.preparing = False
            self.changed.emit()
            self.refused.emit(message)

        self.background.run(
            lambda: output.jobs(inputs, wanted, opened),
            lambda jobs: self._begin(jobs, redo),
            failed,
        )

    def pause(self, paused: bool) -> None:
        if not self._number or paused == self.paused:
            return
        if paused:
            self._paused_at = time.monotonic()
        else:
            self._started += time.monotonic() - self._paused_at
        self.paused = paused
        self.client.pause(self._number, paused)
        self.changed.emit()

    def stop(self) -> None:
        """Stop within two seconds; what is done stays, what was begun leaves nothing behind."""
        if self._number and not self.stopping:
            self.stopping = True
            self.client.cancel(self._number)
            self._stopper.start(CAREFUL_PATIENCE if self.others_at_work() else STOP_PATIENCE)
            self.changed.emit()

    def retry_failed(self) -> None:
        self.start(
            self.work[result.index].job.source
            for result in self.results
            if result.status == "failed"
        )

    def look_back(self, found: Callable[[Unfinished], None]) -> None:
        """Call back if a crash or the user's leaving has cut a batch short."""
        self.background.run(
            lambda: unfinished.read(self.under_way),
            lambda left: found(left) if left is not None and not self.running else None,
        )

    def resume(self, left: Unfinished) -> None:
        """Go on as it was begun, whatever has been set since."""
        workspace = self.workspace
        workspace.edit_recipe(left.recipe, self.tr("Resume the export"))
        workspace.set_output(left.output)
        self.start(left.files, overwrite=left.overwrite)

    def dismiss(self) -> None:
        """Forget the batch that was cut short."""
        with contextlib.suppress(OSError):
            self.under_way.unlink(missing_ok=True)

    # How it goes

    def _begin(self, jobs: list[Job], overwrite: bool) -> None:
        workspace = self.workspace
        recipe = workspace.active_recipe
        self.preparing = False
        self.work = [Work(job, calls(recipe, workspace.edits_of(job.source))) for job in jobs]
        self.results, self.warning, self.failure = [], "", ""
        self.paused = self.stopping = False
        self._doubtful = set()
        self._started = time.monotonic()
        for job in jobs:
            workspace.files.update(job.source, state="waiting", message="", target=job.target)
        with contextlib.suppress(UnwritableOutput):  # then a crash can't be told of, that is all
            unfinished.note(self.under_way, jobs, overwrite, workspace.recipe, workspace.output)
        self._overwrite = overwrite
        self._parts = [list(range(len(jobs)))]
        self._send()

    def _send(self) -> None:
        """The next part of the work."""
        self._sent, self._number = self._parts.pop(0), next_number()
        self._last, self._shares = -1, {}
        files = tuple(self.work[index] for index in self._sent)
        self.client.send(Batch(self._number, files, self.workspace.output.saving, self._overwrite))
        self.changed.emit()

    def _receive(self, reply: Reply) -> None:
        if not self._number or getattr(reply, "id", None) != self._number:
            return
        if isinstance(reply, FileProgress):
            index = self._sent[reply.index]
            if index not in self._shares:
                self.warning = ""
                self.workspace.files.update(self.work[index].job.source, state="running")
            self._shares[index] = reply.share
        elif isinstance(reply, Told):
            self.warning = reply.text
            self.logged.emit(reply.text)
        elif isinstance(reply, FileDone):
            index = self._sent[reply.index]
            if index in self._left():  # else the batch was begun again, behind something urgent
                self._file_done(replace(reply, index=index))
        elif isinstance(reply, Ended):
            self._end(reply)
        self.changed.emit()

    def _file_done(self, result: FileDone) -> None:
        """Take down what became of a file; the index is that of `work`."""
        state = "done" if result.already else result.status
        if result.already:
            if result.index in self._doubtful:  # it was made before the engine died
                result = replace(result, status="done", message="")
            else:
                result = replace(result, message=self.tr("done already, by the same recipe"))
        elif result.status == "skipped":
            text = self.tr("a file that is not ours, or was changed since, is there and stays")
            result = replace(result, message=text)
        self.results.append(result)
        self._shares.pop(result.index, None)
        self._last = result.index
        source = self.work[result.index].job.source
        self.workspace.files.update(source, state=state, message=result.message)
        figures = f"  {result.seconds:.1f} s" if result.status == "done" else ""
        note = f": {result.message}" if result.message else ""
        self.logged.emit(f"{result.status}  {source.name}{figures}{note}")

    def _left(self) -> list[int]:
        told = {result.index for result in self.results}
        return [index for index in range(len(self.work)) if index not in told]

    def _end(self, reply: Ended) -> None:
        self._stopper.stop()
        self._number = 0
        died = reply.error == DIED and self.client.alive
        if died and not self.stopping:
            self._blame(reply.message)
        if self._parts and not self.stopping and (died or reply.how == "finished"):
            self._send()
            return
        left = self._left()
        for index in left:
            self.workspace.files.update(self.work[index].job.source, state="new")
        self._last, self._shares, self._parts = -1, {}, []
        self.dismiss()
        if reply.how == "failed" and left and not self.stopping:
            self.failure = reply.message
        self.stopping = self.paused = False
        self.ended.emit()

    def _blame(self, message: str) -> None:
        """The engine has died of one of the files under way; the others still get their turn.

        Where they were several, each goes alone now, and tells. What was still being written may
        be there already.
        """
        begun = list(self._shares) or (self._sent if len(self._sent) == 1 else [])
        self._doubtful.update(begun)
        if len(begun) == 1:
            self._file_done(FileDone(0, begun[0], "failed", message, 0.0, 0.0, {}))
        left = set(self._left())
        alone = [[index] for index in begun if index in left]
        rest = [index for index in self._sent if index in left and index not in begun]
        self._parts = [*alone, *([rest] if begun and rest else []), *self._parts]

    def _stop_hard(self) -> None:
        folders = {self.work[index].job.target.parent for index in self._shares}
        self.client.restart(self.tr("Stopped."))
        # What the engine was about to write when it was ended.
        for folder in folders:
            QTimer.singleShot(500, partial(sweep, folder))
