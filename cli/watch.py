"""`restore watch`: a folder whose new files are restored as they come."""

from __future__ import annotations

import signal
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from restore.cli import console, options
from restore.cli.run import RecipeFile, Steps, chosen_recipe


def watch(
    folder: Annotated[Path, typer.Argument(help="Folder to watch.", exists=True, file_okay=False)],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for the results.")],
    steps: Steps = None,
    recipe_file: RecipeFile = None,
    format: options.Format = options.FormatOption.keep,
    quality: options.Quality = None,
    metadata: options.Metadata = options.MetadataOption.keep,
    keep_times: options.KeepTimes = False,
    max_pixels: options.MaxPixels = None,
    recursive: options.Recursive = True,
    device: options.Devices = "auto",
    tile: options.Tile = None,
    settle: Annotated[
        float,
        typer.Option(min=0, help="Seconds without a change before a file counts as complete."),
    ] = 2.0,
    json: options.Json = False,
) -> None:
    """Watch a folder, and restore each file once nobody writes to it any more.

    What is there already is done first. Ctrl-C ends it; started again, it goes on where it was.
    """
    with console.one_line_errors():
        from restore.errors import OutputFailure
        from restore.executor import load_pipelines
        from restore.picture import MAX_PIXELS, SUFFIXES, check_writable
        from restore.pipeline import Saving
        from restore.watch import watch as follow

        recipe = chosen_recipe(steps, recipe_file)
        for step in recipe.steps:
            step.options.check((), others=True)
        suffix = None if format is options.FormatOption.keep else SUFFIXES[format.value][0]
        check_writable(folder / f"new{suffix or ''}")
        saving = Saving(quality, metadata.value, max_pixels or MAX_PIXELS, keep_times=keep_times)
        pipelines = load_pipelines(recipe, saving, device, tile)
        signal.signal(signal.SIGTERM, _interrupt)
        console.say(f"{pipelines[0].models} on {pipelines[0].device}, watching {folder}")
        done = 0
        try:
            for result in follow(
                folder,
                output,
                pipelines,
                suffix=suffix,
                recursive=recursive,
                settle=settle,
            ):
                done += result.status == "done"
                if json:
                    console.emit(result.to_dict())
                else:
                    note = f": {result.message}" if result.message else ""
                    name = "" if result.status == "failed" else f" {result.job.source}"
                    console.say(f"{result.status}{name}{note}")
        except KeyboardInterrupt:
            console.say(f"stopped; {done} restored")
        except OutputFailure as error:  # the last result tells of it
            console.say(
                f"stopped; {done} restored; run the same command to go on when that is mended"
            )
            raise typer.Exit(console.FAILED) from error


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
