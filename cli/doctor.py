"""`restore doctor`: what this machine has, and what to do about what is missing."""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Callable
from functools import partial
from importlib import metadata

import typer

from restore.cli import console

Check = tuple[bool, str, str]
"""Whether it is well, what was found, what to do if not."""


def doctor() -> None:
    """Say what works here and how to mend what does not."""
    checks: dict[str, Callable[[], Check]] = {
        "Python": _python,
        "torch": _torch,
        "devices": _devices,
        "weights": _weights,
        "torchvision": _torchvision,
    } | {f"extra {extra}": partial(_extra, extra) for extra in _extras()}
    essential = {"Python", "torch", "weights"}
    well = True
    for name, check in checks.items():
        try:
            good, found, remedy = check()
        except Exception as error:  # a doctor must survive what ails the patient
            good, found, remedy = (
                False,
                f"{type(error).__name__}: {error}",
                "reinstall restore-studio",
            )
        mark = "ok " if good else "BAD" if name in essential else "-- "
        typer.echo(f"{mark} {name}: {found}" + ("" if good else f"\n    try: {remedy}"))
        well &= good or name not in essential
    raise typer.Exit(console.OK if well else console.ENVIRONMENT)


def _python() -> Check:
    found = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    return sys.version_info >= (3, 10), found, "install Python 3.10 or newer"


def _torch() -> Check:
    import torch

    cores = f"{torch.get_num_threads()} threads of {os.cpu_count()} cores"
    return True, f"{torch.__version__}, {cores}", "pip install --force-reinstall torch"


def _devices() -> Check:
    from restore.device import autocast_dtype, available_devices, choose_device

    names = [
        f"{name} ({str(autocast_dtype(choose_device(name))).removeprefix('torch.')})"
        for name in available_devices()
    ]
    return True, ", ".join(names), ""


def _weights() -> Check:
    from restore.zoo import read_weights, shipped_models

    models = shipped_models()
    for model in models:
        read_weights(model)
    names = ", ".join(model.card.name for model in models)
    return bool(models), names or "none found", "reinstall restore-studio"


def _torchvision() -> Check:
    remedy = (
        "not needed to restore pictures; install the torchvision that was built for your torch, "
        "from the same place"
    )
    try:
        import torchvision
    except RuntimeError as error:
        return False, f"does not fit this torch ({error})", remedy
    return True, str(torchvision.__version__), remedy


def _extras() -> dict[str, set[str]]:
    """The packages that each extra brings, but for those of developers."""
    found: dict[str, set[str]] = {}
    for requirement in metadata.requires("restore-studio") or ():
        package = re.match(r"[\w.-]+", requirement)
        extra = re.search(r"""extra == ["']([\w-]+)""", requirement)
        if package and extra and extra[1] != "dev":
            found.setdefault(extra[1], set()).add(package[0])
    return found


def _extra(name: str) -> Check:
    """Whether the packages of an extra are there."""
    there, missing = [], []
    for package in sorted(_extras()[name]):
        try:
            there.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            missing.append(package)
    found = f"without {', '.join(missing)}" if missing else ", ".join(there)
    return not missing, found, f'pip install "restore-studio[{name}]"'
