"""Arguments and options that commands share."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer


class FormatOption(str, Enum):
    keep = "keep"
    png = "png"
    jpeg = "jpeg"
    tiff = "tiff"
    webp = "webp"


Inputs = Annotated[
    list[Path], typer.Argument(help="Files, folders (with all below them) and patterns.")
]
Output = Annotated[
    Path, typer.Option("-o", "--output", help="Folder for the results, or a file for one input.")
]
Strength = Annotated[
    float, typer.Option(min=0, max=1, help="Share of the restored picture in the result.")
]
Model = Annotated[
    str, typer.Option("-m", "--model", help="fast, best, auto, or a .safetensors file.")
]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1 or mps.")]
Tile = Annotated[
    int | None, typer.Option(min=0, help="Largest side of a tile; 0: none.  [default: by device]")
]
Format = Annotated[FormatOption, typer.Option(help="File format.")]
Quality = Annotated[
    int | None, typer.Option("-q", "--quality", min=1, max=100, help="Of JPEG and WebP.")
]
Recursive = Annotated[bool, typer.Option(help="Go into folders below.")]
Overwrite = Annotated[bool, typer.Option(help="Redo results that are there.")]
DryRun = Annotated[bool, typer.Option("-n", "--dry-run", help="Only say what would be done.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object per file on stdout.")]
