"""Work in threads of its own, its results handed back in the thread of the window."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, Signal

from restore.errors import RestoreError

log = logging.getLogger(__name__)


class Background(QObject):
    """Reads, decodes and writes beside the window; what computes has a process instead."""

    _finished = Signal(object, object)

    def __init__(self, threads: int = 2, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(threads)
        self._finished.connect(self._call, Qt.ConnectionType.QueuedConnection)

    def run(
        self,
        work: Callable[[], Any],
        done: Callable[[Any], None] | None = None,
        failed: Callable[[str], None] | None = None,
    ) -> None:
        """Call `work` in a thread, then `done` with its result or `failed` with a message."""
        self._pool.start(_Task(work, done, failed, self._finished.emit))

    def wait(self, milliseconds: int = 5000) -> None:
        self._pool.waitForDone(milliseconds)

    def _call(self, function: Callable[[Any], None] | None, value: Any) -> None:
        if function is not None:
            function(value)


class _Task(QRunnable):
    def __init__(
        self,
        work: Callable[[], Any],
        done: Callable[[Any], None] | None,
        failed: Callable[[str], None] | None,
        emit: Callable[[Any, Any], None],
    ) -> None:
        super().__init__()
        self.work, self.done, self.failed, self.emit = work, done, failed, emit

    def run(self) -> None:
        try:
            outcome: tuple[Any, Any] = self.done, self.work()
        except (RestoreError, OSError, ValueError, MemoryError) as error:
            outcome = self.failed, str(error) or type(error).__name__
        except Exception as error:
            log.exception("in the background")
            outcome = self.failed, f"{type(error).__name__}: {error}"
        with contextlib.suppress(RuntimeError):  # the window was closed meanwhile
            self.emit(*outcome)
