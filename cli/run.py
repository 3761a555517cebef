"""`restore run`: several tasks one after the other, from the command line or a recipe."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from restore.cli import options
from restore.cli.folder import restore_chain

if TYPE_CHECKING:
    from restore.recipe import Recipe

Steps = Annotated[
    list[str] | None,
    typer.Option(
        "--step",
        metavar="TASK[:NAME=VALUE,...]",
        help="A task with its options, for instance denoise:strength=0.8; give one per step.",
    ),
]
RecipeFile = Annotated[
    Path | None, typer.Option("--recipe", help="A TOML file with one [[step]] per task.")
]


def chosen_recipe(steps: list[str] | None, file: Path | None) -> Recipe:
    """The recipe of either option.

    Raises:
        ValueError: both were given, or neither.
        BadRecipe: see `restore.recipe`.
    """
    from restore.recipe import Recipe, parse_step, read_recipe

    if bool(steps) == (file is not None):
        raise ValueError("say what to do: either --step, as often as needed, or --recipe FILE")
    return read_recipe(file) if file else Recipe(tuple(parse_step(text) for text in steps or []))


@options.with_folder_options
def run(folder: options.FolderOptions, steps: Steps = None, recipe_file: RecipeFile = None) -> None:
    """Run several tasks one after the other over files and folders.

    A recipe in TOML, as `restore recipe show` prints it from any result:

    [[step]]
    task = "denoise"
    strength = 0.8
    """
    restore_chain(lambda: chosen_recipe(steps, recipe_file), **vars(folder))
