"""Chains of tasks over files and folders: what all the commands that restore share."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from restore.cli import console
from restore.cli.options import EngineOption, FormatOption, MetadataOption

if TYPE_CHECKING:
    from restore.batch import Result
    from restore.executor import Executor
    from restore.pipeline import Saving
    from restore.plan import Job
    from restore.recipe import Recipe
    from restore.tasks.options import Options
    from restore.zoo import Card


def restore_folder(
    task: str,
    options: Callable[[], Options],
    inputs: list[Path],
    output: Path | None,
    *,
    model: str,
    **settings: Any,
) -> None:
    """One task over files and folders: see `restore_chain`.

    Args:
        options: makes what is asked of the task; its errors end in one line too.
    """

    def recipe() -> Recipe:
        from restore.recipe import Recipe, Step

        return Recipe((Step(task, options(), model),))

    restore_chain(recipe, inputs, output, **settings)


def restore_chain(
    make_recipe: Callable[[], Recipe],
    inputs: list[Path],
    output: Path | None,
    *,
    device: str = "auto",
    tile: int | None = None,
    format: FormatOption = FormatOption.keep,
    quality: int | None = None,
    metadata: MetadataOption = MetadataOption.keep,
    keep_times: bool = False,
    relative_to: list[Path] | None = None,
    in_place: bool = False,
    max_pixels: int | None = None,
    recursive: bool = True,
    overwrite: bool = False,
    jobs: int = 2,
    shard: str | None = None,
    report: Path | None = None,
    sheet: Path | None = None,
    dry_run: bool = False,
    json: bool = False,
    engine: EngineOption = EngineOption.local,
    address: str = "auto",
    workers: int | None = None,
    cpus_per_worker: int | None = None,
    save_maps: bool = False,
    variants: int = 0,
) -> None:
    """Plan, load, run and sum up; ends the program with the exit code that the run deserves.

    Args:
        make_recipe: its errors end in one line too.
        variants: so many numbered results of each picture, if any, by steps with a `variant`.
    """
    from restore.picture import MAX_PIXELS, SUFFIXES, check_writable, format_of
    from restore.pipeline import Saving
    from restore.plan import numbered, plan, share_of
    from restore.run_report import summary
    from restore.storage import is_remote
    from restore.tasks.options import without_masks

    with console.one_line_errors(goes_on=True):
        recipe = make_recipe()
        console.refuse_pictures(report, sheet)
        if (output is None) != in_place:
            raise ValueError("say where results go: either -o FOLDER or --in-place")
        if keep_times and output is not None and is_remote(output):
            raise ValueError(f"{output} has times of its own: leave --keep-times out")
        kind = None if format is FormatOption.keep else format.value
        planned = plan(
            inputs,
            output,
            suffix=SUFFIXES[kind][0] if kind else None,
            recursive=recursive,
            relative_to=relative_to or (),
        )
        planned = without_masks(planned, [step.options for step in recipe.steps])
        for step in recipe.steps:
            if word := step.options.check((job.source, job.place) for job in planned):
                console.say(word)
        if not planned:
            console.fail("no pictures there", console.NOTHING)
        if shard is not None:
            count, planned = len(planned), share_of(planned, _share(shard))
            if not planned:  # the others have them
                console.say(f"none of the {count} pictures are in this share")
                if json:
                    console.emit(summary((), 0))
                raise typer.Exit(console.OK)
        for job in planned if engine is EngineOption.local else ():
            if format_of(job.target) != format_of(job.source):  # else it can't be read either
                check_writable(job.target)
        saving = Saving(quality, metadata.value, max_pixels or MAX_PIXELS, save_maps, keep_times)
        turns = [(recipe, planned)]
        if variants:
            turns = [
                (_variant(recipe, number), numbered(planned, number + 1))
                for number in range(variants)
            ]
        if dry_run:
            for one, chosen in turns:
                _show_plan(chosen, one, saving, overwrite, json)
            return

        def make_executor(one: Recipe, saving: Saving) -> Executor:
            if engine is EngineOption.ray:
                from restore.cluster import OnRay

                return OnRay(
                    one, saving, address=address, device=device, tile=tile, workers=workers,
                    cpus=cpus_per_worker, io_threads=jobs,
                )  # fmt: skip
            from restore.executor import Local, load_pipelines

            return Local(load_pipelines(one, saving, device, tile), jobs, len(planned))

        started = time.monotonic()
        results: list[Result] = []
        emit = partial(console.emit, to=sys.stdout) if json else None
        for number, (one, chosen) in enumerate(turns, 1):
            with contextlib.ExitStack() as stack:
                if engine is EngineOption.ray:  # what Ray has to say it prints on stdout
                    stack.enter_context(contextlib.redirect_stdout(sys.stderr))
                executor = stack.enter_context(contextlib.closing(make_executor(one, saving)))
                if number == 1:
                    console.say(executor.about)
                results += run_batch(
                    chosen,
                    executor,
                    overwrite=overwrite,
                    shard=(shard or "").replace("/", "-of-"),
                    report=_of_turn(report, number, variants),
                    sheet=_of_turn(sheet, number, variants),
                    emit=emit,
                )
        console.finish_batch(results, time.monotonic() - started, json)


def _variant(recipe: Recipe, number: int) -> Recipe:
    """The recipe with the number for each step that has variants."""
    from dataclasses import replace

    steps = [
        replace(step, options=replace(step.options, variant=number))  # type: ignore[call-arg]
        if hasattr(step.options, "variant")
        else step
        for step in recipe.steps
    ]
    return replace(recipe, steps=tuple(steps))


def _of_turn(path: Path | None, number: int, variants: int) -> Path | None:
    """A file of its own for each variant."""
    return path.with_stem(f"{path.stem}_{number}") if path and variants else path


def run_batch(
    jobs: Sequence[Job],
    executor: Executor,
    *,
    overwrite: bool,
    emit: Callable[[dict[str, Any]], None] | None = None,
    shard: str = "",
    report: Path | None = None,
    sheet: Path | None = None,
) -> list[Result]:
    """Run the jobs under progress bars, telling of each file that did not just go well.

    The reports get written whatever ends the run.
    """
    from dataclasses import replace

    from restore.errors import OutputFailure
    from restore.html_sheet import HtmlSheet
    from restore.run import run
    from restore.run_report import write_report

    results: list[Result] = []
    started = time.monotonic()
    with contextlib.ExitStack() as stack:
        if report is not None:
            stack.callback(
                lambda: write_report(report, executor.record, results, time.monotonic() - started)
            )
        page = stack.enter_context(HtmlSheet(sheet)) if sheet is not None else None
        bars = stack.enter_context(console.Bars(jobs))
        going = run(
            jobs,
            executor,
            overwrite=overwrite,
            shard=shard,
            thumbnails=sheet is not None,
            on_progress=bars.file,
        )
        stack.callback(going.close)  # before the reports: it waits for what is being written
        try:
            for result in going:
                if page is not None:
                    page.add(result)
                results.append(replace(result, thumbnails=None))
                bars.done(result)
                if emit is not None:
                    emit(result.to_dict())
        except OutputFailure:  # the last result tells of it
            bars.say("stopped; run the same command to go on when that is mended")
    return results


def _share(text: str) -> tuple[int, int]:
    share, slash, shares = text.partition("/")
    if not (slash and share.isdigit() and shares.isdigit() and 1 <= int(share) <= int(shares)):
        raise ValueError(f"--shard {text}: write the first of four shares as 1/4")
    return int(share), int(shares)


def _show_plan(
    jobs: Sequence[Job], recipe: Recipe, saving: Saving, overwrite: bool, json: bool
) -> None:
    from restore.errors import RestoreError
    from restore.journal import Journal
    from restore.resume import skip

    journals = {folder: Journal(folder) for folder in {job.journal for job in jobs} if folder}
    steps = _cards(recipe) if any(journals.values()) else []
    name = "+".join(step.task for step in recipe.steps)
    for job in jobs:
        journal = journals[job.journal] if job.journal else None
        found, problem = None, job.problem
        if not problem:
            try:
                for step in recipe.steps:  # which may need a file for each picture
                    saving.options_of(job, step.options)
                if not overwrite:
                    found = skip(job, journal, saving.key(steps, job), saving.max_pixels)
            except RestoreError as error:  # as the run will say of this file alone
                problem = str(error)
        action = "fail" if problem else "skip" if found else name
        why = problem or (found.reason if found else "")
        if json:
            places = {"source": str(job.source), "target": str(job.target)}
            console.emit(places | {"action": action, "message": why})
        else:
            typer.echo(f"{action}  {job.source} -> {job.target}" + (f"  ({why})" if why else ""))


def _cards(recipe: Recipe) -> list[tuple[Card, Options]]:
    from restore.zoo import find_model

    return [(find_model(step.task, step.model).card, step.options) for step in recipe.steps]
