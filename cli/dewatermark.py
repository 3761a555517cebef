"""`restore dewatermark`: stamps, dates, logos and sample text off files and folders."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from restore.cli import options
from restore.cli.folder import restore_folder


@options.with_folder_options
def dewatermark(
    folder: options.FolderOptions,
    mask: Annotated[
        Path | None,
        typer.Option(help="A mask, white where the mark is, or a folder of them.", exists=True),
    ] = None,
    save_masks: Annotated[
        bool, typer.Option("--save-masks", help="Write NAME_mask.png beside each result.")
    ] = False,
    sensitivity: Annotated[
        float,
        typer.Option(
            min=0,
            max=1,
            help="How readily something is taken for a mark: 0 hardly ever, 1 whenever in doubt.",
        ),
    ] = 0.5,
    strength: options.Strength = 1.0,
    model: options.Model = "auto",
) -> None:
    """Remove watermarks, stamps and dates from pictures you own or may edit.

    Marks are found by themselves, or given as a mask, which is obeyed. What lies below a
    half-transparent mark is calculated from what shines through; nothing else is touched, but for
    what JPEG and other lossy formats lose as they code the picture anew. A picture in which no mark
    is found is copied as it is.
    """
    from restore.tasks.options import DewatermarkOptions

    restore_folder(
        "dewatermark",
        lambda: DewatermarkOptions(strength, sensitivity, mask),
        model=model,
        save_maps=save_masks,
        **vars(folder),
    )
