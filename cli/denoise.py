"""`restore denoise`: noise and grain out of files and folders."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from restore.cli import console

if TYPE_CHECKING:
    from restore.batch import Job, Process, Result


class FormatOption(str, Enum):
    keep = "keep"
    png = "png"
    jpeg = "jpeg"
    tiff = "tiff"
    webp = "webp"


def _sigma(text: str) -> str:
    if text != "auto":
        try:
            value = float(text)
        except ValueError:
            value = -1
        if not 0 <= value <= 255:
            raise typer.BadParameter("give a number from 0 to 255, or auto")
    return text


Inputs = Annotated[
    list[Path], typer.Argument(help="Files, folders (with all below them) and patterns.")
]
Output = Annotated[
    Path, typer.Option("-o", "--output", help="Folder for the results, or a file for one input.")
]
Model = Annotated[
    str, typer.Option("-m", "--model", help="fast, best, auto, or a .safetensors file.")
]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1 or mps.")]
Tile = Annotated[
    int | None, typer.Option(min=0, help="Largest side of a tile; 0: none.  [default: by device]")
]


def denoise(
    inputs: Inputs,
    output: Output,
    strength: Annotated[
        float, typer.Option(min=0, max=1, help="Share of the cleaned picture in the result.")
    ] = 1.0,
    sigma: Annotated[
        str,
        typer.Option(callback=_sigma, help="Noise level, 0-255 in 8-bit units, or auto."),
    ] = "auto",
    model: Model = "auto",
    device: Device = "auto",
    tile: Tile = None,
    format: Annotated[FormatOption, typer.Option(help="File format.")] = FormatOption.keep,
    quality: Annotated[
        int | None,
        typer.Option("-q", "--quality", min=1, max=100, help="Of JPEG and WebP."),
    ] = None,
    recursive: Annotated[bool, typer.Option(help="Go into folders below.")] = True,
    overwrite: Annotated[bool, typer.Option(help="Redo results that are there.")] = False,
    dry_run: Annotated[
        bool, typer.Option("-n", "--dry-run", help="Only say what would be done.")
    ] = False,
    json: Annotated[
        bool, typer.Option("--json", help="One JSON object per file on stdout.")
    ] = False,
) -> None:
    """Remove noise and grain from photos.

    The noise level is estimated for each photo. Results keep format, depth, alpha, colour profile,
    EXIF and XMP; what is there already is skipped; a bad file is reported and the rest goes on.
    """
    from restore.batch import plan
    from restore.picture import SUFFIXES

    with console.one_line_errors():
        kind = None if format is FormatOption.keep else format.value
        jobs = plan(inputs, output, suffix=SUFFIXES[kind][0] if kind else None, recursive=recursive)
        if not jobs:
            console.fail("no pictures there", console.NOTHING)
        if dry_run:
            _show_plan(jobs, overwrite, json)
            return

        from restore import load
        from restore.pipeline import denoise_file

        denoiser = load("denoise", model, device, tile)
        console.say(f"{denoiser.card.name} on {denoiser.device}")
        process = denoise_file(
            denoiser,
            strength=strength,
            sigma=None if sigma == "auto" else float(sigma),
            quality=quality,
        )
        results = run_batch(jobs, process, overwrite=overwrite, json=json)
        console.finish_batch(results, json)


def run_batch(jobs: list[Job], process: Process, *, overwrite: bool, json: bool) -> list[Result]:
    """Run the jobs under a progress bar, telling of each file that did not just go well."""
    from restore.batch import run

    results: list[Result] = []
    with console.progress_bar() as progress:
        bar = progress.add_task("restoring", total=len(jobs), rate="")
        for result in run(jobs, process, overwrite=overwrite):
            results.append(result)
            seconds = sum(entry.seconds for entry in results if entry.status == "done")
            done = sum(entry.status == "done" for entry in results)
            rate = f"{done / seconds:.2f} images/s" if seconds else ""
            progress.update(bar, advance=1, description=result.job.source.name, rate=rate)
            if result.status == "failed":
                progress.console.print(f"failed: {result.message}", markup=False, style="red")
            elif result.status == "done" and result.message:
                progress.console.print(f"{result.job.source}: {result.message}", markup=False)
            if json:
                console.emit(result.to_dict())
    return results


def _show_plan(jobs: list[Job], overwrite: bool, json: bool) -> None:
    for job in jobs:
        skip = job.target.exists() and not overwrite
        if json:
            record = {"source": str(job.source), "target": str(job.target)}
            console.emit(record | {"action": "skip" if skip else "denoise"})
        else:
            typer.echo(f"{'skip' if skip else 'denoise'}  {job.source} -> {job.target}")
