"""`restore train` and `restore export`: weights from a folder of photos."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from restore.cli import console

if TYPE_CHECKING:
    from restore.training.checkpoint import Progress


def train(
    recipe: Annotated[
        str, typer.Argument(help="A shipped recipe, colorize for instance, or a TOML file.")
    ],
    photos: Annotated[Path, typer.Argument(help="Folder of clean, sharp photos.", exists=True)],
    run: Annotated[
        Path | None, typer.Option(help="Folder of the checkpoint.  [default: runs/RECIPE]")
    ] = None,
    minutes: Annotated[float | None, typer.Option(min=0.1, help="Time to train for.")] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="Steps instead of a time.")] = None,
    start: Annotated[
        str | None,
        typer.Option(
            help="What to start from: its network, its name, its weights. A model, or the folder "
            "of a run."
        ),
    ] = None,
    logos: Annotated[
        Path | None, typer.Option(help="Folder of logos, to make watermarks of.", exists=True)
    ] = None,
    fonts: Annotated[
        Path | None, typer.Option(help="Folder of fonts, to make watermarks of.", exists=True)
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
    threads: Annotated[
        int | None, typer.Option(min=1, help="CPU threads; a thread per core trains best.")
    ] = None,
) -> None:
    """Train a model by a recipe; goes on from its last checkpoint after any stop.

    `restore export` turns the checkpoint into weights, at any time.
    """
    with console.one_line_errors(goes_on=True):
        import torch

        from restore.device import choose_device
        from restore.training.checkpoint import begin_with
        from restore.training.config import load_recipe
        from restore.training.loop import train as run_training

        if threads is not None:
            torch.set_num_threads(threads)
        begin = begin_with(start) if start else None
        inherited = {key: begin.config[key] for key in ("network", "name")} if begin else {}
        inherited |= {"logos": logos and str(logos), "fonts": fonts and str(fonts)}
        config = load_recipe(recipe, minutes=minutes, steps=steps, **inherited)

        def report(progress: Progress, measured: dict[str, float]) -> None:
            figures = "  ".join(f"{name} {value:.4g}" for name, value in measured.items())
            console.say(f"step {progress.step}  {progress.seconds / 60:.1f} min  {figures}")

        checkpoint = run_training(
            config,
            photos,
            run or Path("runs") / config.name,
            device=choose_device(device),
            report=report,
            start=begin,
        )
        console.say(f"done: {checkpoint}; `restore export {checkpoint.parent}` makes weights of it")


def export(
    run: Annotated[Path, typer.Argument(help="Folder of a training run.")],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Folder for the weights and their card.")
    ] = Path("weights"),
    data: Annotated[
        str, typer.Option(help="The photos it was trained on and their terms, for the card.")
    ] = "the user's own photos",
    name: Annotated[str, typer.Option(help="Name of the model; else that of the recipe.")] = "",
    parts_of: Annotated[
        Path | None,
        typer.Option(help="A second run, to take the parts of the network from that it trained."),
    ] = None,
    mean_with: Annotated[
        list[str] | None,
        typer.Option(
            help="A run that began with the same weights, or the model that they are: take the "
            "mean of both."
        ),
    ] = None,
    share: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Share of this run in that mean; else all count the same."),
    ] = None,
) -> None:
    """Turn the checkpoint of a training run into weights with a card."""
    with console.one_line_errors():
        from restore.training.checkpoint import CHECKPOINT
        from restore.training.export import export as export_weights

        model = export_weights(
            run / CHECKPOINT,
            output,
            data,
            name=name,
            parts_of=parts_of / CHECKPOINT if parts_of else None,
            mean_with=mean_with or (),
            share=share,
        )
        typer.echo(str(model.path))
