"""`restore bench`: what the models are worth, beside classical methods in the same run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from restore.cli import console
from restore.cli.options import Device


def bench(
    clean: Annotated[
        Path | None, typer.Option(help="Folder of clean photos, to be made noisy.", exists=True)
    ] = None,
    pairs: Annotated[
        Path | None, typer.Option(help="Folder of noisy and clean photos.", exists=True)
    ] = None,
    pair_names: Annotated[
        tuple[str, str], typer.Option(help="What tells noisy names from clean ones.")
    ] = ("_real", "_mean"),
    model: Annotated[
        list[str] | None, typer.Option("-m", "--model", help="Repeatable.  [default: all]")
    ] = None,
    baselines: Annotated[bool, typer.Option(help="Measure the classical methods too.")] = True,
    limit: Annotated[int | None, typer.Option(min=1, help="Pictures per set.")] = None,
    device: Device = "auto",
    json: Annotated[bool, typer.Option("--json", help="JSON on stdout.")] = False,
    write_cards: Annotated[
        bool, typer.Option(help="Write the figures onto the cards of the models.")
    ] = False,
) -> None:
    """Measure denoisers: PSNR in dB by way of degrading, and megapixels per second.

    White noise follows the protocol of the literature (float, not clipped). Blind means that the
    level is not told: the models estimate it, the classical methods use a wavelet estimate.
    """
    with console.one_line_errors():
        if clean is None and pairs is None:
            raise typer.BadParameter("give --clean FOLDER, --pairs FOLDER or both")
        from restore import load
        from restore.bench import (
            all_methods,
            clean_cases,
            measure,
            megapixels_per_second,
            pair_case,
        )
        from restore.zoo import shipped_models

        names = model or [entry.card.name for entry in shipped_models()]
        denoisers = [load("denoise", name, device) for name in names]
        methods = all_methods(denoisers, baselines)
        cases = clean_cases(clean, limit) if clean else []
        if pairs:
            cases.append(pair_case(pairs, *pair_names, limit))
        scores = measure(
            cases, methods, lambda name, case, value: console.say(f"{case}: {name} {value:.2f}")
        )
        speeds = {name: megapixels_per_second(method) for name, method in methods.items()}
        if json:
            console.emit({"psnr_db": scores, "megapixels_per_second": speeds})
        else:
            heads = ["PSNR in dB", *(case.name for case in cases), "MP/s"]
            console.table(
                "",
                heads,
                [
                    [name, *(f"{value:.2f}" for value in row.values()), f"{speeds[name]:.2f}"]
                    if name in speeds
                    else [name, *(f"{value:.2f}" for value in row.values()), ""]
                    for name, row in scores.items()
                ],
            )
        if write_cards:
            _write_cards({name: scores[name] for name in names if name in scores}, clean, pairs)


def _write_cards(
    scores: dict[str, dict[str, float]], clean: Path | None, pairs: Path | None
) -> None:
    from dataclasses import replace

    from restore.atomic import write_bytes
    from restore.zoo import shipped_models

    sets = {"clean": clean, "pairs": pairs}
    options = " ".join(f"--{name} {path.name}" for name, path in sets.items() if path)
    for model in shipped_models():
        if model.card.name in scores:
            metrics = {"psnr_db": scores[model.card.name], "command": f"restore bench {options}"}
            card = replace(model.card, metrics=metrics)
            write_bytes(model.path.with_suffix(".json"), card.to_json().encode())
