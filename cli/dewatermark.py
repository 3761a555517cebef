"""`restore dewatermark`: stamps, dates, logos and sample text off files and folders."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from restore.cli import folder, options


def dewatermark(
    inputs: options.Inputs,
    output: options.Output,
    mask: Annotated[
        Path | None,
        typer.Option(help="A mask, white where the mark is, or a folder of them.", exists=True),
    ] = None,
    save_masks: Annotated[
        bool, typer.Option("--save-masks", help="Write NAME_mask.png beside each result.")
    ] = False,
    sensitivity: Annotated[
        float, typer.Option(min=0, max=1, help="How little is taken for a mark.")
    ] = 0.5,
    strength: options.Strength = 1.0,
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
    """Remove watermarks, stamps and dates from pictures you own or may edit.

    Marks are found by themselves, or given as a mask, which is obeyed. What lies below a
    half-transparent mark is calculated from what shines through; nothing else is touched. A picture
    in which no mark is found is copied as it is.
    """
    from restore.tasks.options import DewatermarkOptions

    folder.restore_folder(
        "dewatermark",
        lambda: DewatermarkOptions(strength, sensitivity, mask),
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
        save_maps=save_masks,
    )
