"""The process that computes: takes one request after the other until the window is gone."""

from __future__ import annotations

import logging
import signal
import threading
from collections import deque
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from restore.errors import Cancelled
from restore.gui.engine import training
from restore.gui.engine.messages import (
    Batch,
    Control,
    Ended,
    Export,
    FileDone,
    FileStarted,
    Hello,
    Keep,
    Look,
    Progress,
    Render,
    Reply,
    Request,
    Setup,
    Told,
    Train,
)

if TYPE_CHECKING:
    from restore.batch import Result
    from restore.plan import Job

LOADER = "restore:load"
"""Where restorers come from: module and function; tests put their own in its place."""


class Gone(Cancelled):
    """The window is gone, or has asked this process to end."""


class Server:
    """The state between requests: the queue, what is asked to pause or stop, the loaded models.

    A batch computes in a thread of its run, which then is the one that hears the window and sees to
    what interrupts; this one tells of files that are done.
    """

    def __init__(self, connection: Connection, folder: Path, loader: str) -> None:
        from restore.gui.engine.chain import Chain

        module, name = loader.split(":")
        self.connection = connection
        self.waiting: deque[Request] = deque()
        self.cancelled: set[int] = set()
        self.paused: set[int] = set()
        self.active: list[Render | Look | Batch | Train | Keep | Export] = []
        self._ear, self._mouth = threading.Lock(), threading.Lock()
        self.chain = Chain(getattr(import_module(module), name), folder, self)

    def reply(self, message: Reply) -> None:
        try:
            with self._mouth:
                self.connection.send(message)
        except OSError:
            raise Gone from None

    def serve(self) -> None:
        while True:
            if not self.waiting:
                self._take()
            if self.waiting:
                self._run(self.waiting.popleft())

    def checkpoint(self, share: float | None = None, stage: str = "") -> None:
        """Called between tiles and files: hears what the window has to say meanwhile.

        What is to be seen at once interrupts what takes longer.

        Raises:
            Cancelled, Gone: see there.
        """
        current = self.active[-1]
        if share is not None:
            self.reply(Progress(current.id, share, stage))
        while True:
            urgent = self._urgent(current)
            if self.cancelled.intersection(request.id for request in self.active):
                self.waiting.extend(urgent)  # their turn comes after that
                raise Cancelled
            for request in urgent:
                self._run(request)
            if current.id not in self.paused:
                return
            with self._ear:
                self.connection.poll(0.1)

    def give_way(self) -> bool:
        """Do whatever else is waiting; returns whether there was anything."""
        urgent = self._urgent(self.active[-1])
        for request in urgent:
            self._run(request)
        return bool(urgent)

    def _urgent(self, current: Request) -> list[Request]:
        """What has come and may interrupt a request, taken off the queue."""
        with self._ear:
            self._hear()
            urgent = [entry for entry in self.waiting if _may_interrupt(entry, current)]
            for request in urgent:
                self.waiting.remove(request)
        return urgent

    def _hear(self) -> None:
        while self.connection.poll():
            self._take()

    def _take(self) -> None:
        try:
            message = self.connection.recv()
        except (EOFError, OSError):
            raise Gone from None
        if not isinstance(message, Control):
            self.waiting.append(message)
        elif message.what == "cancel":
            self.cancelled.add(message.id)
            self.paused.discard(message.id)
        elif message.what == "quit":
            raise Gone
        elif message.what == "pause":
            self.paused.add(message.id)
        else:
            self.paused.discard(message.id)

    def _run(self, request: Request) -> None:
        if isinstance(request, Setup):
            self.chain.setup(request)
            self.say_hello()
            return
        assert isinstance(request, Render | Look | Batch | Train | Keep | Export)
        self.active.append(request)
        try:
            if request.id in self.cancelled:
                raise Cancelled
            if isinstance(request, Render):
                self.chain.render(request)
            elif isinstance(request, Look):
                self.chain.look(request)
            elif isinstance(request, Batch):
                self._work_through(request)
            elif isinstance(request, Train):
                training.train(self, request)
            elif isinstance(request, Keep):
                training.keep(self, request)
            else:
                training.export(request)
            self.reply(Ended(request.id, "finished"))
        except Gone:
            raise
        except Cancelled:
            if request.id in self.cancelled:
                self.reply(Ended(request.id, "cancelled"))
            else:  # the batch that it interrupted was stopped: its turn comes after that
                self.waiting.append(request)
        except Exception as error:
            self.reply(Ended(request.id, "failed", _describe(error), type(error).__name__))
        finally:
            self.active.pop()

    def _work_through(self, batch: Batch) -> None:
        from restore.run import run

        numbers = {work.job: number for number, work in enumerate(batch.files)}
        begun: set[Job] = set()

        def progress(job: Job, share: float) -> None:
            if job not in begun:
                begun.add(job)
                self.reply(FileStarted(batch.id, numbers[job]))
            self.checkpoint(share)

        for pipeline, jobs in self.chain.pipelines(batch):
            self.checkpoint()
            # One file ahead keeps the device busy; previews want the memory too.
            results = run(
                jobs, [pipeline], overwrite=batch.overwrite, io_threads=1, on_progress=progress
            )
            with closing(results):
                for result in results:
                    self._tell(batch, numbers[result.job], result)

    def say_hello(self) -> None:
        self.reply(_hello(self.chain.where.device, self.chain.load))

    def _tell(self, batch: Batch, number: int, result: Result) -> None:
        self.reply(
            FileDone(
                batch.id,
                number,
                result.status,
                result.message,
                result.seconds,
                result.megapixels,
                result.facts,
            )
        )
        # Where one file after the other is skipped, nothing is computed that would listen.
        if self._ear.acquire(blocking=False):
            try:
                self._hear()
            finally:
                self._ear.release()
        if batch.id in self.cancelled:
            raise Cancelled


def _may_interrupt(request: Request, current: Request) -> bool:
    if isinstance(current, Train):
        return not isinstance(request, Train | Keep | Export)
    if isinstance(current, Batch):
        return isinstance(request, Render | Look)
    whole = isinstance(current, Render) and current.window is None
    return whole and isinstance(request, Render) and request.window is not None


class _Forward(logging.Handler):
    """Warnings of the engine, sent to the window as they come."""

    def __init__(self, server: Server) -> None:
        super().__init__(logging.WARNING)
        self.server = server

    def emit(self, record: logging.LogRecord) -> None:
        if self.server.active:
            self.server.reply(Told(self.server.active[-1].id, record.getMessage()))


def main(connection: Connection, folder: str, loader: str = LOADER) -> None:
    """What the process does from its start to its end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the window, which then ends this
    try:
        server = Server(connection, Path(folder), loader)
        logging.getLogger("restore").addHandler(_Forward(server))
        server.serve()
    except Gone:
        pass


def _hello(device: str, load: Callable[..., Any]) -> Hello:
    from restore.device import available_devices, choose_device
    from restore.errors import DeviceUnavailable
    from restore.home import default_model
    from restore.tasks import TASKS
    from restore.zoo import known_models

    known = tuple(asdict(model.card) for model in known_models())
    cards: tuple[dict[str, Any], ...] = getattr(load, "cards", known)
    usual = {task: name for task in TASKS if (name := default_model(task))}
    try:
        chosen = str(choose_device(device))
    except DeviceUnavailable:
        chosen = ""
    return Hello(tuple(available_devices()), chosen, cards, usual)


def _describe(error: Exception) -> str:
    from restore.errors import RestoreError

    if isinstance(error, RestoreError | ValueError):
        return str(error)
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return "out of memory: choose smaller tiles in the preferences, or another device"
    return f"{type(error).__name__}: {error}"
