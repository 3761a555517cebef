"""The process that computes: takes one request after the other until the window is gone."""

from __future__ import annotations

import logging
import signal
import threading
import time
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
    FileProgress,
    Hello,
    Keep,
    Look,
    PictureProgress,
    Render,
    Reply,
    Request,
    Setup,
    Task,
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


class _Own(threading.local):
    """What a thread is at: a request and those that have interrupted it, the last one first to end.

    Threads that the run of a batch has started are at what the batch is at.
    """

    def __init__(self, shared: list[Task]) -> None:
        self.active = list(shared)


class Server:
    """The state between requests: the queue, what is asked to pause or stop, the loaded models.

    A batch computes in threads of its run, several where the device has lanes. Then it is they
    that hear the window and see to what interrupts, whichever comes first and one at a time; this
    one tells of files that are done.
    """

    def __init__(self, connection: Connection, folder: Path, loader: str) -> None:
        from restore.gui.engine.chain import Chain

        module, name = loader.split(":")
        self.connection = connection
        self.waiting: deque[Request] = deque()
        self.cancelled: set[int] = set()
        self.paused: set[int] = set()
        self._shared: list[Task] = []
        self._own = _Own(self._shared)
        self._floor, self._mouth = threading.RLock(), threading.Lock()
        self.chain = Chain(getattr(import_module(module), name), folder, self)

    @property
    def active(self) -> list[Task]:
        return self._own.active

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

    def progress(self, share: float, stage: str) -> None:
        """A checkpoint that tells how far the request is that this thread is at."""
        self.reply(PictureProgress(self.active[-1].id, share, stage))
        self.checkpoint()

    def checkpoint(self) -> None:
        """Called between tiles and files: hears what the window has to say meanwhile.

        What is to be seen at once interrupts what takes longer.

        Raises:
            Cancelled, Gone: see there.
        """
        current = self.active[-1]
        while True:
            self.give_way()
            self._raise_if_cancelled()
            if current.id not in self.paused:
                return
            time.sleep(0.05)

    def give_way(self) -> bool:
        """Do what is waiting and may interrupt; returns whether there was anything."""
        if not self._floor.acquire(blocking=False):
            return False  # another thread of the batch is at it
        try:
            self._hear()
            urgent = [entry for entry in self.waiting if _may_interrupt(entry, self.active[-1])]
            for request in urgent:
                if self._is_cancelled():
                    break  # their turn comes after that
                self.waiting.remove(request)
                self._run(request)
            return bool(urgent)
        finally:
            self._floor.release()

    def _is_cancelled(self) -> bool:
        return any(request.id in self.cancelled for request in self.active)

    def _raise_if_cancelled(self) -> None:
        if self._is_cancelled():
            raise Cancelled

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
        assert not isinstance(request, Control)  # these are never waiting
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
            else:  # what it interrupted was stopped: its turn comes after that
                self.waiting.append(request)
        except Exception as error:
            self.reply(Ended(request.id, "failed", _describe(error), type(error).__name__))
        finally:
            self.active.pop()

    def _work_through(self, batch: Batch) -> None:
        from restore.run import run

        numbers = {work.job: number for number, work in enumerate(batch.files)}

        def progress(job: Job, share: float) -> None:
            self.reply(FileProgress(batch.id, numbers[job], share))
            self.checkpoint()

        self._shared.extend(self.active)
        try:
            for pipeline, jobs in self.chain.pipelines(batch):
                self.checkpoint()
                # One file ahead keeps the device busy; previews want the memory too.
                results = run(
                    jobs, [pipeline], overwrite=batch.overwrite, io_threads=1, on_progress=progress
                )
                with closing(results):
                    for result in results:
                        self._tell(batch, numbers[result.job], result)
        finally:
            self._shared.clear()

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
                result.already,
            )
        )
        # Where one file after the other is skipped, nothing is computed that would listen.
        if self._floor.acquire(blocking=False):
            try:
                self._hear()
            finally:
                self._floor.release()
        self._raise_if_cancelled()


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
    defaults = {task: name for task in TASKS if (name := default_model(task))}
    try:
        chosen = str(choose_device(device))
    except DeviceUnavailable:
        chosen = ""
    return Hello(tuple(available_devices()), chosen, cards, defaults)


def _describe(error: Exception) -> str:
    from restore.errors import RestoreError

    if isinstance(error, RestoreError | ValueError):
        return str(error)
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return "out of memory: choose smaller tiles in the preferences, or another device"
    return f"{type(error).__name__}: {error}"
