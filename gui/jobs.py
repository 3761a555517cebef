"""The batch: what is exported, how far it is, and how to go on after a crash.

All that is known of the running of folders is here, and what is not computed again after a crash is
told by the journal: a line for the batch, then one for each file that is done.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from restore.atomic import sweep
from restore.gui.background import Background
from restore.gui.engine.client import Client, next_number
from restore.gui.engine.messages import (
    Batch,
    Ended,
    FileDone,
    FileStarted,
    Progress,
    Reply,
    Told,
    Work,
)
from restore.gui.model.recipe import calls
from restore.gui.model.workspace import Workspace
from restore.plan import Job

STOP_PATIENCE = 1500
"""Milliseconds after which an engine that does not listen is ended."""


@dataclass(frozen=True)
class Unfinished:
    """A batch that did not come to its end the last time."""

    done: int
    total: int
    files: tuple[Path, ...]
    """What is left to do."""


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
        self.journal = folder / "batch.jsonl"
        self.work: list[Work] = []
        self.results: list[FileDone] = []
        self.paused = False
        self.stopping = False
        self.preparing = False
        self.current: Work | None = None
        self.share = 0.0
        self.warning = ""
        self._number = 0
        self._offset = 0
        self._overwrite = False
        self._started = 0.0
        self._paused_at = 0.0
        self._stopper = QTimer(self)
        self._stopper.setSingleShot(True)
        self._stopper.setInterval(STOP_PATIENCE)
        self._stopper.timeout.connect(self._stop_hard)
        client.replied.connect(self._receive)

    # What is known of it

    @property
    def running(self) -> bool:
        return bool(self._number) or self.preparing

    def count(self, status: str) -> int:
        return sum(result.status == status for result in self.results)

    @property
    def overall(self) -> float:
        """Share of the whole batch that is done, in [0, 1]."""
        return (len(self.results) + self.share) / len(self.work) if self.work else 0.0

    @property
    def seconds(self) -> float:
        paused = time.monotonic() - self._paused_at if self.paused else 0.0
        return time.monotonic() - self._started - paused

    @property
    def left(self) -> float | None:
        """Seconds to the end, as far as can be told; None while nothing can."""
        fresh = len(self.results) - self.count("skipped") + self.share
        todo = len(self.work) - len(self.results) - self.share
        return self.seconds / fresh * todo if fresh > 0.05 else None

    @property
    def speed(self) -> float:
        """Megapixels per second."""
        spent = sum(result.seconds for result in self.results if result.status == "done")
        return sum(result.megapixels for result in self.results) / spent if spent else 0.0

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
        redo = output.overwrite if overwrite is None else overwrite
        self.preparing = True
        self.changed.emit()

        def failed(message: str) -> None:
            self.preparing = False
            self.changed.emit()
            self.refused.emit(message)

        self.background.run(
            lambda: output.jobs(inputs, wanted), lambda jobs: self._begin(jobs, redo), failed
        )

    def pause(self, paused: bool) -> None:
        if not self._number or paused == self.paused:
            return
        if paused:
            self._paused_at = time.monotonic()
        else:
            self._started += time.monotonic() - self._paused_at
        self.paused = paused
        self.client.pause(paused)
        self.changed.emit()

    def stop(self) -> None:
        """Stop within two seconds; what is done stays, what was begun leaves nothing behind."""
        if self._number and not self.stopping:
            self.stopping = True
            self.client.cancel(self._number)
            self._stopper.start()
            self.changed.emit()

    def retry_failed(self) -> None:
        failed = [
            self.work[result.index].source for result in self.results if result.status == "failed"
        ]
        self.start(failed)

    def unfinished(self) -> Unfinished | None:
        """The batch that a crash or the user's leaving has cut short, if there is one."""
        try:
            lines = self.journal.read_text(encoding="utf-8").splitlines()
            records = [json.loads(line) for line in lines if line.endswith("}")]
        except (OSError, ValueError):
            return None
        if not records or any("end" in record for record in records):
            return None
        files = [Path(name) for name in records[0]["files"]]
        done = {record["source"] for record in records[1:]}
        left = tuple(path for path in files if str(path) not in done)
        return Unfinished(len(files) - len(left), len(files), left) if left else None

    def resume(self, unfinished: Unfinished) -> None:
        self.start(unfinished.files)

    def dismiss(self) -> None:
        """Forget the batch that was cut short."""
        self._note({"end": "dismissed"})

    # How it goes

    def _begin(self, jobs: list[Job], overwrite: bool) -> None:
        workspace = self.workspace
        recipe = workspace.active_recipe
        self.preparing = False
        self.work = [
            Work(job.source, job.target, calls(recipe, workspace.edits_of(job.source)))
            for job in jobs
        ]
        self.results, self.share, self.warning = [], 0.0, ""
        self.paused = self.stopping = False
        self._started = time.monotonic()
        for work in self.work:
            workspace.files.update(work.source, state="waiting", message="", target=work.target)
        self.journal.parent.mkdir(parents=True, exist_ok=True)
        self.journal.write_text("", encoding="utf-8")
        self._note({"files": [str(work.source) for work in self.work]})
        self._overwrite = overwrite
        self._send(0)

    def _send(self, offset: int) -> None:
        self._offset, self._number = offset, next_number()
        quality = self.workspace.output.quality
        files = tuple(self.work[offset:])
        self.client.send(Batch(self._number, files, quality, self._overwrite))
        self.changed.emit()

    def _receive(self, reply: Reply) -> None:
        if not self._number or getattr(reply, "id", None) != self._number:
            return
        if isinstance(reply, FileStarted):
            self.current = self.work[self._offset + reply.index]
            self.share, self.warning = 0.0, ""
            self.workspace.files.update(self.current.source, state="running")
        elif isinstance(reply, Progress):
            self.share = reply.share
        elif isinstance(reply, Told):
            self.warning = reply.text
            self.logged.emit(reply.text)
        elif isinstance(reply, FileDone):
            self._file_done(reply)
        elif isinstance(reply, Ended):
            self._end(reply)
        self.changed.emit()

    def _file_done(self, reply: FileDone) -> None:
        index = self._offset + reply.index
        work = self.work[index]
        if reply.status == "skipped":
            reply = replace(reply, message=self.tr("the result is there already"))
        self.results.append(replace(reply, index=index))
        self.share = 0.0
        self.workspace.files.update(work.source, state=reply.status, message=reply.message)
        self._note({"source": str(work.source), "status": reply.status})
        figures = f"  {reply.seconds:.1f} s" if reply.status == "done" else ""
        note = f": {reply.message}" if reply.message else ""
        self.logged.emit(f"{reply.status}  {work.source.name}{figures}{note}")

    def _end(self, reply: Ended) -> None:
        self._stopper.stop()
        self._number = 0
        if reply.error == "EngineDied" and not self.stopping and self.current is not None:
            # It took the file down that it was at; the others still get their turn.
            index = len(self.results)
            self._offset = 0
            self._file_done(FileDone(0, index, "failed", reply.message, 0.0, 0.0, {}))
            if index + 1 < len(self.work):
                self._send(index + 1)
                return
        for work in self.work[len(self.results) :]:
            self.workspace.files.update(work.source, state="new")
        self.current = None
        self.share = 0.0
        self._note({"end": reply.how})
        if reply.how == "failed" and reply.error != "EngineDied":
            self.refused.emit(reply.message)
        self.stopping = self.paused = False
        self.ended.emit()

    def _stop_hard(self) -> None:
        current = self.current
        self.client.restart(self.tr("Stopped."))
        if current is not None:  # what the engine was about to write when it was ended
            QTimer.singleShot(500, lambda: sweep(current.target.parent))

    def _note(self, record: dict[str, Any]) -> None:
        with contextlib.suppress(OSError), self.journal.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")
