"""The steps of a recipe over one picture, with what was computed lately kept for the next time."""

from __future__ import annotations

import tempfile
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from restore.gui.engine.messages import Batch, Box, Look, Pixels, Render, Setup, StepCall, Work
from restore.picture import Picture, read_picture
from restore.pipeline import Pipeline
from restore.plan import Job
from restore.recipe import canonical
from restore.restorer import Outcome, Restorer

if TYPE_CHECKING:
    from restore.gui.engine.process import Server

Kept = TypeVar("Kept")


class _Recent(Generic[Kept]):
    """The last few values by key; made when they are missing."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.values: OrderedDict[Hashable, Kept] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Kept]) -> Kept:
        if key not in self.values:
            while len(self.values) >= self.size:
                self.values.popitem(last=False)
            self.values[key] = make()
        self.values.move_to_end(key)
        return self.values[key]


class Chain:
    def __init__(self, load: Callable[..., Restorer], folder: Path, server: Server) -> None:
        self.load = load
        self.folder = folder
        self.server = server
        self.where = Setup()
        self.restorers: _Recent[Restorer] = _Recent(4)
        self.pictures: _Recent[Picture] = _Recent(2)
        self.outcomes: _Recent[Outcome] = _Recent(6)

    def setup(self, where: Setup) -> None:
        self.where = where
        self.forget()

    def forget(self) -> None:
        """Load models anew, and compute all results: files may hold others, `auto` mean others."""
        self.restorers.values.clear()
        self.outcomes.values.clear()

    def restorer(self, step: StepCall) -> Restorer:
        where = self.where
        return self.restorers.get(
            (step.task, step.model),
            lambda: self.load(step.task, step.model, where.device, where.tile),
        )

    def render(self, request: Render) -> None:
        """Sends what the last step makes, and what it was given if that is new."""
        *before, last = request.steps
        array = self._picture(request.source).array
        array, facts, notes = self._run(request.source, tuple(before), array)
        options = replace(last.options, strength=last.computed)
        steps = (*before, replace(last, options=options))
        key = (_identity(request.source), tuple(_exact(step) for step in steps))
        restorer = self.restorer(last)
        if request.window is not None:
            partly = getattr(restorer, "restore_window", None)
            if partly and key not in self.outcomes.values:
                part: Outcome = partly(array, request.window, options, self._hears("preview"))
                self._send(request.id, "window", part.array, request.window, facts | part.facts, "")
            return
        if before:
            self._send(request.id, "base", array, None, {}, "")
        outcome = self.outcomes.get(key, lambda: self._restore(restorer, array, options, last.task))
        note = "; ".join(filter(None, [*notes, outcome.note]))
        self._send(request.id, "full", outcome.array, None, facts | outcome.facts, note)

    def look(self, request: Look) -> None:
        array = self._picture(request.source).array
        array, _, _ = self._run(request.source, request.before, array)
        restorer = self.restorer(request.step)
        self.server.progress(0.0, request.what)
        if request.what == "detect":
            options = replace(request.step.options, mask=None)  # type: ignore[call-arg]
            outcome = restorer.restore(array, options, self._hears(request.what))
            self._send(request.id, "detect", outcome.maps["mask"], None, {}, outcome.note)
            return
        seen = np.asarray(restorer.uncertainty(array), np.float32)  # type: ignore[attr-defined]
        levels = np.rint(np.clip(seen, 0, 1) * 255).astype(np.uint8)
        self._send(request.id, request.what, levels, None, {}, "")

    def pipelines(self, batch: Batch) -> Iterator[tuple[Pipeline, list[Job]]]:
        """The files of a batch in their order, together as long as they want the same.

        What was drawn on a picture is an option of it, so such a picture has a pipeline to itself.
        """

        def pipeline(work: Work) -> Pipeline:
            return Pipeline(
                [(self.restorer(step), step.options) for step in work.steps], batch.saving
            )

        made = ((pipeline(work), work.job) for work in batch.files)
        for _, same in groupby(made, key=lambda pair: canonical(pair[0].record)):
            pairs = list(same)
            yield pairs[0][0], [job for _, job in pairs]

    def _picture(self, source: Path) -> Picture:
        return self.pictures.get(_identity(source), lambda: read_picture(source))

    def _run(
        self, source: Path, steps: tuple[StepCall, ...], array: NDArray[Any]
    ) -> tuple[NDArray[Any], dict[str, Any], list[str]]:
        facts: dict[str, Any] = {}
        notes: list[str] = []
        for count, step in enumerate(steps, 1):
            key = (_identity(source), tuple(_exact(entry) for entry in steps[:count]))
            restorer, given = self.restorer(step), array
            outcome = self.outcomes.get(
                key,
                lambda restorer=restorer, given=given, step=step: self._restore(  # type: ignore[misc]
                    restorer, given, step.options, step.task
                ),
            )
            array = outcome.array
            facts |= outcome.facts
            notes.append(outcome.note)
        return array, facts, notes

    def _restore(
        self, restorer: Restorer, array: NDArray[Any], options: Any, stage: str
    ) -> Outcome:
        self.server.progress(0.0, stage)
        return restorer.restore(array, options, self._hears(stage))

    def _hears(self, stage: str) -> Callable[[float], None]:
        return lambda share: self.server.progress(share, stage)

    def _send(
        self,
        number: int,
        what: Any,
        array: NDArray[Any],
        box: Box | None,
        facts: dict[str, Any],
        note: str,
    ) -> None:
        with tempfile.NamedTemporaryFile(dir=self.folder, suffix=".npy", delete=False) as file:
            np.save(file, array)
        place = box or (0, array.shape[0], 0, array.shape[1])
        self.server.reply(Pixels(number, what, Path(file.name), place, facts, note))


def _identity(source: Path) -> tuple[str, int, int]:
    """Tells a file from what it was before it was edited elsewhere."""
    try:
        status = source.stat()
    except OSError:
        return str(source), 0, 0
    return str(source), status.st_mtime_ns, status.st_size


def _exact(step: StepCall) -> tuple[str, float]:
    return step.key, step.options.strength
