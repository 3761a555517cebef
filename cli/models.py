"""`restore models`: what weights there are, what they are worth, whether they are intact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from restore.cli import console

if TYPE_CHECKING:
    from restore.zoo import Model

app = typer.Typer(help="The models that came with this installation.")


@app.callback(invoke_without_command=True)
def _default(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        list_()


@app.command("list")
def list_(
    markdown: Annotated[bool, typer.Option(help="As the tables of the README.")] = False,
) -> None:
    """List the models with what was measured of them."""
    from restore.zoo import shipped_models

    with console.one_line_errors():
        models = shipped_models()
        if markdown:
            from restore.report import models_table

            cards = [model.card for model in models]
            for task in dict.fromkeys(card.task for card in cards):
                typer.echo(f"### {task}\n\n{models_table(task, cards)}\n")
            return
        console.table(
            "",
            ["model", "task", "parameters", "GMAC/MP", "MB", "made"],
            [
                [
                    model.card.name,
                    model.card.task,
                    f"{model.card.parameters / 1e6:.2f} M",
                    f"{model.card.gmac_per_megapixel:.0f}",
                    f"{model.path.stat().st_size / 1e6:.1f}",
                    model.card.date,
                ]
                for model in models
            ],
        )


@app.command()
def info(name: Annotated[str, typer.Argument(help="As `restore models` lists it.")]) -> None:
    """Print the card of a model."""
    with console.one_line_errors():
        typer.echo(_named(name).card.to_json(), nl=False)


@app.command()
def verify() -> None:
    """Check that every weights file is the one its card was written for."""
    from restore.zoo import read_weights, shipped_models

    with console.one_line_errors():
        for model in shipped_models():
            read_weights(model)
            typer.echo(f"ok  {model.card.name}  sha256 {model.card.sha256}")


def _named(name: str) -> Model:
    from restore.errors import UnknownModel
    from restore.zoo import shipped_models

    known = {model.card.name: model for model in shipped_models()}
    if name not in known:
        raise UnknownModel(f"no model {name!r}: there is {', '.join(known)}")
    return known[name]
