"""The process that computes: takes one request after the other until the window is gone."""

from __future__ import annotations

import logging
import signal
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from restore.gui.engine.messages import (
    Batch,
    Control,
    Ended,
    FileDone,
    FileStarted,
    Hello,
    Look,
    Progress,
    Render,
    Reply,
    Request,
    Setup,
    Told,
)

LOADER = "restore:load"
"""Where restorers come from: module and function; tests put their own in its place."""


class Cancelled(Exception):
    """The window no longer wants what is being computed."""


class Gone(Exception):
    """The window is gone, or has asked this process to end."""


class Server:
    """The state between requests: the queue, what is asked to pause or stop, the loaded models."""

    def __init__(self, connection: Connection, folder: Path, loader: str) -> None:
        from restore.gui.engine.chain import Chain

        module, name = loader.split(":")
        self.connection = connection
        self.waiting: deque[Request] = deque()
        self.cancelled: set[int] = set()
        self.paused = False
        self.active: list[Render | Look | Batch] = []
        self.chain = Chain(getattr(import_module(module), name), folder, self)

    def reply(self, message: Reply) -> None:
        try:
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
            while self.connection.poll():
                self._take()
            if self.cancelled.intersection(request.id for request in self.active):
                raise Cancelled
            for request in [entry for entry in self.waiting if _may_interrupt(entry, current)]:
                self.waiting.remove(request)
                self._run(request)
            if not (self.paused and isinstance(current, Batch)):
                return
            self.connection.poll(None)

    def _take(self) -> None:
        try:
            message = self.connection.recv()
        except (EOFError, OSError):
            raise Gone from None
        if not isinstance(message, Control):
            self.waiting.append(message)
        elif message.what == "cancel":
            self.cancelled.add(message.id)
            self.paused = False
        elif message.what == "quit":
            raise Gone
        else:
            self.paused = message.what == "pause"

    def _run(self, request: Request) -> None:
        if isinstance(request, Setup):
            self.chain.setup(request)
            self.reply(_hello(request.device, self.chain.load))
            return
        assert isinstance(request, Render | Look | Batch)
        self.active.append(request)
        try:
            if request.id in self.cancelled:
                raise Cancelled
            if isinstance(request, Render):
                self.chain.render(request)
            elif isinstance(request, Look):
                self.chain.look(request)
            else:
                self._work_through(request)
            self.reply(Ended(request.id, "finished"))
        except Cancelled:
            if request.id in self.cancelled:
                self.reply(Ended(request.id, "cancelled"))
            else:  # the batch that it interrupted was stopped: its turn comes after that
                self.waiting.append(request)
        except Gone:
            raise
        except Exception as error:
            self.reply(Ended(request.id, "failed", _describe(error), type(error).__name__))
        finally:
            self.active.pop()

    def _work_through(self, batch: Batch) -> None:
        from restore.batch import run
        from restore.plan import Job

        for index, work in enumerate(batch.files):
            self.checkpoint()
            self.reply(FileStarted(batch.id, index))
            started = time.monotonic()
            job = Job(work.source, work.target)
            process = self.chain.file_process(work, batch.quality)
            for result in run([job], process, overwrite=batch.overwrite):
                self.reply(
                    FileDone(
                        batch.id,
                        index,
                        result.status,
                        result.message,
                        time.monotonic() - started,
                        result.megapixels,
                        result.facts,
                    )
                )


def _may_interrupt(request: Request, current: Request) -> bool:
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
        text = record.getMessage()
        self.server.chain.warnings.append(text)
        if self.server.active:
            self.server.reply(Told(self.server.active[-1].id, text))


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
    from restore.zoo import shipped_models

    shipped = tuple(asdict(model.card) for model in shipped_models())
    cards: tuple[dict[str, Any], ...] = getattr(load, "cards", shipped)
    try:
        chosen = str(choose_device(device))
    except DeviceUnavailable:
        chosen = ""
    return Hello(tuple(available_devices()), chosen, cards)


def _describe(error: Exception) -> str:
    from restore.errors import RestoreError

    if isinstance(error, RestoreError | ValueError):
        return str(error)
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return "out of memory: choose smaller tiles in the preferences, or another device"
    return f"{type(error).__name__}: {error}"
