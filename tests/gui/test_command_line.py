"""The copied command: the real command line takes it, and makes the same of it."""

from __future__ import annotations

import json
import shlex
import shutil
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pytestqt.qtbot import QtBot
from typer.testing import CliRunner

from restore.cli.main import app as command
from restore.gui.app import App
from restore.gui.command_line import _joined, equivalent
from restore.gui.engine.client import Client
from restore.gui.model.edits import Hint
from restore.gui.model.output import Output
from tests.gui import fakes
from tests.gui.conftest import Start, wait_complete


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
        monkeypatch.setattr("restore.zoo.find_model", lambda task, *_, **__: fakes.Fake(task))
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


RED, BLUE = (34, 40, (170, 40, 40)), (100, 30, (40, 60, 170))


@pytest.mark.parametrize(
    ("steps", "hints", "masked"),
    [
        ({"colorize": {"saturation": 1.3}}, (RED, BLUE), False),
        ({"colorize": {"saturation": 0.7, "force": True, "strength": 0.8}}, (RED,), False),
        ({"denoise": {"sigma": 9.5}, "colorize": {"force": True}}, (RED, BLUE), False),
        (
            {"denoise": {"strength": 0.35}, "colorize": {"force": True, "saturation": 2.0}},
            (),
            False,
        ),
        ({"dewatermark": {"sensitivity": 0.25}}, (), True),
        ({"dewatermark": {}, "colorize": {"force": True}}, (RED,), True),
    ],
)
def test_the_command_line_saves_what_the_window_exports(
    qtbot: QtBot,
    start: Start,
    fake_client: Client,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    photo: NDArray[np.uint8],
    steps: dict[str, dict[str, object]],
    hints: tuple[Hint, ...],
    masked: bool,
) -> None:
    """The same bytes, in the same place, with the same journal; from a picture in a subfolder.

    With a mask the same pixels: the recipe inside names the file that the mask came from.
    """
    source, out = tmp_path / "in", tmp_path / "out"
    path = source / "1920's" / "a b.png"
    path.parent.mkdir(parents=True)
    forced = steps.get("colorize", {}).get("force")
    Image.fromarray(photo).convert("RGB" if forced or masked else "L").save(path)
    Image.fromarray(photo[::2]).save(source / "z.png")
    if masked:  # by tasks that may have no weights here
        monkeypatch.setattr("restore.restorer.load", fakes.load)
        app = start(source, client=fake_client)
    else:
        app = start(source)
    workspace = app.studio.workspace
    workspace.set_output(Output(folder=str(out), keep_times=True))
    for task in ("denoise", "dewatermark", "colorize"):
        workspace.edit_step(task, "set", enabled=task in steps, **steps.get(task, {}))
    workspace.show(path)
    wait_complete(qtbot, app)
    if hints:
        workspace.edit_hints(hints, "set")
    if masked:
        workspace.edit_mask((5, 30, 8, 60), np.full((25, 52), 255, np.uint8), "paint")
    wanted = [path] if hints or masked else workspace.files.paths()
    with qtbot.waitSignal(app.studio.jobs.ended, timeout=60000):
        app.studio.jobs.start(wanted)
    assert app.studio.jobs.count("done") == len(wanted), app.studio.jobs.results

    def made() -> dict[str, tuple[bytes, int]]:
        found = {}
        for entry in out.rglob("*.png"):
            with Image.open(entry) as image:
                data = image.tobytes() if masked else entry.read_bytes()
            found[entry.relative_to(out).as_posix()] = (data, entry.stat().st_mtime_ns)
        return found

    exported, journals = made(), sorted(out.rglob("*.jsonl"))
    assert "1920's/a b.png" in exported
    shutil.rmtree(out)
    line = equivalent(workspace, app.studio.preferences, tmp_path / "command")
    result = CliRunner().invoke(command, shlex.split(line)[1:])
    assert result.exit_code == 0, result.output
    assert made() == exported
    assert sorted(out.rglob("*.jsonl")) == journals == [out / ".restore-journal.jsonl"]


def test_files_that_are_left_of_a_folder_keep_their_places(
    start: Start, fake_client: Client, folder: Path, tmp_path: Path
) -> None:
    app = start(folder, client=fake_client)
    workspace = app.studio.workspace
    workspace.set_output(Output(folder=str(tmp_path / "out")))
    workspace.files.remove([folder / "a.jpg"])
    targets = [Path(entry["target"]) for entry in meant(app, tmp_path)]
    jobs = workspace.output.jobs(workspace.files.inputs, workspace.files.paths())
    assert targets == [job.target for job in jobs]
    assert tmp_path / "out" / "deeper" / "c.jpg" in targets


def test_a_command_for_each_folder_of_results(
    start: Start, fake_client: Client, folder: Path, tmp_path: Path
) -> None:
    single = tmp_path / "single.png"
    single.write_bytes((folder / "b.png").read_bytes())
    app = start(folder, single, client=fake_client)
    workspace = app.studio.workspace
    for partial in (False, True):
        lines = equivalent(workspace, app.studio.preferences, tmp_path).splitlines()
        told = [shlex.split(line) for line in lines]
        assert [line[line.index("-o") + 1] for line in told] == [
            str(folder / "restored"),
            str(tmp_path / "restored"),
        ]
        assert ("--relative-to" in told[0]) is partial
        assert "--relative-to" not in told[1]
        workspace.files.remove([folder / "a.jpg"])


def test_shells_quote_each_in_their_way() -> None:
    line = ["restore", "denoise", r"C:\My photos", r"C:\scans", "it's"]
    assert _joined(line, windows=True) == r"""restore denoise "C:\My photos" C:\scans it's"""
    assert shlex.split(_joined(line, windows=False)) == line
