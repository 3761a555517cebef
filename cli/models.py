"""`restore models`: what weights there are, what they are worth, and which one is the default."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from restore.cli import console

if TYPE_CHECKING:
    from restore.zoo import Model

app = typer.Typer(help="The models that came with this installation, and your own.")


@app.callback(invoke_without_command=True)
def _default(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        list_()


@app.command("list")
def list_(
    markdown: Annotated[bool, typer.Option(help="As the tables of the README.")] = False,
) -> None:
    """List the models with what was measured of them."""
    from restore.home import default_model
    from restore.zoo import known_models, shipped_models

    with console.one_line_errors():
        if markdown:
            from restore.model_tables import models_table

            cards = [model.card for model in shipped_models()]
            for task in dict.fromkeys(card.task for card in cards):
                typer.echo(f"### {task}\n\n{models_table(task, cards)}\n")
            return
        shipped = {model.path for model in shipped_models()}
        models = known_models()
        console.table(
            "",
            ["model", "task", "parameters", "GMAC/MP", "MB", "made", ""],
            [
                [
                    model.card.name,
                    model.card.task,
                    f"{model.card.parameters / 1e6:.2f} M",
                    f"{model.card.gmac_per_megapixel:.0f}",
                    f"{model.path.stat().st_size / 1e6:.1f}",
                    model.card.date,
                    _remark(model, model.path in shipped, default_model(model.card.task)),
                ]
                for model in models
            ],
        )


@app.command()
def info(name: Annotated[str, typer.Argument(help="As `restore models` lists it.")]) -> None:
    """Print the card of a model."""
    with console.one_line_errors():
        from restore.zoo import named_model

        typer.echo(named_model(name).card.to_json(), nl=False)


@app.command()
def verify() -> None:
    """Check that every weights file is the one its card was written for."""
    from restore.zoo import known_models, read_weights

    with console.one_line_errors():
        for model in known_models():
            read_weights(model)
            typer.echo(f"ok  {model.card.name}  sha256 {model.card.sha256}")


@app.command()
def default(
    name: Annotated[str, typer.Argument(help="As `restore models` lists it.")],
    off: Annotated[
        bool, typer.Option("--off", help="Back to the models that ship, for its task.")
    ] = False,
    draft: Annotated[
        bool, typer.Option("--draft", help="Even if it was not better than its base.")
    ] = False,
) -> None:
    """Make a model the default of its task: what --model auto means."""
    with console.one_line_errors():
        from restore.errors import UnknownModel
        from restore.zoo import named_model, set_default_model

        card = named_model(name).card
        if card.draft and not draft and not off:
            raise UnknownModel(
                f"{name} is a draft: it was not better than its base on your photos; add --draft "
                "if you want it all the same"
            )
        set_default_model(card.task, None if off else name)
        console.say(f"{card.task}: {'the models that ship' if off else name}")


@app.command()
def remove(
    name: Annotated[str, typer.Argument(help="One of your own models.")],
    keep_run: Annotated[
        bool, typer.Option("--keep-run", help="Keep the checkpoints it was made of.")
    ] = False,
) -> None:
    """Remove one of your own models, and the run that made it."""
    with console.one_line_errors():
        from restore.zoo import remove_model

        remove_model(name, keep_run=keep_run)
        console.say(f"removed {name}")


@app.command()
def keep(
    name: Annotated[str, typer.Argument(help="Of a fine-tuning.")],
    step: Annotated[
        int | None, typer.Option(help="Of the checkpoint; without it they are listed.")
    ] = None,
) -> None:
    """Make the model of a fine-tuning from another of its checkpoints."""
    with console.one_line_errors():
        from restore.errors import UnknownModel
        from restore.finetune import keep as keep_checkpoint
        from restore.finetune.store import Store

        if step is None:
            points = Store(name).checkpoints()
            if not points:
                raise UnknownModel(
                    f"no fine-tuning {name!r} has left checkpoints here: `restore models` lists "
                    "your models"
                )
            console.table(
                "",
                ["step", "minutes", "held out"],
                [
                    [str(point.step), f"{point.minutes:.1f}", f"{point.score:.2f}"]
                    for point in points
                ],
            )
            return
        console.say(str(keep_checkpoint(name, step).path))


@app.command()
def export(
    name: Annotated[str, typer.Argument(help="As `restore models` lists it.")],
    file: Annotated[Path, typer.Argument(help="OUT.safetensors, its card inside, or OUT.onnx.")],
    picture: Annotated[
        Path | None, typer.Option(help="Photo to compare ONNX with torch on.", exists=True)
    ] = None,
) -> None:
    """Write a model as one file, for another machine or, as ONNX, for another program."""
    with console.one_line_errors():
        from restore.exchange import export_model
        from restore.training.photos import read_rgb8
        from restore.zoo import named_model

        shown = read_rgb8(picture) if picture else None
        checked = export_model(named_model(name), file, shown)
        console.say(f"{file}: {checked}")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A .safetensors file that `export` has written.")],
    name: Annotated[str | None, typer.Option(help="Another name for it.")] = None,
) -> None:
    """Take a model into your own ones. Only data is read from the file, nothing is run."""
    with console.one_line_errors():
        from restore.exchange import import_model

        console.say(f"use it with --model {import_model(file, name).card.name}")


def _remark(model: Model, shipped: bool, default: str | None) -> str:
    """Whose it is, how it came about, and whether it is the default."""
    words = []
    if not shipped:
        base = model.card.training.get("base")
        words.append(f"yours, from {base}" if base else "yours")
        proof = model.card.metrics.get("proof", {})
        if "gain" in proof:
            words.append(f"{proof['gain']:+.2f} {proof['metric']}")
    if model.card.draft:
        words.append("draft")
    if model.card.name == default:
        words.append("default")
    return ", ".join(words)
