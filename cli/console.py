"""All that is printed: data on stdout, everything meant for eyes on stderr."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from restore.errors import (
    BadWeights,
    DeviceUnavailable,
    RestoreError,
    TrainingError,
    UnknownModel,
)

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

    from restore.batch import Result

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
def one_line_errors() -> Iterator[None]:
    """Errors of the engine as one line and the right exit code."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(levelname)s: %(message)s"))
    logger = logging.getLogger("restore")
    logger.addHandler(handler)
    try:
        yield
    except (BadWeights, DeviceUnavailable, UnknownModel) as error:
        fail(str(error), ENVIRONMENT)
    except TrainingError as error:
        fail(str(error), FAILED)
    except (RestoreError, ValueError) as error:
        fail(str(error), USAGE)
    except ModuleNotFoundError as error:
        fail(f"the package {error.name!r} is missing; `restore doctor` says more", ENVIRONMENT)
    except KeyboardInterrupt:
        fail("interrupted; what was finished is kept, run the same command to go on", INTERRUPTED)
    finally:
        logger.removeHandler(handler)


def emit(record: dict[str, Any]) -> None:
    """One JSON object on a line of its own, for programs."""
    typer.echo(json.dumps(record))


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


def progress_bar() -> Progress:
    """A bar on stderr with time left and pictures per second; silent unless it is a terminal."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    console = stderr()
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    )


def finish_batch(results: Sequence[Result], as_json: bool) -> NoReturn:
    """Summary of a batch, and the exit code it deserves."""
    counts = {
        status: sum(result.status == status for result in results)
        for status in ("done", "skipped", "failed")
    }
    seconds = sum(result.seconds for result in results)
    megapixels = sum(result.megapixels for result in results)
    if as_json:
        emit({"summary": counts, "seconds": round(seconds, 3), "megapixels": round(megapixels, 3)})
    line = ", ".join(f"{count} {status}" for status, count in counts.items() if count)
    if megapixels > 0 and seconds > 0:
        line += f"  ({seconds:.1f} s, {megapixels / seconds:.2f} MP/s)"
    say(line)
    raise typer.Exit(FAILED if counts["failed"] else OK)
