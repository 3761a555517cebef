from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import restore
from restore.model_tables import models_table
from restore.zoo import shipped_models

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parent.parent


def test_every_package_is_in_the_wheel() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    listed = set(settings["tool"]["setuptools"]["packages"])
    found = set()
    for top in ("restore", "cli", "gui", "weights"):
        for init in (ROOT / top).rglob("__init__.py"):
            parts = init.parent.relative_to(ROOT).parts
            found.add(".".join(parts if top == "restore" else ("restore", *parts)))
    assert listed == found


def test_the_engine_stands_alone() -> None:
    """It needs neither the command line nor the window, and torch only once something is loaded."""
    code = (
        "import sys, restore\n"
        "assert not {'torch', 'numpy', 'typer', 'rich', 'PySide6'} & set(sys.modules)\n"
        "restore.load('denoise', device='cpu')\n"
        "print(sorted({'typer', 'rich', 'PySide6', 'torchvision', 'skimage'} & set(sys.modules)))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


def test_all_public_names_exist() -> None:
    assert restore.__all__ == sorted(restore.__all__, key=lambda name: (not name.isupper(), name))
    for name in restore.__all__:
        assert getattr(restore, name) is not None


def test_the_tables_in_the_readme_are_those_of_the_cards() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    cards = [model.card for model in shipped_models()]
    for task in {card.task for card in cards}:
        assert models_table(task, cards) in readme
