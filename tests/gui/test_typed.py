"""What is being typed counts, whichever way one goes on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from restore.gui.app import App
from restore.gui.engine.client import Client
from restore.gui.engine.messages import Train
from restore.gui.window import Window
from tests.gui.conftest import Start

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def app(qtbot: QtBot, start: Start, fake_client: Client, noisy: Path) -> App:
    made = start(noisy, client=fake_client)
    made.studio.workspace.edit_step("denoise", "strength", strength=0.9)
    return made


def shown(app: App) -> Window:
    assert app.window is not None
    return app.window


def type_into(qtbot: QtBot, field: QWidget, text: str) -> None:
    """Replace what is in a field, without leaving it."""
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    field.selectAll()  # type: ignore[attr-defined]
    qtbot.keyClicks(field, text)


def test_a_click_takes_it(
    qtbot: QtBot, app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, workspace = shown(app), app.studio.workspace
    found: list[tuple[float, str, int | None]] = []
    monkeypatch.setattr(
        app.studio.jobs,
        "start",
        lambda files: found.append(
            (workspace.step.strength, workspace.output.folder, workspace.output.quality)
        ),
    )
    panel = window.inspector
    panel.output.quality_own.click()
    for field, text in (
        (panel.panel.strengths["denoise"].field, "40"),
        (panel.output.folder.field, str(tmp_path / "out")),
        (panel.output.quality, "77"),
    ):
        type_into(qtbot, field, text)
        qtbot.mouseClick(panel.export_all, LEFT)
        assert field.hasFocus()
    assert [entry[0] for entry in found] == [0.4] * 3
    assert [entry[1] for entry in found] == ["", *[str(tmp_path / "out")] * 2]
    assert found[-1][2] == 77
    type_into(qtbot, panel.panel.strengths["denoise"].field, "30")
    qtbot.mouseClick(panel.copy, LEFT)
    assert "0.3" in QGuiApplication.clipboard().text()


def test_a_shortcut_takes_it(qtbot: QtBot, app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    window, workspace = shown(app), app.studio.workspace
    found: list[float] = []
    monkeypatch.setattr(app.studio.jobs, "start", lambda _: found.append(workspace.step.strength))
    field = window.inspector.panel.strengths["denoise"].field
    type_into(qtbot, field, "40")
    window.actions_["export-all"].setShortcut("Ctrl+7")
    qtbot.keyClick(field, Qt.Key.Key_7, Qt.KeyboardModifier.ControlModifier)
    assert found == [0.4]


def test_closing_the_window_takes_it(qtbot: QtBot, app: App, tmp_path: Path) -> None:
    window, session = shown(app), app.studio.session
    type_into(qtbot, window.inspector.output.folder.field, str(tmp_path / "out"))
    window.close()
    session.background.wait()
    record = json.loads((session.folder / "session.json").read_text(encoding="utf-8"))
    assert record["output"]["folder"] == str(tmp_path / "out")


def test_a_training_learns_from_the_photos_that_are_typed(
    qtbot: QtBot, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, training = shown(app), app.studio.training
    window.show_page(training=True)
    training.fill_in(photos="old", name="mine")
    sent: list[Train] = []
    monkeypatch.setattr(app.studio.client, "send", sent.append)
    form = window.train.form
    for button in (form.check, form.start):
        type_into(qtbot, form.photos.field, f"new-{len(sent)}")
        qtbot.mouseClick(button, LEFT)
        training.state = "idle"
        training.changed.emit()
    assert [request.request.photos for request in sent] == [Path("new-0"), Path("new-1")]
