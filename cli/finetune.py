"""`restore finetune`: a model of one's own, from one's own photos, with proof."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from restore.cli import console

if TYPE_CHECKING:
    from restore.finetune import Request

app = typer.Typer(
    help="Teach a model your own camera, scanner, mark or colours, and see what it is worth.",
    no_args_is_help=True,
)

Name = Annotated[str, typer.Option("-n", "--name", help="Of the new model: --model NAME.")]
Minutes = Annotated[float, typer.Option(min=0.1, help="Time for all of it.")]
Base = Annotated[str, typer.Option(help="The model to start from: fast, best, or a name.")]
Steps = Annotated[
    int, typer.Option(min=0, help="Train for so many steps instead of a time.", show_default=False)
]
Check = Annotated[bool, typer.Option("--check", help="Only check the photos.")]
Afresh = Annotated[
    bool, typer.Option("--afresh", help="Forget what an earlier run of this name has done.")
]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")]
Threads = Annotated[int, typer.Option(min=0, help="CPU threads.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="One JSON object per event on stdout.")]


@app.command()
def denoise(
    photos: Annotated[Path, typer.Argument(help="Folder of noisy photos.")],
    name: Name,
    pairs: Annotated[
        Path | None, typer.Option(help="Folder of their clean versions, named alike.")
    ] = None,
    photos_clean: Annotated[
        Path | None, typer.Option(help="Folder of clean photos of anything.")
    ] = None,
    minutes: Minutes = 20,
    base: Base = "auto",
    steps: Steps = 0,
    check: Check = False,
    afresh: Afresh = False,
    device: Device = "auto",
    threads: Threads = 0,
    json: Json = False,
) -> None:
    """Learn the noise of your camera or scanner, from noisy photos alone if need be.

    A part of the photos is held out and proves the result; originals are only read. Ctrl-C stops
    and keeps the best so far; the same command goes on.
    """
    _run(
        json, check, task="denoise", photos=photos, name=name, pairs=pairs,
        photos_clean=photos_clean, minutes=minutes, base=base, steps=steps, afresh=afresh,
        device=device, threads=threads,
    )  # fmt: skip


@app.command()
def dewatermark(
    photos: Annotated[Path, typer.Argument(help="Folder of photos without a mark.")],
    name: Name,
    mark: Annotated[
        list[Path] | None,
        typer.Option(help="Your mark: PNG or WebP with transparency, or a folder. Repeatable."),
    ] = None,
    minutes: Minutes = 20,
    base: Base = "auto",
    steps: Steps = 0,
    check: Check = False,
    afresh: Afresh = False,
    device: Device = "auto",
    threads: Threads = 0,
    json: Json = False,
) -> None:
    """Learn a mark that you know, on photos like yours. For pictures you own or may edit."""
    _run(
        json, check, task="dewatermark", photos=photos, name=name, marks=tuple(mark or ()),
        minutes=minutes, base=base, steps=steps, afresh=afresh, device=device, threads=threads,
    )  # fmt: skip


@app.command()
def colorize(
    photos: Annotated[Path, typer.Argument(help="Folder of colour photos.")],
    name: Name,
    minutes: Minutes = 20,
    base: Base = "auto",
    steps: Steps = 0,
    check: Check = False,
    afresh: Afresh = False,
    device: Device = "auto",
    threads: Threads = 0,
    json: Json = False,
) -> None:
    """Learn the colours of what you photograph, from photos that have theirs."""
    _run(
        json, check, task="colorize", photos=photos, name=name, minutes=minutes, base=base,
        steps=steps, afresh=afresh, device=device, threads=threads,
    )  # fmt: skip


def _run(as_json: bool, check: bool, **asked: Any) -> None:
    with console.one_line_errors(goes_on=True):
        from restore.errors import Cancelled, TrainingError
        from restore.finetune import Request, examine, finetune
        from restore.home import run_folder

        request = Request(**asked)
        if check:
            found = examine(request)
            _watcher(request, as_json)(found)
            raise typer.Exit(console.OK if found.usable else console.FAILED)
        stopping = _Interrupts()
        show = _watcher(request, as_json)
        try:
            with show, stopping:
                verdict = finetune(request, show, stopping.asked)
        except Cancelled:
            console.say("stopped before there was anything to keep; originals are as they were")
            raise typer.Exit(console.INTERRUPTED) from None
        except TrainingError as error:
            console.fail(str(error), console.FAILED)
        console.say(verdict.text)
        if verdict.proof and verdict.proof.sheet:
            console.say(f"before and after: {verdict.proof.sheet}")
        if verdict.model:
            console.say(
                f"use it: restore {request.task} ... --model {request.name}"
                + ("" if verdict.draft else f"; always: restore models default {request.name}")
            )
        elif verdict.stopped:
            console.say(f"kept in {run_folder(request.name)}")
        raise typer.Exit(console.INTERRUPTED if verdict.stopped else console.OK)


def _watcher(request: Request, as_json: bool) -> Any:
    from restore.cli.training_view import Lines, View

    return Lines() if as_json else View(request.name)


class _Interrupts:
    """Ctrl-C and `kill` ask the run to stop; a second Ctrl-C insists."""

    def __init__(self) -> None:
        self._asked = False
        self._before: dict[int, Any] = {}

    def asked(self) -> bool:
        return self._asked

    def __enter__(self) -> _Interrupts:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, *error: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number: int, frame: Any) -> None:
        if self._asked and number == signal.SIGINT:
            raise KeyboardInterrupt
        self._asked = True
        console.say("stopping; the best so far is kept")
