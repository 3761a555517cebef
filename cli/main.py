"""The `restore` command."""

from __future__ import annotations

import logging
import sys
import warnings
from io import TextIOWrapper
from typing import Annotated

import typer

from restore import __version__
from restore.cli import (
    bench,
    colorize,
    demo,
    denoise,
    dewatermark,
    doctor,
    finetune,
    gui,
    models,
    recipe,
    run,
    train,
    watch,
)

app = typer.Typer(
    name="restore",
    help="Make damaged pictures good again: whole folders, offline, originals untouched.",
    epilog=(
        "Exit codes: 0 all done or skipped, 1 some files failed, 2 wrong usage, 3 nothing to do, "
        "4 device, model or extra missing, 130 interrupted."
    ),
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_show_locals=False,
)
app.command("denoise", rich_help_panel="Restore")(denoise.denoise)
app.command("dewatermark", rich_help_panel="Restore")(dewatermark.dewatermark)
app.command("colorize", rich_help_panel="Restore")(colorize.colorize)
app.command("run", rich_help_panel="Restore")(run.run)
app.command("watch", rich_help_panel="Restore")(watch.watch)
app.add_typer(recipe.app, name="recipe", rich_help_panel="Restore")
app.command("gui", rich_help_panel="Restore")(gui.gui)
app.command("demo", rich_help_panel="Restore")(demo.demo)
app.add_typer(finetune.app, name="finetune", rich_help_panel="Models")
app.add_typer(models.app, name="models", rich_help_panel="Models")
app.command("bench", rich_help_panel="Models")(bench.bench)
app.command("train", rich_help_panel="Models")(train.train)
app.command("export", rich_help_panel="Models")(train.export)
app.command("doctor", rich_help_panel="Setup")(doctor.doctor)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"restore {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


def main() -> None:
    # What decoders think of a damaged file is said in our words, one line a file.
    warnings.filterwarnings("ignore", module=r"(PIL|tifffile)\b")
    for name in ("PIL", "tifffile"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    if isinstance(sys.stdout, TextIOWrapper):  # names of files need not fit its encoding
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        app()
    except BrokenPipeError:  # the reader of our output, `head` say, has had enough
        sys.stderr.close()
        sys.exit(0)


if __name__ == "__main__":
    main()
