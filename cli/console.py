"""All that is printed: data on stdout, everything meant for eyes on stderr."""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

import typer

from restore.errors import (
    BadWeights,
    ClusterUnavailable,
    DeviceUnavailable,
    MissingExtra,
    RestoreError,
    TrainingError,
    UnknownModel,
)

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from restore.batch import Result
    from restore.plan import Job

OK, FAILED, USAGE, NOTHING, ENVIRONMENT, INTERRUPTED = 0, 1, 2, 3, 4, 130


def stderr() -> Console:
    from rich.console import Console

    return Console(stderr=True, highlight=False, soft_wrap=True)


def say(text: str) -> None:
    stderr().print(text, markup=False)


def fail(message: str, code: int) -> NoReturn:
    from rich.text import Text

    stderr().print(Text("error: ", style="bold red") + Text(message))
    raise typer.Exit(code)


@contextmanager
def one_line_errors(*, goes_on: bool = False) -> Iterator[None]:
    """Errors of the engine as one line and the right exit code.

    Args:
        goes_on: after Ctrl-C, the same command does the rest.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(levelname)s: %(message)s"))
    logger = logging.getLogger("restore")
    logger.addHandler(handler)
    try:
        yield
    except (
        BadWeights, ClusterUnavailable, DeviceUnavailable, MissingExtra, UnknownModel
    ) as error:  # fmt: skip
        fail(str(error), ENVIRONMENT)
    except TrainingError as error:
        fail(str(error), FAILED)
    except (RestoreError, ValueError) as error:
        fail(str(error), USAGE)
    except ImportError as error:
        fail(f"a package is missing ({error}); `restore doctor` says which", ENVIRONMENT)
    except BrokenPipeError:  # of a reader that has had enough, `| head` say: click knows best
        raise
    except OSError as error:
        fail(f"{error.filename or 'a file'}: {error.strerror or error}", USAGE)
    except KeyboardInterrupt:
        rest = "; what was finished is kept, run the same command to go on" if goes_on else ""
        fail(f"interrupted{rest}", INTERRUPTED)
    finally:
        logger.removeHandler(handler)


def refuse_pictures(*paths: Path | None) -> None:
    """Nothing, where no text is to be written to what is, or is named like, a picture.

    Raises:
        ValueError: it is.
    """
    from restore.picture import READABLE

    for path in paths:
        if path is not None and path.suffix.lower() in READABLE:
            raise ValueError(f"{path} is the name of a picture: give what is written another one")


def emit(record: dict[str, Any], to: TextIO | None = None) -> None:
    """One JSON object on a line of its own, for programs; on stdout unless told otherwise."""
    typer.echo(json.dumps(record), file=to)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table on stdout; the first column holds names, the others figures."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    grid = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    for index, column in enumerate(columns):
        grid.add_column(column, justify="left" if index == 0 else "right", overflow="fold")
    for row in rows:
        grid.add_row(*row)
    console = Console(highlight=False)
    if not console.is_terminal:  # a file or a pipe has no width that columns would have to fit
        console.width = 200
    console.print(grid)


class Bars:
    """Two bars on stderr while it is a terminal: all files, with the time left, and the last one.

    Time is foretold from bytes, which large and small files differ in, not from their number. What
    went wrong, or is worth a word, is printed above; without a terminal that is all.
    """

    def __init__(self, jobs: Sequence[Job]) -> None:
        from rich.progress import (
            BarColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        console = stderr()
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[done]}", markup=False),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self._sizes = {job.source: _size(job.source) for job in jobs}
        self._count = 0
        self._megapixels = 0.0
        self._started = time.monotonic()
        total = sum(self._sizes.values())
        self._all = self._progress.add_task("all files", total=total, done=f"0/{len(jobs)}")
        self._file = self._progress.add_task("", total=1, done="")

    def __enter__(self) -> Bars:
        self._progress.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._progress.__exit__(*error)

    def file(self, job: Job, share: float) -> None:
        """From any thread."""
        self._progress.update(self._file, completed=share, description=job.source.name)

    def done(self, result: Result) -> None:
        self._count += 1
        if result.status == "done":
            self._megapixels += result.megapixels
        rate = self._megapixels / max(time.monotonic() - self._started, 1e-6)
        self._progress.update(
            self._all,
            advance=self._sizes.get(result.job.source, 0),
            done=f"{self._count}/{len(self._sizes)}  {rate:.2f} MP/s",
        )
        if result.status == "failed":
            self.say(f"failed: {result.message}", "red")
        elif result.message and not result.already:
            said = "skipped: " if result.status == "skipped" else f"{result.job.source}: "
            self.say(said + result.message, "yellow")

    def say(self, text: str, style: str = "") -> None:
        self._progress.console.print(text, markup=False, style=style)


def _size(path: Path) -> int:
    try:
        return max(path.stat().st_size, 1)
    except OSError:
        return 1


def finish_batch(results: Sequence[Result], seconds: float, as_json: bool) -> NoReturn:
    """Summary of a batch, and the exit code it deserves."""
    from restore.run_report import summary

    found = summary(results, seconds)
    if as_json:
        emit(found)
    counts, megapixels = found["summary"], found["megapixels"]
    line = ", ".join(f"{count} {status}" for status, count in counts.items() if count)
    if megapixels > 0 and seconds > 0:
        line += f"  ({seconds:.1f} s, {megapixels / seconds:.2f} MP/s)"
    failed = [result for result in results if result.status == "failed"]
    if failed and stderr().is_terminal:  # else they have just been told, in the same place
        stderr().print(_failures(failed))
    say(line)
    raise typer.Exit(FAILED if counts["failed"] else OK)


def _failures(failed: Sequence[Result]) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    grid = Table("failed", "why", box=box.SIMPLE_HEAD)
    for result in failed[:50]:
        reason = result.message.removeprefix(f"{result.job.source}: ")
        grid.add_row(Text(result.job.place or result.job.source.name), Text(reason))
    if len(failed) > 50:
        grid.add_row(f"and {len(failed) - 50} more", "")
    return grid
