"""`restore bench`: what the models are worth, beside other methods in the same run."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from restore.cli import console
from restore.cli.options import Device

if TYPE_CHECKING:
    from restore.bench.measure import Bench, Scores


class TaskOption(str, Enum):
    denoise = "denoise"
    dewatermark = "dewatermark"
    colorize = "colorize"


def bench(
    task: Annotated[TaskOption, typer.Option(help="What to measure.")] = TaskOption.denoise,
    clean: Annotated[
        Path | None, typer.Option(help="Folder of clean photos, to be damaged.", exists=True)
    ] = None,
    pairs: Annotated[
        Path | None,
        typer.Option(help="Folder of noisy and clean photos, for denoise.", exists=True),
    ] = None,
    pair_names: Annotated[
        tuple[str, str], typer.Option(help="What tells noisy names from clean ones.")
    ] = ("_real", "_mean"),
    logos: Annotated[
        Path | None, typer.Option(help="Folder of logos, for dewatermark.", exists=True)
    ] = None,
    model: Annotated[
        list[str] | None, typer.Option("-m", "--model", help="Repeatable.  [default: all]")
    ] = None,
    baselines: Annotated[bool, typer.Option(help="Measure the classical methods too.")] = True,
    limit: Annotated[int | None, typer.Option(min=1, help="Pictures per set.")] = None,
    memory: Annotated[bool, typer.Option(help="Measure peak memory on 24 megapixels.")] = False,
    sheet: Annotated[
        Path | None, typer.Option(help="Write a contact sheet of the first model there.")
    ] = None,
    device: Device = "auto",
    json: Annotated[bool, typer.Option("--json", help="JSON on stdout.")] = False,
    write_cards: Annotated[
        bool, typer.Option(help="Write the figures onto the cards of the models.")
    ] = False,
) -> None:
    """Measure the models of a task on photos that are damaged on the spot, or on given pairs.

    White noise follows the protocol of the literature (float, not clipped), logos that of CLWD.
    Blind means that the level is not told: the models estimate it, the classical methods use a
    wavelet estimate. docs/benchmark.md says more.
    """
    with console.one_line_errors():
        if clean is None and pairs is None:
            raise typer.BadParameter("give --clean FOLDER, for denoise also --pairs FOLDER")
        from restore import load
        from restore.bench.measure import measure, megapixels_per_second, peak_memory
        from restore.zoo import shipped_models

        cards = [entry.card for entry in shipped_models()]
        wanted = model or [card.name for card in cards if card.task == task.value]
        restorers = [load(task.value, name, device) for name in wanted]
        names = [restorer.card.name for restorer in restorers]
        if task is TaskOption.denoise:
            chosen = _denoise(restorers, clean, pairs, pair_names, baselines, limit)
        elif task is TaskOption.colorize:
            chosen = _colorize(restorers, clean, limit)
        else:
            chosen = _dewatermark(restorers, clean, logos, baselines, limit)
        scores = measure(
            chosen,
            lambda name, case, values: console.say(f"{case}: {name}  {_figures(values)}"),
        )
        speeds = megapixels_per_second(chosen)
        taken = {name: peak_memory(task.value, name, device) for name in names} if memory else {}
        if sheet and task is TaskOption.colorize:
            _write_colour_sheet(restorers[0], clean, limit, sheet)
        elif sheet:
            _write_sheet(chosen, restorers[0].card.name, sheet)
        if json:
            record = {"scores": scores, "megapixels_per_second": speeds, "peak_memory_mb": taken}
            console.emit(record)
        else:
            costs = {restorer.card.name: restorer.card.gmac_per_megapixel for restorer in restorers}
            _show(scores, speeds, costs, taken)
        if write_cards:
            folders = {"clean": clean, "pairs": pairs, "logos": logos}
            _write_cards(scores, task.value, names, folders)


def _denoise(
    restorers: list[Any],
    clean: Path | None,
    pairs: Path | None,
    pair_names: tuple[str, str],
    baselines: bool,
    limit: int | None,
) -> Bench[Any]:
    from restore.bench import denoise

    cases = denoise.clean_cases(clean, limit) if clean else []
    if pairs:
        cases.append(denoise.pair_case(pairs, *pair_names, limit))
    return denoise.bench(restorers, cases, baselines)


def _dewatermark(
    restorers: list[Any], clean: Path | None, logos: Path | None, baselines: bool, limit: int | None
) -> Bench[Any]:
    from restore.bench import dewatermark

    if clean is None:
        raise typer.BadParameter("give --clean FOLDER")
    return dewatermark.bench(restorers, dewatermark.cases(clean, logos, limit), baselines)


def _colorize(restorers: list[Any], clean: Path | None, limit: int | None) -> Bench[Any]:
    from restore.bench import colorize

    if clean is None:
        raise typer.BadParameter("give --clean FOLDER")
    return colorize.bench(restorers, colorize.cases(clean, limit))


def _figures(values: dict[str, float]) -> str:
    return "  ".join(f"{metric} {value:.4g}" for metric, value in values.items())


def _show(
    scores: Scores, speeds: dict[str, float], costs: dict[str, float], taken: dict[str, float]
) -> None:
    """One table per metric, methods down and cases across; cost beside the first."""
    metrics = list(dict.fromkeys(m for row in scores.values() for v in row.values() for m in v))
    for number, metric in enumerate(metrics):
        rows = {
            name: [f"{values[metric]:.2f}" if metric in values else "" for values in row.values()]
            for name, row in scores.items()
        }
        heads = [metric, *next(iter(scores.values()))]
        if number == 0:
            heads += ["MP/s", "GMAC/MP", *(["MB at 24 MP"] if taken else [])]
            for name, row in rows.items():
                row.append(f"{speeds[name]:.2f}" if name in speeds else "")
                row.append(f"{costs[name]:.0f}" if name in costs else "")
                if taken:
                    row.append(f"{taken[name]:.0f}" if name in taken else "")
        shown = [[name, *row] for name, row in rows.items() if any(row)]
        console.table("", heads, shown)


def _write_sheet(bench: Bench[Any], name: str, path: Path) -> None:
    """Before and after, for a few pictures of each case."""
    from itertools import islice

    import numpy as np

    from restore.arrays import from_unit
    from restore.picture import Picture, write_picture
    from restore.sheet import Row, contact_sheet

    def eight_bit(answer: Any) -> Any:
        array = np.asarray(getattr(answer, "restored", answer))
        return array if array.dtype == np.uint8 else from_unit(array, np.dtype(np.uint8))

    rows = []
    for case in bench.cases:
        for sample in islice(case.samples(), 0, 40, 8):
            answer = bench.methods[name](sample)
            caption = f"{case.name}  {_figures(bench.metrics(answer, sample))}"
            rows.append(Row(eight_bit(sample[0]), eight_bit(answer), caption))
    write_picture(Picture(np.asarray(contact_sheet(rows)), "png"), path)
    console.say(f"contact sheet: {path}")


def _write_colour_sheet(colorizer: Any, clean: Path | None, limit: int | None, path: Path) -> None:
    """Original, gray, automatic and with hints, for up to 40 photos."""
    import numpy as np

    from restore.bench.colorize import colour_sheet
    from restore.bench.measure import pictures_in
    from restore.picture import Picture, write_picture

    assert clean is not None
    files = pictures_in(clean)[:limit]
    image = colour_sheet(colorizer, files[:: -(-len(files) // 40)])
    write_picture(Picture(np.asarray(image), "png"), path)
    console.say(f"contact sheet: {path}")


def _write_cards(
    scores: Scores, task: str, names: list[str], folders: dict[str, Path | None]
) -> None:
    from dataclasses import replace

    from restore.atomic import write_bytes
    from restore.zoo import shipped_models

    options = " ".join(f"--{name} {path.name}" for name, path in folders.items() if path)
    command = f"restore bench --task {task} {options}"
    for model in shipped_models():
        if model.card.name in names:
            own = {
                name: row for name, row in scores.items() if name.startswith(model.card.name + ",")
            }
            metrics = {"command": command, "cases": scores[model.card.name], **own}
            card = replace(model.card, metrics=metrics)
            write_bytes(model.path.with_suffix(".json"), card.to_json().encode())
