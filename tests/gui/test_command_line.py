"""The copied command: the real command line takes it, and means the same by it."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pytestqt.qtbot import QtBot
from typer.testing import CliRunner

from restore.cli.main import app as command
from restore.gui.app import App
from restore.gui.command_line import equivalent
from restore.gui.engine.client import Client
from restore.gui.model.output import Output
from tests.gui.conftest import Start
from tests.gui.fakes import Fake


def meant(app: App, folder: Path) -> list[dict[str, str]]:
    """What the command line would do by the copied line."""
    line = equivalent(app.studio.workspace, app.studio.preferences, folder)
    program, *arguments = shlex.split(line)
    assert program == "restore"
    result = CliRunner().invoke(command, [*arguments, "--dry-run", "--json"])
    assert result.exit_code == 0, result.output
    return [json.loads(text) for text in result.stdout.splitlines() if text.startswith("{")]


@pytest.mark.parametrize("chain", [False, True])
@pytest.mark.parametrize("drawn", [False, True])
def test_the_command_line_goes_on_where_the_window_was(
    qtbot: QtBot,
    start: Start,
    fake_client: Client,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    photo: NDArray[np.uint8],
    chain: bool,
    drawn: bool,
) -> None:
    """After an export it finds all done: same places, same recipe, one journal."""
    source, out = tmp_path / "in, it's", tmp_path / "out put"
    source.mkdir()
    for name in ("a", "b c"):
        Image.fromarray(photo[:64, :80]).save(source / f"{name}.png")
    if chain or drawn:  # tasks that may have no weights here
        monkeypatch.setattr("restore.zoo.find_model", lambda task, *_, **__: Fake(task))
        app = start(source, client=fake_client)
    else:
        app = start(source)
    workspace = app.studio.workspace
    workspace.set_output(Output(folder=str(out), format="jpeg", quality=80))
    workspace.edit_step("denoise", "off", enabled=chain or not drawn, sigma=12.5, strength=0.6)
    workspace.edit_step("dewatermark", "on", enabled=chain or drawn, sensitivity=0.3)
    if drawn:
        qtbot.waitUntil(lambda: workspace.size == (64, 80), timeout=60000)
        workspace.edit_mask((2, 9, 3, 20), np.full((7, 17), 255, np.uint8), "paint")
    paths = workspace.files.paths()
    wanted = [workspace.current] if drawn else paths
    before = meant(app, tmp_path / "command")
    jobs = workspace.output.jobs(workspace.files.inputs, wanted)  # type: ignore[arg-type]
    assert [(entry["source"], entry["target"]) for entry in before] == [
        (str(job.source), str(job.target)) for job in jobs
    ]
    steps = [step.task for step in workspace.active_recipe]
    assert len(steps) == 1 + chain
    assert [entry["action"] for entry in before] == ["+".join(steps)] * len(wanted)
    with qtbot.waitSignal(app.studio.jobs.ended, timeout=60000):
        app.studio.jobs.start(paths)
    assert app.studio.jobs.count("done") == 2, app.studio.jobs.results
    after = meant(app, tmp_path / "command")
    assert [entry["action"] for entry in after] == ["skip"] * len(wanted), after
    assert all("by the same recipe" in entry["message"] for entry in after)
    workspace.edit_step(steps[-1], "strength", strength=0.5)
    again = meant(app, tmp_path / "command")
    assert "skip" not in {entry["action"] for entry in again}
