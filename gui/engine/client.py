"""The window's end of the line to the computing process."""

from __future__ import annotations

import logging
import multiprocessing
import queue
import tempfile
import threading
from itertools import count
from multiprocessing.connection import Connection
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from restore.gui.engine import process
from restore.gui.engine.messages import Control, Ended, Hello, Reply, Request, Setup

log = logging.getLogger(__name__)
_numbers = count(1)
DIED, ENDED = "EngineDied", "EngineEnded"
"""Errors of requests that the process did not come to the end of: it died, perhaps of them, or was
ended on purpose."""
MOST_DEATHS = 3
"""After so many ends of the process before it said hello, there is no use in starting it again."""


def next_number() -> int:
    """A number that tells a request from all others."""
    return next(_numbers)


class Client(QObject):
    """Sends requests and hands the replies on as a signal, in the window's own thread.

    The process is started with the window and again should it die; whatever it was at ends as
    failed then, with `DIED` for an error. Nothing here ever waits for it.
    """

    replied = Signal(object)
    """A `Reply`."""
    _arrived = Signal(object, int)

    def __init__(self, loader: str = process.LOADER, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._loader = loader
        self._folder = tempfile.TemporaryDirectory(prefix="restore-", ignore_cleanup_errors=True)
        self._where = Setup()
        self._open: set[int] = set()
        self._generation = 0
        self._deaths = 0
        self._process: Any = None
        self._outbox: queue.SimpleQueue[Request | None] = queue.SimpleQueue()
        self._arrived.connect(self._receive, Qt.ConnectionType.QueuedConnection)

    def start(self, where: Setup | None = None) -> None:
        """Start the process, or start it over; where it computes may be given."""
        self.stop()
        self._where = where or self._where
        self._generation += 1
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        self._process = context.Process(
            target=process.main,
            args=(theirs, self._folder.name, self._loader),
            name="restore-engine",
            daemon=True,
        )
        self._outbox = queue.SimpleQueue()
        self._outbox.put(self._where)
        threading.Thread(
            target=self._launch,
            args=(self._process, ours, theirs, self._outbox, self._generation),
            name="restore-engine-line",
            daemon=True,
        ).start()

    def setup(self, where: Setup) -> None:
        """Compute there from now on; starts the process unless it runs."""
        if self._process is None:
            self.start(where)
        else:
            self._where = where
            self._outbox.put(where)

    def send(self, request: Any) -> None:
        """Send whatever has a number; the replies carry it too."""
        self._open.add(request.id)
        self._outbox.put(request)

    def cancel(self, number: int) -> None:
        if number in self._open:
            self._outbox.put(Control("cancel", number))

    def pause(self, number: int, paused: bool) -> None:
        if number in self._open:
            self._outbox.put(Control("pause" if paused else "go", number))

    @property
    def alive(self) -> bool:
        """Whether there is a process, or one that is starting."""
        return self._process is not None

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    def restart(self, reason: str) -> None:
        """End the process at once, for instance because it doesn't listen, and start another."""
        self._start_again(reason, ENDED)

    def _start_again(self, reason: str, error: str) -> None:
        self.start()  # first: whoever hears of the failure may send the next request
        self._fail_open(reason, error)

    def stop(self, patience: float = 0.2) -> None:
        """End the process, by force after some seconds; harmless if there is none."""
        if self._process is None:
            return
        self._generation += 1
        self._outbox.put(Control("quit"))
        self._outbox.put(None)
        ended, self._process = self._process, None
        threading.Thread(target=_end, args=(ended, patience), daemon=True).start()

    def close(self, patience: float = 0.5) -> None:
        """End for good: waits some seconds for the process and removes the folder of the pixels."""
        ended = self._process
        self.stop(patience)
        if ended is not None:
            _end(ended, patience)
        self._folder.cleanup()

    def _launch(
        self,
        child: Any,
        ours: Connection,
        theirs: Connection,
        outbox: queue.SimpleQueue[Request | None],
        generation: int,
    ) -> None:
        """In a thread: starts the process, then hands on what it says until it ends."""
        child.start()
        theirs.close()
        threading.Thread(target=_write, args=(ours, outbox), daemon=True).start()
        try:
            while True:
                self._arrived.emit(ours.recv(), generation)
        except (EOFError, OSError):
            self._arrived.emit(None, generation)
        except RuntimeError:  # the window is gone, and this object with it
            pass

    def _receive(self, reply: Reply | None, generation: int) -> None:
        if generation != self._generation:
            return
        if reply is None:
            self._process = None
            self._deaths += 1
            if self._deaths < MOST_DEATHS:
                text = self.tr("The engine ended unexpectedly and was started again.")
                self._start_again(text, DIED)
            else:
                text = self.tr("The engine does not start; `restore doctor` says why.")
                self._fail_open(text, DIED)
            return
        if isinstance(reply, Hello):
            self._deaths = 0
        if isinstance(reply, Ended):
            self._open.discard(reply.id)
        self.replied.emit(reply)

    def _fail_open(self, reason: str, error: str) -> None:
        failed, self._open = sorted(self._open), set()
        for number in failed:
            self.replied.emit(Ended(number, "failed", reason, error))


def _write(connection: Connection, outbox: queue.SimpleQueue[Request | None]) -> None:
    """In a thread: a pipe holds little, and the process may be busy with a tile."""
    while (request := outbox.get()) is not None:
        try:
            connection.send(request)
        except OSError:
            return


def _end(child: Any, patience: float) -> None:
    try:
        child.join(patience)
        if child.is_alive():
            child.kill()
            child.join(1)
    except (AssertionError, ValueError):  # it was never started, or has been cleared away
        pass
