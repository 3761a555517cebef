"""What a user may count on: nothing is done unseen, and nothing is in the way of what is judged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QMessageBox
from pytestqt.qtbot import QtBot

from restore.gui import unfinished
from restore.gui.app import App
from restore.gui.dialogs.preferences import PreferencesDialog
from restore.gui.engine.client import Client
from restore.gui.model.output import Output
from restore.gui.window import Window
from tests.gui.conftest import Start, wait_complete
from tests.gui.fakes import SLOW
from tests.gui.test_canvas import grabbed
from tests.gui.test_jobs import pictures


def window_of(app: App) -> Window:
    assert app.window is not None
    return app.window


def paint(app: App) -> None:
    app.studio.workspace.edit_mask((2, 9, 3, 20), np.full((7, 17), 255, np.uint8), "paint")


def opened(qtbot: QtBot, app: App, path: Path) -> None:
    app.studio.workspace.show(path)
    preview = app.studio.preview
    qtbot.waitUntil(
        lambda: preview.document is not None and preview.document.path == path, timeout=60000
    )


def test_what_is_undone_is_shown(
    qtbot: QtBot, start: Start, fake_client: Client, tmp_path: Path
) -> None:
    first, second = pictures(tmp_path / "in", 2)
    app = start(first, second, client=fake_client)
    workspace, window = app.studio.workspace, window_of(app)
    opened(qtbot, app, first)
    paint(app)
    opened(qtbot, app, second)
    window.actions_["undo"].trigger()
    assert workspace.current == first
    assert workspace.edits.mask is None
    opened(qtbot, app, second)
    window.actions_["redo"].trigger()
    assert workspace.current == first
    assert workspace.edits.mask is not None


def test_the_train_page_changes_nothing_of_the_other(
    start: Start, fake_client: Client, tmp_path: Path
) -> None:
    app = start(*pictures(tmp_path / "in", 2), client=fake_client)
    window, workspace = window_of(app), app.studio.workspace
    workspace.edit_step("denoise", "less", strength=0.7)
    window.show_page(training=True)
    for name in ("undo", "brush", "export", "export-all", "next"):
        assert not window.actions_[name].isEnabled(), name
    QTest.keySequence(window, QKeySequence("Ctrl+Z"))
    assert workspace.step_of("denoise").strength == 0.7
    window.show_page(training=False)
    assert window.actions_["undo"].isEnabled()
    assert window.actions_["export-all"].isEnabled()


def test_the_mask_does_not_hide_the_result(
    qtbot: QtBot, start: Start, fake_client: Client, tmp_path: Path
) -> None:
    path = tmp_path / "in.png"
    Image.new("RGB", (200, 100), (90, 90, 90)).save(path)
    app = start(path, client=fake_client)
    workspace, view, canvas = app.studio.workspace, app.studio.view, window_of(app).canvas
    workspace.show_step("dewatermark")
    wait_complete(qtbot, app)

    def reddened() -> tuple[bool, bool]:
        """Whether any of the left and of the right half is tinted."""
        shown = grabbed(canvas).astype(int)
        red = (shown[60:-60, :, 0] - shown[60:-60, :, 2]) > 30
        middle = canvas.divider_x
        return bool(red[:, : middle - 20].any()), bool(red[:, middle + 20 :].any())

    workspace.edit_mask((0, 100, 0, 200), np.full((100, 200), 255, np.uint8), "paint")
    wait_complete(qtbot, app)
    view.set_tool("hand")
    assert reddened() == (True, False)
    view.set_tool("brush")
    assert reddened() == (True, True)


def test_a_stroke_may_begin_at_the_divider(
    qtbot: QtBot, start: Start, fake_client: Client, tmp_path: Path
) -> None:
    path = tmp_path / "in.png"
    Image.new("RGB", (400, 300)).save(path)
    app = start(path, client=fake_client)
    workspace, view, canvas = app.studio.workspace, app.studio.view, window_of(app).canvas
    workspace.show_step("dewatermark")
    view.set_tool("brush")
    left, x = Qt.MouseButton.LeftButton, canvas.width() // 2
    qtbot.mousePress(canvas, left, pos=QPoint(x + 3, canvas.height() // 3))
    qtbot.mouseMove(canvas, QPoint(x + 50, canvas.height() // 3))
    qtbot.mouseRelease(canvas, left, pos=QPoint(x + 50, canvas.height() // 3))
    assert view.divider == 0.5
    assert workspace.edits.mask is not None
    assert workspace.edits.mask.any()
    qtbot.mousePress(canvas, left, pos=QPoint(x, canvas.height() // 2))  # the handle still grips
    qtbot.mouseMove(canvas, QPoint(x - 100, canvas.height() // 2))
    qtbot.mouseRelease(canvas, left, pos=QPoint(x - 100, canvas.height() // 2))
    assert view.divider < 0.45


def test_what_is_not_computed_is_not_called_the_result(
    qtbot: QtBot, start: Start, fake_client: Client, tmp_path: Path
) -> None:
    app = start(*pictures(tmp_path / "in", 1, (SLOW, 30)), client=fake_client)
    canvas = window_of(app).canvas
    app.studio.workspace.edit_step("denoise", "other", sigma=20.0)
    qtbot.waitUntil(lambda: canvas.pending, timeout=60000)
    wait_complete(qtbot, app)
    assert not canvas.pending
    done = grabbed(canvas)
    canvas.show_pending(True)  # the label is all that differs
    rows, columns = np.nonzero((grabbed(canvas) != done).any(2))
    assert rows.size
    assert rows.max() < 40
    assert columns.min() > canvas.width() - 150


def test_a_broken_file_says_so_in_its_place(
    qtbot: QtBot, start: Start, fake_client: Client, tmp_path: Path
) -> None:
    good, broken = pictures(tmp_path / "in", 2)
    broken.write_bytes(broken.read_bytes()[:60])
    app = start(good, client=fake_client)
    canvas, messages = window_of(app).canvas, window_of(app).messages
    app.studio.open([broken])
    qtbot.waitUntil(lambda: broken in app.studio.workspace.files.paths(), timeout=60000)
    app.studio.workspace.show(broken)
    qtbot.waitUntil(lambda: bool(canvas.problem), timeout=60000)
    assert broken.name in canvas.problem
    assert not messages.isVisible()
    app.studio.prefer(replace(app.studio.preferences, theme="light"))
    qtbot.wait(50)
    canvas, messages = window_of(app).canvas, window_of(app).messages
    assert broken.name in canvas.problem  # of the new window
    asked: list[bool] = []
    canvas.open_wanted.connect(lambda: asked.append(True))
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton)
    assert not asked
    opened(qtbot, app, good)
    assert not canvas.problem
    assert not messages.isVisible()


def test_what_is_pasted_is_all_that_is_selected(
    qtbot: QtBot, start: Start, fake_client: Client, tmp_path: Path
) -> None:
    """Also while Ctrl, of Ctrl+V, is still held."""
    first, second = pictures(tmp_path / "in", 2)
    app = start(first, client=fake_client)
    strip, workspace = window_of(app).strip, app.studio.workspace
    strip.list.selectAll()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(second))])
    QApplication.clipboard().setMimeData(data)
    QTest.keyPress(window_of(app), Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: workspace.current == second, timeout=60000)
    assert strip.selected() == [second]
    QTest.keyRelease(window_of(app), Qt.Key.Key_V)


def test_letters_choose_in_a_list_of_choices(
    qtbot: QtBot, start: Start, fake_client: Client, tmp_path: Path
) -> None:
    app = start(*pictures(tmp_path / "in", 1), client=fake_client)
    window, view = window_of(app), app.studio.view
    window.activateWindow()
    box = next(box for box in window.findChildren(QComboBox) if box.findData("png") >= 0)
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_P)
    assert view.tool == "hand"
    assert box.currentText() == "PNG"
    window.canvas.setFocus()
    QTest.keyClick(window.canvas, Qt.Key.Key_B)
    assert view.tool == "brush"


def test_another_look_keeps_page_and_log_and_leaves_no_dead_window(
    qtbot: QtBot, start: Start, fake_client: Client, tmp_path: Path
) -> None:
    app = start(*pictures(tmp_path / "in", 2), client=fake_client)
    with qtbot.waitSignal(app.studio.jobs.ended, timeout=60000):
        window_of(app).export_all()
    logged = window_of(app).job_bar.log.toPlainText()
    assert len(logged.splitlines()) == 2
    window_of(app).show_page(training=True)
    for language in ("de", "en"):
        app.studio.prefer(replace(app.studio.preferences, language=language))
        qtbot.wait(50)
    window = window_of(app)
    assert window.pages.currentWidget() is window.train
    assert window.job_bar.log.toPlainText() == logged
    with qtbot.captureExceptions() as raised:
        app.studio.jobs.refused.emit("no")
        app.studio.jobs.ended.emit()
        app.studio.preview.noted.emit("so")
    assert not raised
    assert window.messages.text.text() == "so"


def test_an_export_is_resumed_as_it_was_begun(
    qtbot: QtBot, start: Start, fake_client: Client, tmp_path: Path
) -> None:
    paths = pictures(tmp_path / "in", 3)
    app = start(*paths, client=fake_client)
    workspace, jobs = app.studio.workspace, app.studio.jobs
    workspace.edit_step("denoise", "less", strength=0.8)
    workspace.set_output(Output(format="jpeg"))
    unfinished.note(
        jobs.under_way,
        workspace.output.jobs(workspace.files.inputs, paths),
        False,
        workspace.recipe,
        workspace.output,
    )
    workspace.edit_step("denoise", "lesser", strength=0.3)
    workspace.set_output(Output())
    left = unfinished.read(jobs.under_way)
    assert left is not None
    with qtbot.waitSignal(jobs.ended, timeout=60000):
        jobs.resume(left)
    assert jobs.count("done") == 3
    assert workspace.step_of("denoise").strength == 0.8
    assert sorted(path.name for path in (tmp_path / "in" / "restored").glob("*.jpg")) == [
        f"{path.stem}.jpg" for path in paths
    ]
    workspace.undo.undo()
    assert workspace.step_of("denoise").strength == 0.3


@pytest.mark.parametrize("leave", [False, True])
def test_closing_in_an_export_is_asked_about(
    qtbot: QtBot,
    start: Start,
    fake_client: Client,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    leave: bool,
) -> None:
    app = start(*pictures(tmp_path / "in", 4, (SLOW, 30)), client=fake_client)
    window, asked = window_of(app), []

    def answer(box: QMessageBox) -> int:
        asked.append(box.text())
        box.buttons()[0 if leave else 1].click()
        return 0

    monkeypatch.setattr(QMessageBox, "exec", answer)
    window.export_all()
    qtbot.waitUntil(lambda: app.studio.jobs.current is not None, timeout=60000)
    window.actions_["quit"].trigger()
    assert len(asked) == 1
    assert "of 4 files are done" in asked[0]
    assert window.isVisible() is not leave
    assert app.studio.jobs.running


def test_two_actions_cannot_have_the_same_keys(
    qtbot: QtBot, start: Start, fake_client: Client
) -> None:
    app = start(client=fake_client)
    window = window_of(app)
    dialog = PreferencesDialog(app.studio, window.actions_.texts(), window)
    qtbot.addWidget(dialog)
    dialog.open()
    dialog.editors["brush"].setKeySequence(QKeySequence("H"))
    dialog.accept()
    assert dialog.isVisible()
    assert dialog.tabs.currentIndex() == 1
    dialog.editors["hand"].setKeySequence(QKeySequence("G"))
    dialog.accept()
    assert not dialog.isVisible()
    assert app.studio.preferences.shortcuts["brush"] == "H"


def test_the_code_of_a_colour_is_that_of_the_point(
    qtbot: QtBot, start: Start, fake_client: Client, tmp_path: Path
) -> None:
    """Typed in, it takes the lightness of the place; and what is no code is not kept."""
    app = start(*pictures(tmp_path / "in", 1), client=fake_client)
    workspace, panel = app.studio.workspace, window_of(app).inspector.panel.colorize
    workspace.show_step("colorize")
    workspace.edit_hints(((5, 6, (100, 100, 100)),), "point")
    panel.select(0)
    code = panel.picker.code
    code.setFocus()
    code.setText("2040c0")
    code.editingFinished.emit()
    (_, _, colour) = workspace.edits.hints[0]
    assert code.text() == "#{:02x}{:02x}{:02x}".format(*colour)
    code.setText("red")
    code.editingFinished.emit()
    assert workspace.edits.hints[0][2] == colour
    assert code.text() == "#{:02x}{:02x}{:02x}".format(*colour)


def test_the_name_offered_follows_the_folder_until_one_is_typed(
    start: Start, fake_client: Client
) -> None:
    app = start(client=fake_client)
    form, training = window_of(app).train.form, app.studio.training
    form.choose_photos("/photos/Scans 12")
    assert training.form.name == "my-scans-12"
    form.choose_photos("/photos/attic")
    assert training.form.name == "my-attic"
    training.fill_in(name="mine")
    form.choose_photos("/photos/other")
    assert training.form.name == "mine"


def test_a_training_that_has_to_wait_says_so(
    qtbot: QtBot, start: Start, fake_client: Client, tmp_path: Path
) -> None:
    app = start(*pictures(tmp_path / "in", 4, (SLOW, 30)), client=fake_client)
    studio, said = app.studio, list[str]()
    studio.message.connect(lambda _, text: said.append(text))
    window_of(app).export_all()
    qtbot.waitUntil(lambda: studio.jobs.current is not None, timeout=60000)
    studio.training.fill_in(photos=str(tmp_path / "in"), name="mine")
    studio.training.start()
    assert said[-1] == "It begins as soon as the export is done."
    studio.training.stop()
