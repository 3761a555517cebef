"""What runs on the machines of a Ray cluster."""

from __future__ import annotations

import contextlib
import os
import platform
from dataclasses import replace
from pathlib import Path
from typing import Any

from restore.errors import RestoreError, UnreadableImage
from restore.executor import Local, Made, load_pipelines
from restore.pipeline import Saving
from restore.plan import Job
from restore.recipe import Recipe
from restore.storage import is_remote, is_there


class Worker:
    """An actor: `Local` with models of its own.

    Errors are returned, since Ray would wrap those that are raised.
    """

    def __init__(
        self,
        recipe: Recipe,
        saving: Saving,
        device: str,
        tile: int | None,
        io_threads: int,
        folder: Path,
    ) -> None:
        self._what = recipe, saving, device, tile
        self._io_threads = io_threads
        self._local: Local | None = None
        self._name = f"{platform.node()}:{os.getpid()}"
        with contextlib.suppress(OSError):  # not there on this machine: paths are absolute, or URLs
            os.chdir(folder)  # so that relative paths lead where they did when they were typed

    def ready(self) -> dict[str, Any] | RestoreError:
        """Loads the models; returns the record of what this worker does."""
        try:
            self._local = Local(load_pipelines(*self._what), self._io_threads)
        except RestoreError as error:
            return error
        return self._local.record

    def make(self, job: Job, source: Path, thumbnails: bool) -> Made | RestoreError:
        assert self._local is not None  # else Ray has started it again, and it has to load first
        try:
            made = self._local.make(job, source, thumbnails, lambda share: None)
        except RestoreError as error:
            if is_remote(source) or is_there(source):
                return error
            return UnreadableImage(
                f"{job.source}: {platform.node()} does not have it: give a folder that all "
                "machines of the cluster share, or an URL"
            )
        except Exception as error:  # may hold what can't travel
            return RestoreError(f"{job.source}: {type(error).__name__}: {error}")
        details = made.result.details | {"worker": self._name}
        return replace(made, result=replace(made.result, details=details))
