"""What comes back after a crash, and the way back from every edit."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from restore.errors import UnwritableOutput
from restore.gui import unfinished
from restore.gui.app import App
from restore.gui.command_line import equivalent
from restore.gui.engine.client import Client
from restore.gui.model.output import Output
from restore.gui.model.view import ViewState
from restore.gui.model.workspace import Workspace
from restore.gui.preferences import Preferences, folders, write_preferences
from restore.gui.session import Session
from restore.gui.widgets.step_controls import StepSlider
from tests.gui.conftest import Start
from tests.gui.fakes import SLOW
from tests.gui.test_jobs import pictures, results

PROGRAM = """
import sys
from pathlib import Path
from PySide6.QtWidgets import QApplication
from restore.gui.app import App
from restore.gui.engine.client import Client
from restore.gui.model.output import Output

def main():
    base, pictures = map(Path, sys.argv[1:])
    qt = QApplication([])
    app = App(base, Client("tests.gui.fakes:load"))
    window = app.start([pictures])
    studio, workspace = app.studio, app.studio.workspace
    def edit():
        if studio.preview.document is None or studio.engine is None:
            return
        timer.stop()
        window.resize(900, 640)
        studio.view.set_divider(0.25)
        workspace.edit_step("denoise", "strength", strength=0.35)
        workspace.edit_mask((2, 9, 3, 20), np.full((7, 17), 255, np.uint8), "paint")
        workspace.edit_hints(((5, 6, (200, 30, 40)),), "hint")
        workspace.set_output(Output(format="jpeg"))
        studio.jobs.start(workspace.files.paths())
    import numpy as np
    from PySide6.QtCore import QTimer
    timer = QTimer()
    timer.timeout.connect(edit)
    timer.start(20)
    qt.exec()

if __name__ == "__main__":
    main()
"""


def settled(folder: Path) -> dict[str, int]:
    """The results in a folder and their times, once nothing happens there any more."""
    seen: dict[str, int] | None = None
    while True:
        found = {path.name: path.stat().st_mtime_ns for path in folder.glob("*.jpg")}
        if found == seen:
            return found
        seen = found
        time.sleep(3)  # a file takes two


def test_a_killed_program_goes_on_where_it_was(
    qtbot: QtBot, start: Start, fake_client: Client, tmp_path: Path
) -> None:
    source, base = tmp_path / "in", tmp_path / "base"
    paths = pictures(source, 10, (SLOW, 30))
    write_preferences(Preferences("cpu", theme="dark", language="en"), folders(base)[0])
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    root = Path(__file__).parent.parent.parent
    process = subprocess.Popen(
        [sys.executable, str(program), str(base), str(source)],
        env=os.environ | {"PYTHONPATH": str(root)},
    )
    out = source / "restored"
    deadline = time.monotonic() + 90
    while len(list(out.glob("*.jpg"))) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL) if os.name == "posix" else process.kill()
    process.wait()
    first = settled(out)  # the engine notices that its window is gone
    assert 2 <= len(first) < len(paths)
    assert not list(out.glob(".restore-*.part"))

    app = start(client=fake_client, base=base)
    studio, workspace = app.studio, app.studio.workspace
    window = app.window
    assert window is not None
    assert (window.width(), window.height()) == (900, 640)
    assert workspace.files.paths() == paths
    assert workspace.current == paths[0]
    assert workspace.step_of("denoise").strength == 0.35
    assert studio.view.divider == 0.25
    assert workspace.output.format == "jpeg"
    edits = workspace.edits_of(paths[0])
    assert edits.hints == ((5, 6, (200, 30, 40)),)
    assert edits.mask is not None
    assert edits.mask.sum() == 255 * 7 * 17
    assert (edits.mask[2:9, 3:20] == 255).all()
    qtbot.waitUntil(window.messages.isVisible, timeout=60000)
    text = window.messages.text.text()
    assert f"{len(first)} of {len(paths)} files are done" in text
    with qtbot.waitSignal(studio.jobs.ended, timeout=60000):
        window.messages.buttons[0].click()
    assert results(out) == [f"{path.stem}.jpg" for path in paths]
    for name, modified in first.items():
        assert (out / name).stat().st_mtime_ns == modified  # none was done twice
    assert studio.jobs.count("skipped") == len(first)
    assert studio.jobs.count("done") == len(paths) - len(first)
    assert unfinished.read(studio.jobs.under_way) is None


def state(workspace: Workspace) -> bytes:
    parts = [json.dumps([step.to_json() for step in workspace.recipe]).encode()]
    for path, edits in sorted(workspace._edits.items()):
        mask = b"none" if edits.mask is None else edits.mask.tobytes()
        parts.append(f"{path}{edits.hints}".encode() + mask)
    return b"|".join(parts)


def edit_at_random(workspace: Workspace, chance: random.Random, number: int) -> None:
    height, width = workspace.size
    kind = chance.choice(
        ["paint", "erase", "clear", "hint", "drop", "slider", "model", "move", "on"]
    )
    top, left = chance.randrange(height - 10), chance.randrange(width - 10)
    box = (top, top + 10, left, left + 10)
    if kind in {"paint", "erase"}:
        part = np.full((10, 10), 255 if kind == "paint" else 0, np.uint8)
        workspace.edit_mask(box, part, kind)
    elif kind == "clear":
        workspace.edit_mask(box, None, kind)
    elif kind == "hint":
        hint = (left, top, (chance.randrange(256), 1, 2))
        workspace.edit_hints((*workspace.edits.hints, hint), kind)
    elif kind == "drop":
        workspace.edit_hints(workspace.edits.hints[1:], kind)
    elif kind == "slider":
        workspace.edit_step("denoise", kind, f"drag {number}", strength=chance.random())
    elif kind == "model":
        workspace.edit_step("denoise", kind, model=chance.choice(["fast", "best", "auto"]))
    elif kind == "move":
        workspace.move_step("denoise", chance.choice([-1, 1]), kind)
    else:
        workspace.edit_step("colorize", kind, enabled=chance.random() < 0.5)


def test_fifty_edits_can_be_undone_and_done_again() -> None:
    workspace = Workspace()
    chance = random.Random(1)
    paths = [Path("a.png"), Path("b.png")]
    for path in paths:
        workspace.edits_of(path)
    states = [state(workspace)]
    while workspace.undo.count() < 50:
        workspace.show(chance.choice(paths))
        workspace.size = (60, 80)
        before = workspace.undo.count()
        edit_at_random(workspace, chance, before)
        if workspace.undo.count() > before:
            states.append(state(workspace))
    for expected in reversed(states[:-1]):
        workspace.undo.undo()
        assert state(workspace) == expected
    for expected in states[1:]:
        workspace.undo.redo()
        assert state(workspace) == expected


def test_a_drag_of_a_slider_is_one_edit(
    qtbot: QtBot, start: Start, fake_client: Client, noisy: Path
) -> None:
    app = start(noisy, client=fake_client)
    workspace = app.studio.workspace
    slider = app.window.inspector.panel.strengths["denoise"]  # type: ignore[union-attr]
    slider.slider.setSliderDown(True)
    for figure in (90, 70, 40):
        slider.slider.setValue(figure)
    slider.slider.setSliderDown(False)
    assert workspace.undo.count() == 1
    assert workspace.step_of("denoise").strength == 0.4
    app.window.actions_["undo"].trigger()  # type: ignore[union-attr]
    assert workspace.step_of("denoise").strength == 1


def test_drags_of_two_sliders_are_two_edits(
    qtbot: QtBot, start: Start, fake_client: Client, noisy: Path
) -> None:
    """Though both are the first of theirs, and of the same name."""
    app = start(noisy, client=fake_client)
    workspace, sliders = app.studio.workspace, app.window.inspector.panel.strengths  # type: ignore[union-attr]
    for task in ("denoise", "dewatermark"):
        sliders[task].slider.setSliderDown(True)
        for figure in (90, 40):
            sliders[task].slider.setValue(figure)
        sliders[task].slider.setSliderDown(False)
    assert workspace.undo.count() == 2
    workspace.undo.undo()
    assert workspace.step_of("dewatermark").strength == 1
    assert workspace.step_of("denoise").strength == 0.4


def test_files_that_were_taken_off_the_list_stay_off_it(
    qtbot: QtBot, start: Start, fake_client: Client, tmp_path: Path
) -> None:
    """In the copied command too, which would name their folder otherwise."""
    paths = pictures(tmp_path / "in", 3)
    app = start(tmp_path / "in", client=fake_client)
    studio, workspace = app.studio, Workspace()
    studio.workspace.files.remove(paths[2:])
    studio.session.save()
    studio.background.wait()
    folder = studio.session.folder
    Session(workspace, ViewState(), studio.training, folder, studio.background).restore()
    assert workspace.files.paths() == paths[:2]
    assert paths[0].name in equivalent(workspace, studio.preferences, tmp_path)


def test_a_damaged_session_is_left_alone(start: Start, fake_client: Client, tmp_path: Path) -> None:
    base = tmp_path / "base"
    state_folder = folders(base)[1]
    state_folder.mkdir(parents=True)
    (state_folder / "session.json").write_text('{"version": 1, "window": ')
    (state_folder / "export.json").write_text("junk")
    app = start(client=fake_client, base=base)
    assert app.window is not None
    assert app.studio.workspace.files.items == []
    assert (state_folder / "session.bad.json").exists()  # for whoever can mend it


def test_a_disk_that_is_away_costs_no_edits(
    start: Start, fake_client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = tmp_path / "base"
    paths = pictures(tmp_path / "in", 2)
    app = start(*paths, client=fake_client, base=base)
    app.studio.workspace.edit_hints(((5, 6, (200, 30, 40)),), "hint")
    current = app.studio.workspace.current
    assert current is not None
    app.studio.session.save()
    app.studio.session.background.wait()
    exists = Path.exists

    def away(path: Path, **options: Any) -> bool:
        if path == paths[1]:
            raise OSError(107, "Transport endpoint is not connected")
        return exists(path, **options)

    monkeypatch.setattr(Path, "exists", away)
    again = start(client=fake_client, base=base).studio.workspace
    assert again.files.paths() == paths[:1]
    assert again.edits_of(current).hints == ((5, 6, (200, 30, 40)),)


def test_a_second_window_leaves_the_session_alone(
    qtbot: QtBot, start: Start, fake_client: Client, tmp_path: Path
) -> None:
    base = tmp_path / "base"
    first, second = pictures(tmp_path / "in", 2)
    app = start(first, client=fake_client, base=base)
    app.studio.workspace.edit_hints(((5, 6, (200, 30, 40)),), "hint")
    app.studio.end()
    state = folders(base)[1]
    stored = (state / "session.json").read_bytes()
    holding = (
        "import sys; from PySide6.QtCore import QLockFile; lock = QLockFile(sys.argv[1]); "
        "lock.tryLock(0); print('held', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", holding, str(state / "window.lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == b"held"
        told: list[str] = []
        app = start(second, client=fake_client, base=base)
        app.studio.message.connect(lambda _, text: told.append(text))
        qtbot.waitUntil(lambda: bool(told) or bool(app.window.messages.isVisible()))
        assert app.studio.workspace.files.paths() == [second]
        app.studio.workspace.edit_hints(((1, 2, (20, 30, 40)),), "hint")
        app.studio.end()
        assert (state / "session.json").read_bytes() == stored
        other.communicate()


def test_a_slider_of_a_step_that_is_off_switches_it_on(
    qtbot: QtBot, start: Start, fake_client: Client, tmp_path: Path
) -> None:
    """Or nothing would be seen of it; one undo takes both back."""
    workspace = start(*pictures(tmp_path / "in", 1), client=fake_client).studio.workspace
    qtbot.waitUntil(lambda: workspace.installed("dewatermark"))
    slider = StepSlider(workspace, "dewatermark", "sensitivity", "Sensitivity", (0, 100))
    qtbot.addWidget(slider)
    before = workspace.step_of("dewatermark")
    assert not before.enabled
    slider.edited.emit(0.7, "drag")
    assert workspace.step_of("dewatermark").enabled
    workspace.undo.undo()
    assert workspace.step_of("dewatermark") == before


def test_detect_draws_what_it_found_or_says_so(
    start: Start, fake_client: Client, tmp_path: Path
) -> None:
    first, second = pictures(tmp_path / "in", 2)
    app = start(first, second, client=fake_client)
    workspace, preview = app.studio.workspace, app.studio.preview
    assert preview.document is not None
    document, told = preview.document, []
    preview.noted.connect(told.append)
    nothing = np.zeros(document.size, np.uint8)
    preview._show_found(document, nothing)
    assert workspace.edits_of(document.path).mask is None
    assert len(told) == 1
    # Another picture is chosen, and not read yet.
    workspace.show(second if document.path == first else first)
    preview._show_found(document, nothing + 255)
    assert workspace.edits_of(document.path).mask is not None
    assert workspace.edits.mask is None


@pytest.mark.parametrize("content", [None, b"", b"junk"])
def test_a_lost_mask_costs_no_more_than_itself(
    qtbot: QtBot, start: Start, fake_client: Client, tmp_path: Path, content: bytes | None
) -> None:
    base = tmp_path / "base"
    write_preferences(Preferences("cpu", theme="dark", language="en"), folders(base)[0])
    paths = pictures(tmp_path / "in", 2)
    app = start(*paths, client=fake_client, base=base)
    workspace, session = app.studio.workspace, app.studio.session
    workspace.edit_hints(((5, 6, (200, 30, 40)),), "hint")
    for path in paths:
        workspace.edits_of(path).mask = np.full((30, 40), 255, np.uint8)
        workspace.edits_of(path).touch()
    session.save()
    session.background.wait()
    record = json.loads((session.folder / "session.json").read_text(encoding="utf-8"))
    lost = session.folder / "masks" / record["edits"][str(paths[0])]["mask"]
    lost.unlink() if content is None else lost.write_bytes(content)
    again = start(client=fake_client, base=base).studio.workspace
    assert again.files.paths() == paths
    assert again.edits_of(paths[0]).hints == ((5, 6, (200, 30, 40)),)
    assert again.edits_of(paths[0]).mask is None
    np.testing.assert_array_equal(again.edits_of(paths[1]).mask, 255)


def test_a_mask_is_written_again_where_the_disk_was_full(
    qtbot: QtBot, start: Start, fake_client: Client, noisy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full_disk(path: Path, data: bytes) -> None:
        raise UnwritableOutput(f"{path}: no room")

    app = start(noisy, client=fake_client)
    session, edits = app.studio.session, app.studio.workspace.edits_of(noisy)
    edits.mask = np.full((300, 420), 255, np.uint8)
    edits.touch()
    with monkeypatch.context() as patch:
        patch.setattr("restore.gui.session.write_bytes", full_disk)
        session.save()
        session.background.wait()
        qtbot.wait(10)
    session.save()
    session.background.wait()
    assert len(list((session.folder / "masks").glob("*.png"))) == 1


def test_of_two_quick_saves_the_later_one_stays(
    start: Start, fake_client: Client, noisy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = start(noisy, client=fake_client)
    session, workspace = app.studio.session, app.studio.workspace
    waiting: list[Callable[[], None]] = []
    monkeypatch.setattr(session.background, "run", lambda work, *_: waiting.append(work))
    for strength in (0.25, 0.5):
        workspace.edit_step("denoise", "strength", strength=strength)
        session.save()
    for write in reversed(waiting):  # as two threads may have it
        write()
    record = json.loads((session.folder / "session.json").read_text(encoding="utf-8"))
    values = {step["task"]: step["values"] for step in record["recipe"]}
    assert values["denoise"]["strength"] == 0.5


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_preferences_take_effect_at_once(
    qtbot: QtBot, start: Start, fake_client: Client, noisy: Path, theme: str
) -> None:
    from dataclasses import replace

    app = start(noisy, client=fake_client)
    studio = app.studio
    studio.view.set_divider(0.7)
    studio.prefer(replace(studio.preferences, theme=theme, language="de"))
    window = app.window
    assert window is not None
    assert window.theme.dark == (theme == "dark")
    assert window.inspector.export_all.text() == "Alle exportieren"
    assert window.canvas.document is studio.preview.document is not None
    assert window.canvas.view.divider == 0.7
    studio.prefer(replace(studio.preferences, shortcuts={"fit": "Ctrl+7"}))
    assert app.window is not None
    assert app.window.actions_["fit"].shortcut().toString() == "Ctrl+7"


def paint(qtbot: QtBot, app: App, tool: str, *points: tuple[int, int]) -> None:
    """Draw with a tool, from point to point of the picture."""
    window = app.window
    assert window is not None
    window.actions_[tool].trigger()
    canvas = window.canvas
    places = [QPoint(*(round(at) for at in canvas.view.to_pane(x, y))) for x, y in points]
    left = Qt.MouseButton.LeftButton
    qtbot.mousePress(canvas, left, pos=places[0])
    for place in places[1:]:
        qtbot.mouseMove(canvas, place)
    qtbot.mouseRelease(canvas, left, pos=places[-1])


def test_a_mark_is_brushed_away(
    qtbot: QtBot, start: Start, fake_client: Client, tmp_path: Path
) -> None:
    """Detect, brush, eraser, box, lasso, undo; and only what is marked changes in the file."""
    path = tmp_path / "marked.png"
    array = np.full((120, 160, 3), 90, np.uint8)
    array[20:30, 20:60] = (255, 0, 0)
    Image.fromarray(array).save(path)
    app = start(path, client=fake_client)
    window, workspace, view = app.window, app.studio.workspace, app.studio.view
    assert window is not None
    view.set_mode("result")
    workspace.edit_step("denoise", "off", enabled=False)
    workspace.edit_step("dewatermark", "on", enabled=True)
    window.actions_["detect"].trigger()
    qtbot.waitUntil(lambda: workspace.edits.mask is not None, timeout=60000)
    mask = workspace.edits.mask
    assert mask is not None
    np.testing.assert_array_equal(mask > 127, array[..., 0] == 255)
    view.set_brush(10)
    paint(qtbot, app, "brush", (80, 80), (120, 80))
    assert mask[80, 80:121].min() == 255
    assert mask[70].max() == 0
    paint(qtbot, app, "eraser", (20, 25), (60, 25))
    assert mask[25, 22:58].max() == 0
    paint(qtbot, app, "box", (100, 10), (130, 40))
    assert mask[11:39, 101:129].min() == 255
    paint(qtbot, app, "lasso", (10, 90), (40, 90), (40, 110), (10, 110))
    assert mask[92:108, 12:38].min() == 255
    final = mask.copy()
    for _ in range(4):
        workspace.undo.undo()
    assert workspace.edits.mask is not None
    np.testing.assert_array_equal(workspace.edits.mask > 127, array[..., 0] == 255)
    for _ in range(4):
        workspace.undo.redo()
    np.testing.assert_array_equal(workspace.edits.mask, final)
    size = view.brush
    window.actions_["smaller"].trigger()
    assert view.brush < size
    workspace.set_output(Output(folder=str(tmp_path / "out")))
    with qtbot.waitSignal(app.studio.jobs.ended, timeout=60000):
        window.inspector.export.click()
    with Image.open(tmp_path / "out" / "marked.png") as image:
        saved = np.asarray(image)
    np.testing.assert_array_equal(saved[final < 127], array[final < 127])
    assert (saved[final > 127] == (0, 255, 0)).all()
    window.actions_["clear-mask"].trigger()
    assert workspace.edits.mask is None


def test_colours_are_set_moved_changed_and_removed(
    qtbot: QtBot, start: Start, fake_client: Client, tmp_path: Path
) -> None:
    path = tmp_path / "gray.png"
    Image.new("L", (160, 120), 120).save(path)
    app = start(path, client=fake_client)
    window, workspace = app.window, app.studio.workspace
    assert window is not None
    app.studio.view.set_mode("result")
    panel = window.inspector.panel.colorize
    paint(qtbot, app, "point", (40, 30))
    assert workspace.edits.hints[0][:2] == (40, 30)
    paint(qtbot, app, "point", (40, 30), (50, 60), (90, 70))  # drags the one that is there
    assert [hint[:2] for hint in workspace.edits.hints] == [(90, 70)]
    assert workspace.undo.count() == 2
    picker = panel.picker  # type: ignore[union-attr]
    assert picker.isVisible()
    picker.pick_like((255, 0, 0))
    red, green, blue = workspace.edits.hints[0][2]
    assert red > 150 > green + 50 > blue
    lightness = 0.2126 * _linear(red) + 0.7152 * _linear(green) + 0.0722 * _linear(blue)
    assert lightness == pytest.approx(_linear(120), rel=0.05)  # that of the picture is kept
    qtbot.keyClick(window.canvas, Qt.Key.Key_Delete)
    assert workspace.edits.hints == ()
    workspace.undo.undo()
    assert len(workspace.edits.hints) == 1
    panel.uncertain.click()  # type: ignore[union-attr]
    document = app.studio.preview.document
    assert document is not None
    qtbot.waitUntil(lambda: document.uncertainty is not None, timeout=60000)


def _linear(value: int) -> float:
    unit = value / 255
    return unit / 12.92 if unit <= 0.04045 else ((unit + 0.055) / 1.055) ** 2.4
