"""A fine-tuning as the window sees it: what was filled in, how far it is, what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from PySide6.QtCore import QObject, Signal

from restore.errors import RestoreError
from restore.finetune import (
    Checkpoint,
    Event,
    Examined,
    Progress,
    Recovered,
    Sample,
    Stage,
    Validated,
    Verdict,
)
from restore.gui.background import Background
from restore.gui.engine.client import DIED, ENDED, Client, next_number
from restore.gui.engine.messages import Ended, Export, Keep, Learned, Reply, Train
from restore.gui.model.training_form import TrainingForm
from restore.zoo import set_default_model

State = Literal["idle", "checking", "training", "paused", "stopping"]
MOST_POINTS = 2000
"""Of the curve of the loss; beyond, every other one is dropped."""


class Training(QObject):
    form_changed = Signal()
    begun = Signal()
    """A run was started, or has come to its end."""
    changed = Signal()
    """Another state, stage or finding."""
    progressed = Signal()
    """A new point of the curve of the loss."""
    validated = Signal()
    """A new point of the curve of the score, and new samples."""
    told = Signal(str, str)
    """Kind and text of a message."""
    models_changed = Signal()
    """A model came, or `auto` means another one."""

    def __init__(
        self, client: Client, background: Background, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.client, self.background = client, background
        self.form = TrainingForm()
        self.state: State = "idle"
        self.under_way = False
        """Whether a run was started and has not come to its end: it can be gone on with."""
        self._begun: tuple[str, str] | None = None
        """Task and name of the last run that was started here."""
        self.checks = False
        """Whether what runs only looks at the photos."""
        self.checked: Examined | None = None
        """What was said of the photos that are filled in."""
        self._wanted: tuple[tuple[str, str], bool] | None = None
        """What is begun as soon as the engine agrees: a run that it refuses leaves the one that is
        shown alone."""
        self._number = 0
        self._asked: dict[int, tuple[Keep | Export, str]] = {}
        """Requests, and what to say when they have been done."""
        self.others_at_work: Callable[[], bool] = lambda: False
        """Whether the engine is busy with an export: a run has to wait for it."""
        self._forget()
        client.replied.connect(self._receive)

    def _forget(self) -> None:
        self.examined: Examined | None = None
        self.stage = ""
        self.progress: Progress | None = None
        self.losses: list[tuple[float, float]] = []
        """Seconds, loss."""
        self.scores: list[Validated] = []
        self.samples: tuple[Sample, ...] = ()
        self.verdict: Verdict | None = None

    @property
    def task(self) -> str:
        """Of the run that is shown, whatever the form says meanwhile; before there is one, of the
        form."""
        return self._begun[0] if self._begun else self.form.task

    @property
    def name(self) -> str:
        """Of the model that is made by that run."""
        return self._begun[1] if self._begun else self.form.name.strip()

    @property
    def running(self) -> bool:
        return self.state != "idle"

    @property
    def best(self) -> Validated | None:
        """The best so far that is better than the base model."""
        if self.examined is None:
            return None
        sign = 1 if self.examined.higher_is_better else -1
        better = [entry for entry in self.scores if sign * (entry.score - entry.base) > 0]
        return max(better, key=lambda entry: sign * entry.score, default=None)

    @property
    def checkpoints(self) -> tuple[Checkpoint, ...]:
        """Those that can be had back, known once it has ended."""
        return self.verdict.checkpoints if self.verdict else ()

    # What can be done

    def fill_in(self, **changes: Any) -> None:
        form = replace(self.form, **changes)
        if form.task != self.form.task and "base" not in changes:
            form = replace(form, base="auto")  # a model of another task
        if form != self.form:
            self.form = form
            if not self.running:
                self.checked = None  # it was about other photos
            self.form_changed.emit()
            self.changed.emit()

    def check(self) -> None:
        self._send(check=True)

    def start(self, *, afresh: bool = False) -> None:
        """Begin, or go on where the same run was stopped."""
        self._send(check=False, afresh=afresh)

    def _send(self, *, check: bool, afresh: bool = False) -> None:
        if self.running:
            return
        try:
            request = self.form.request(afresh=afresh)
        except RestoreError as error:
            self.told.emit("bad", str(error))
            return
        self.checks, self.checked = check, None
        if not check:  # which leaves the run that is shown alone
            self._wanted = (request.task, request.name), afresh
        self._number = next_number()
        if self.others_at_work():
            self.told.emit("info", self.tr("It begins as soon as the export is done."))
        self.state = "checking"
        self.client.send(Train(self._number, request, check))
        self.begun.emit()
        self.changed.emit()

    def _begin(self, begun: tuple[str, str], afresh: bool) -> None:
        losses, samples = self.losses, self.samples
        again = begun == self._begun and not afresh
        goes_on = again and self.under_way and self.verdict is not None
        self._forget()
        if goes_on:  # the engine tells the rest of what was
            self.losses, self.samples = losses, samples
        self._begun, self.under_way = begun, True

    def pause(self, paused: bool) -> None:
        if self.state in {"training", "paused"}:
            self.client.pause(self._number, paused)
            self.state = "paused" if paused else "training"
            self.changed.emit()

    def stop(self) -> None:
        """End it; the best checkpoint is kept and becomes a model."""
        if self.running:
            self.state = "stopping"
            self.client.cancel(self._number)
            self.changed.emit()

    def use(self) -> None:
        """Make the model the one that `auto` stands for."""
        self._make_default(self.name)

    def revert(self) -> None:
        """`auto` stands for the models that ship again."""
        self._make_default(None)

    def _make_default(self, name: str | None) -> None:
        task = self.task
        text = (
            self.tr("The models that ship are used again.")
            if name is None
            else self.tr("{name} is used from now on where the model is “Automatic”.")
        )

        def changed(_: object) -> None:
            self.models_changed.emit()
            self.told.emit("good", text.format(name=name))

        self.background.run(
            lambda: set_default_model(task, name),
            changed,
            lambda text: self.told.emit("bad", text),
        )

    def keep(self, step: int) -> None:
        """Make the model from the checkpoint of a step."""
        text = self.tr("The model is made from the checkpoint at step {step} now.")
        self._ask(Keep(next_number(), self.name, step), text.format(step=step))

    def export_to(self, path: str) -> None:
        """Write the model to a file, as safetensors or ONNX by its suffix."""
        text = self.tr("Saved: {path}").format(path=path)
        self._ask(Export(next_number(), self.name, Path(path)), text)

    def _ask(self, request: Keep | Export, text: str) -> None:
        self._asked[request.id] = request, text
        self.client.send(request)

    # What comes back

    def _receive(self, reply: Reply) -> None:
        if isinstance(reply, Learned) and reply.id == self._number:
            self._take(reply.event)
        elif isinstance(reply, Ended) and reply.id == self._number:
            self._end(reply)
        elif isinstance(reply, Ended) and reply.id in self._asked:
            request, text = self._asked.pop(reply.id)
            failed = reply.how == "failed"
            if isinstance(request, Keep) and not failed:
                self.models_changed.emit()
            self.told.emit("bad" if failed else "good", reply.message if failed else text)

    def _take(self, event: Event) -> None:
        if self._wanted is not None:
            self._begin(*self._wanted)
            self._wanted = None
        if isinstance(event, Progress):
            self.progress = event
            self.losses.append((event.seconds, event.loss))
            if len(self.losses) > MOST_POINTS:
                del self.losses[1::2]
            self.progressed.emit()
            return
        if isinstance(event, Examined):
            self.checked = event
            if not self.checks:
                self.examined = event
        elif isinstance(event, Stage):
            self.stage = event.text
        elif isinstance(event, Validated):
            self.scores = [entry for entry in self.scores if entry.step < event.step] + [event]
            self.samples = event.samples or self.samples
            self.validated.emit()
        elif isinstance(event, Recovered):
            self.told.emit("info", event.text)
        elif isinstance(event, Verdict):
            self.verdict = event
            if event.proof is not None:
                self.samples = event.proof.samples or self.samples
            self.validated.emit()
        if isinstance(event, Stage | Validated) and self.state == "checking":
            self.state = "training"
        self.changed.emit()

    def _end(self, reply: Ended) -> None:
        if self._wanted is not None and reply.error in {DIED, ENDED}:
            self._begin(*self._wanted)
        self._wanted = None
        self._number, self.state, self.stage = 0, "idle", ""
        if reply.how == "failed":
            self.told.emit("bad", reply.message)
        if not self.checks:
            stopped = self.verdict is not None and self.verdict.stopped
            died = reply.error in {DIED, ENDED}
            self.under_way = died or (stopped and reply.how == "finished")
            if self.verdict is not None and self.verdict.model is not None:
                self.models_changed.emit()
        self.begun.emit()
        self.changed.emit()
