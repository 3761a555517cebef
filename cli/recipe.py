"""`restore recipe`: how a result was made."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from restore.cli import console

app = typer.Typer(help="How a result was made, and how to make it again.", no_args_is_help=True)


@app.callback()
def _root() -> None:
    pass


@app.command()
def show(
    file: Annotated[Path, typer.Argument(help="A picture that restore has made.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Write it to this file instead.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="As it is in the file.")] = False,
) -> None:
    """Print the recipe that is written in a result, as a file for `restore run --recipe`."""
    with console.one_line_errors():
        from restore.atomic import write_bytes
        from restore.picture import recipe_within
        from restore.recipe import canonical, painted, read_record, recipe_of

        console.refuse_pictures(output)
        text = recipe_within(file)
        if not text:
            console.fail(f"{file}: no recipe of restore in it", console.FAILED)
        done = read_record(text)
        lines = [f"# made by restore {done.get('restore', '?')}"]
        for step in done["steps"]:
            lines.append(f"# {step['task']}: {step['model']}, sha256 {step['sha256']}")
        for name in painted(done):
            lines.append(f"# {name} was painted by hand and is not kept here: give it as a file")
        shown = canonical(done) + "\n" if json else "\n".join([*lines, recipe_of(done).to_toml()])
        if output is None:
            typer.echo(shown, nl=False)
        else:
            write_bytes(output, shown.encode())
