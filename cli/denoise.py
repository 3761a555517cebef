"""`restore denoise`: noise and grain out of files and folders."""

from __future__ import annotations

from typing import Annotated

import typer

from restore.cli import folder, options


def _sigma(text: str) -> str:
    if text != "auto":
        try:
            value = float(text)
        except ValueError:
            value = -1
        if not 0 <= value <= 255:
            raise typer.BadParameter("give a number from 0 to 255, or auto")
    return text


def denoise(
    inputs: options.Inputs,
    output: options.Output,
    strength: options.Strength = 1.0,
    sigma: Annotated[
        str,
        typer.Option(callback=_sigma, help="Noise level, 0-255 in 8-bit units, or auto."),
    ] = "auto",
    model: options.Model = "auto",
    device: options.Device = "auto",
    tile: options.Tile = None,
    format: options.Format = options.FormatOption.keep,
    quality: options.Quality = None,
    recursive: options.Recursive = True,
    overwrite: options.Overwrite = False,
    dry_run: options.DryRun = False,
    json: options.Json = False,
) -> None:
    """Remove noise and grain from photos.

    The noise level is estimated for each photo. Results keep format, depth, alpha, colour profile,
    EXIF and XMP; what is there already is skipped; a bad file is reported and the rest goes on.
    """
    from restore.tasks.options import DenoiseOptions

    folder.restore_folder(
        "denoise",
        lambda: DenoiseOptions(strength, None if sigma == "auto" else float(sigma)),
        inputs,
        output,
        model=model,
        device=device,
        tile=tile,
        format=format,
        quality=quality,
        recursive=recursive,
        overwrite=overwrite,
        dry_run=dry_run,
        json=json,
    )
