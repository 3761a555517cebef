"""One task over files and folders: what all its commands share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from restore.cli import console
from restore.cli.options import FormatOption

if TYPE_CHECKING:
    from restore.batch import Job, Process, Result
    from restore.tasks.options import Options


def restore_folder(
    task: str,
    options: Callable[[], Options],
    inputs: list[Path],
    output: Path,
    *,
    model: str,
    device: str,
    tile: int | None,
    format: FormatOption,
    quality: int | None,
    recursive: bool,
    overwrite: bool,
    dry_run: bool,
    json: bool,
    save_maps: bool = False,
    variants: int = 0,
) -> None:
    """Plan, load, run and sum up; ends the program with the exit code that the run deserves.

    Args:
        options: makes what is asked of the task; its errors end in one line too.
        variants: so many numbered results for each picture, if any, of options with a `variant`.
    """
    from restore.batch import numbered, plan
    from restore.picture import SUFFIXES

    with console.one_line_errors():
        asked = options()
        kind = None if format is FormatOption.keep else format.value
        jobs = plan(inputs, output, suffix=SUFFIXES[kind][0] if kind else None, recursive=recursive)
        if not jobs:
            console.fail("no pictures there", console.NOTHING)
        jobs = numbered(jobs, variants) if variants else jobs
        if dry_run:
            _show_plan(jobs, task, overwrite, json)
            return

        from restore import load
        from restore.pipeline import restore_file

        restorer = load(task, model, device, tile)
        console.say(f"{restorer.card.name} on {restorer.device}")
        entries = [replace(asked, variant=number) for number in range(variants)] or [asked]  # type: ignore[call-arg]
        processes = [
            restore_file([(restorer, entry)], quality=quality, save_maps=save_maps)
            for entry in entries
        ]
        turn = {job: number % len(entries) for number, job in enumerate(jobs)}

        def process(job: Job) -> tuple[float, str, dict[str, Any]]:
            return processes[turn[job]](job)

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


def _show_plan(jobs: list[Job], task: str, overwrite: bool, json: bool) -> None:
    for job in jobs:
        skip = job.target.exists() and not overwrite
        if json:
            record = {"source": str(job.source), "target": str(job.target)}
            console.emit(record | {"action": "skip" if skip else task})
        else:
            typer.echo(f"{'skip' if skip else task}  {job.source} -> {job.target}")
