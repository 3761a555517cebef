"""`restore colorize`: colour for black-and-white files and folders."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from restore.cli import options
from restore.cli.folder import restore_folder

if TYPE_CHECKING:
    from restore.tasks.options import ColorizeOptions


@options.with_folder_options
def colorize(
    folder: options.FolderOptions,
    hints: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="JSON of known colours: [[x, y, [r, g, b]], ...], or an object of file names, or "
            "places in the folder, to such lists.",
        ),
    ] = None,
    saturation: Annotated[
        float, typer.Option(min=0, max=3, help="Factor on the guessed colours.")
    ] = 1.0,
    variants: Annotated[
        int,
        typer.Option(
            min=0, help="Number of colourings to make, as NAME_1, NAME_2 ...; 0 makes one, as NAME."
        ),
    ] = 0,
    force: Annotated[
        bool, typer.Option("--force", help="Also colour pictures that are in colour already.")
    ] = False,
    strength: options.Strength = 1.0,
    model: options.Model = "auto",
) -> None:
    """Give black-and-white photos believable colours.

    The lightness of the picture is kept; a tone, as of sepia, gives way. Where the colours are
    known, say so by hints: the rest follows. A picture that is in colour already is copied as it
    is.
    """

    def asked() -> ColorizeOptions:
        from restore.tasks.hint_files import read_hints
        from restore.tasks.options import ColorizeOptions

        return ColorizeOptions(strength, saturation, read_hints(hints) if hints else (), force)

    restore_folder("colorize", asked, model=model, variants=variants, **vars(folder))
