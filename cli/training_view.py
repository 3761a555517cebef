"""A fine-tuning in the terminal: what is done, the time left, and the curves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from restore.cli import console
from restore.finetune import (
    Event,
    Examined,
    Progress,
    Recovered,
    Stage,
    Validated,
)

if TYPE_CHECKING:
    from rich.console import RenderableType

_BLOCKS, _PLAIN = "▁▂▃▄▅▆▇█", "_.-=+*#@"
_WIDTH = 48
_STYLES = {"fine": "", "warning": "yellow", "refusal": "red"}


class View:
    """Findings as lines; below them, while stderr is a terminal, what changes."""

    def __init__(self, name: str) -> None:
        from rich.live import Live

        self.name = name
        self._console = console.stderr()
        blocks = (self._console.encoding or "").lower().startswith("utf")
        self._levels = _BLOCKS if blocks else _PLAIN
        self._stage = ""
        self._progress: Progress | None = None
        self._losses: list[float] = []
        self._validated: list[Validated] = []
        self._metric = ""
        self._higher = True
        self._live: Live | None = None
        if self._console.is_terminal:
            self._live = Live(console=self._console, auto_refresh=False, transient=False)

    def __enter__(self) -> View:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._live:
            self._live.stop()

    def __call__(self, event: Event) -> None:
        if isinstance(event, Examined):
            self._metric, self._higher = event.metric, event.higher_is_better
            self._examined(event)
        elif isinstance(event, Stage):
            self._stage = event.text
        elif isinstance(event, Progress):
            self._progress = event
            self._losses.append(event.loss)
        elif isinstance(event, Validated):
            self._validated.append(event)
            if not self._live:
                mark = "  best" if event.best and event.step else ""
                self._say(
                    f"step {event.step}  {_clock(event.seconds)}  {event.score:.2f} {self._metric}"
                    f"  (base {event.base:.2f}){mark}"
                )
        elif isinstance(event, Recovered):
            self._say(f"step {event.step}: {event.text}; back to the last good state", "yellow")
        if self._live:
            self._live.update(self._shown(), refresh=True)

    def _examined(self, event: Examined) -> None:
        for finding in event.findings:
            self._say(finding.text, _STYLES[finding.level])
        self._say(f"learning {event.words}")
        if event.held_out:
            self._say(
                f"{event.photos} photos to learn from, {len(event.held_out)} held out; measured: "
                f"{event.criterion}"
            )

    def _say(self, text: str, style: str = "") -> None:
        self._console.print(text, markup=False, style=style)

    def _shown(self) -> RenderableType:
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        if self._progress is None:
            return Text(self._stage + " ..." if self._stage else "")
        now = self._progress
        bar = Table.grid(padding=(0, 1))
        bar.add_row(
            self.name,
            ProgressBar(total=now.seconds + now.left, completed=now.seconds, width=_WIDTH),
            f"step {now.step}  {_clock(now.seconds)}, {_clock(now.left)} left",
        )
        curves = Table.grid(padding=(0, 1))
        curves.add_row("loss", self._curve(self._losses), f"{now.loss:.4g}")
        if self._validated:
            scores = [event.score for event in self._validated]
            base = self._validated[-1].base
            best = (max if self._higher else min)(scores)
            curves.add_row(
                "held out",
                self._curve(scores),
                f"{scores[-1]:.2f} {self._metric}, best {best:.2f}, base model {base:.2f}",
            )
        return Group(bar, curves)

    def _curve(self, values: Sequence[float]) -> str:
        """The values as columns of text, the newest to the right."""
        usable = [value for value in values if math.isfinite(value)]
        if not usable:
            return ""
        step = -(-len(usable) // _WIDTH)
        means = [
            sum(usable[k : k + step]) / len(usable[k : k + step])
            for k in range(0, len(usable), step)
        ]
        low, high = min(means), max(means)
        top = len(self._levels) - 1
        return "".join(
            self._levels[round((value - low) / (high - low) * top) if high > low else 0]
            for value in means
        )


class Lines:
    """Each event as a JSON object on a line of stdout; pictures are left out."""

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def __call__(self, event: Event) -> None:
        console.emit({"event": type(event).__name__.lower(), **_plain(event)})


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {
            entry.name: _plain(getattr(value, entry.name))
            for entry in fields(value)
            if entry.name != "samples"
        }
    if isinstance(value, tuple | list):
        return [_plain(entry) for entry in value]
    return str(value) if isinstance(value, Path) else value


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"
