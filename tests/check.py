"""Everything that must pass before a commit, in one command that needs only Python.

    python tests/check.py

It makes a virtual environment in .venv unless it runs in one, installs the project with what its
tests need, and runs formatter, linter, type checker and tests. A skipped test counts as a failure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parent.parent
TYPED = ROOT / "build" / "typed"


def run(*command: str | Path, where: Path = ROOT) -> None:
    print("$", *command, flush=True)
    if subprocess.run([str(part) for part in command], cwd=where, check=False).returncode:
        sys.exit(f"failed: {' '.join(str(part) for part in command)}")


def python() -> Path:
    if sys.prefix != sys.base_prefix:
        return Path(sys.executable)
    folder = ROOT / ".venv"
    interpreter = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not interpreter.exists():
        venv.create(folder, with_pip=True)
    return interpreter


def main() -> None:
    interpreter = python()
    run(interpreter, "-m", "pip", "install", "--quiet", "--editable", ".[dev]")
    run(interpreter, "-m", "ruff", "format", "--check", ".")
    run(interpreter, "-m", "ruff", "check", ".")
    # The type checker can't follow the editable install: it reads what a user would get.
    shutil.rmtree(ROOT / "build", ignore_errors=True)
    run(interpreter, "-m", "pip", "install", "--quiet", "--no-deps", "--target", TYPED, ".")
    top = sorted(path.name for path in TYPED.iterdir() if path.suffix != ".dist-info")
    if set(top) - {"restore", "bin", "Scripts", "__pycache__"}:
        sys.exit(f"failed: the wheel puts {top} into site-packages, only restore belongs there")
    run(
        interpreter, "-m", "mypy", "--config-file", ROOT / "pyproject.toml", "-p", "restore",
        where=TYPED,
    )  # fmt: skip
    # Qt needs libraries that only the system can bring; better a line that names them than a crash.
    probe = "import PySide6.QtWidgets"
    if subprocess.run([interpreter, "-c", probe], check=False).returncode:
        sys.exit(
            "failed: Qt can't be loaded; on Debian and Ubuntu: "
            "apt install libegl1 libgl1 libxkbcommon0 libdbus-1-3 libfontconfig1 libglib2.0-0"
        )
    run(interpreter, "-m", "pytest", "--quiet")


if __name__ == "__main__":
    main()
