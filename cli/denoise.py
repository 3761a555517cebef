"""`restore denoise`: noise and grain out of files and folders."""

from __future__ import annotations

from typing import Annotated

import typer

from restore.cli import options
from restore.cli.folder import restore_folder


def _sigma(text: str) -> str:
    if text != "auto":
        try:
            value = float(text)
        except ValueError:
            value = -1
        if not 0 <= value <= 255:
            raise typer.BadParameter("give a number from 0 to 255, or auto")
    return text


@options.with_folder_options
def denoise(
    folder: options.FolderOptions,
    strength: options.Strength = 1.0,
    sigma: Annotated[
        str,
        typer.Option(callback=_sigma, help="Noise level, 0-255 in 8-bit units, or auto."),
    ] = "auto",
    model: options.Model = "auto",
) -> None:
    """Remove noise and grain from photos.

    The noise level is estimated for each photo. Results keep format, depth, alpha, colour profile,
    EXIF and XMP; run again, it goes on where it was; a bad file is reported and the rest goes on.
    """
    from restore.tasks.options import DenoiseOptions

    restore_folder(
        "denoise",
        lambda: DenoiseOptions(strength, None if sigma == "auto" else float(sigma)),
        model=model,
        **vars(folder),
    )
