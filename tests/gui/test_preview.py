"""The picture on the canvas against the file that is saved; errors that must not go unseen."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from restore.gui.engine.client import Client
from restore.gui.engine.messages import Box, Render
from restore.gui.model import reading
from restore.gui.model.document import Document
from restore.gui.preferences import Preferences
from restore.gui.widgets import render
from restore.gui.widgets.controls import Switch
from tests.conftest import with_noise
from tests.gui.conftest import Start, wait_complete
from tests.gui.fakes import DEADLY


def shown(app: object, strength: float) -> NDArray[np.uint8]:
    """The result as the canvas draws it, at full size."""
    document = app.studio.preview.document  # type: ignore[attr-defined]
    view = app.studio.view  # type: ignore[attr-defined]
    view.set_pane(document.size)
    view.fit()
    patch = render.after(document, view, strength)
    assert patch is not None
    return patch.pixels


def export(qtbot: QtBot, app: object) -> None:
    studio = app.studio  # type: ignore[attr-defined]
    with qtbot.waitSignal(studio.jobs.ended, timeout=60000):
        studio.jobs.start(studio.workspace.files.paths())
    assert studio.jobs.count("done") == len(studio.workspace.files.items), studio.jobs.results


@pytest.mark.parametrize("strength", [1.0, 0.6])
def test_the_preview_is_what_is_saved(
    qtbot: QtBot, start: Start, noisy: Path, strength: float
) -> None:
    app = start(noisy, preferences=Preferences("cpu", tile=160, theme="dark", language="en"))
    studio = app.studio
    studio.workspace.edit_step("denoise", "strength", strength=strength)
    wait_complete(qtbot, app)
    # The visible part, computed ahead of the rest.
    parts: list[tuple[Box, NDArray[np.uint8]]] = []

    def keep() -> None:
        document = studio.preview.document
        if document is not None and document.raw is not None and not document.complete:
            for top, bottom, left, right in document.known:
                pixels = document.raw.levels[0][top:bottom, left:right].copy()
                parts.append(((top, bottom, left, right), pixels))

    studio.view.zoom_to(5.0)
    qtbot.wait(200)
    studio.preview.pixels_changed.connect(keep)
    studio.workspace.edit_step("denoise", "sigma", sigma=12.0)
    wait_complete(qtbot, app)
    export(qtbot, app)
    saved = np.asarray(Image.open(noisy.parent / "restored" / "noisy.png"))
    preview = shown(app, strength)
    assert np.abs(saved.astype(int) - preview.astype(int)).max() <= 1
    assert parts
    source = np.asarray(Image.open(noisy))
    for (top, bottom, left, right), pixels in parts:
        before = source[top:bottom, left:right].astype(float)
        mixed = np.rint(before + strength * (pixels - before))
        assert np.abs(saved[top:bottom, left:right] - mixed).max() <= 1


def test_colours_at_half_strength_are_what_is_saved(
    qtbot: QtBot, start: Start, tmp_path: Path, photo: NDArray[np.uint8]
) -> None:
    """They are mixed at equal lightness, which mixing pixels is far from."""
    path = tmp_path / "gray.png"
    Image.fromarray(photo).convert("L").save(path)
    app = start(path)
    studio, workspace = app.studio, app.studio.workspace
    workspace.edit_step("denoise", "off", enabled=False)
    workspace.edit_step("colorize", "on", enabled=True, saturation=2.0)
    wait_complete(qtbot, app)
    whole = shown(app, studio.preview.strength)
    workspace.edit_step("colorize", "strength", strength=0.5)
    assert studio.preview.strength == 0.5  # at once, as near as what is known can come
    wait_complete(qtbot, app)
    assert studio.preview.strength == 1
    preview = shown(app, studio.preview.strength).astype(int)
    export(qtbot, app)
    saved = np.asarray(Image.open(tmp_path / "restored" / "gray.png").convert("RGB")).astype(int)
    assert np.abs(saved - preview).max() <= 1
    gray = np.asarray(Image.open(path)).astype(int)[..., None]
    assert np.abs(saved - (whole + gray) / 2).max() > 5
    workspace.edit_step("colorize", "strength", strength=1.0)
    wait_complete(qtbot, app)
    np.testing.assert_array_equal(shown(app, studio.preview.strength), whole)


def test_another_picture_after_a_change_has_its_own_result(
    qtbot: QtBot, start: Start, noisy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A setting is changed and the next picture chosen before that one has been read."""
    other = noisy.with_name("other.png")
    Image.fromarray(np.asarray(Image.open(noisy))[:200, :260]).save(other)
    app = start(noisy, other)
    wait_complete(qtbot, app)
    studio = app.studio
    waited = threading.Event()
    read, ask = reading.read, studio.preview._ask

    def slowly(path: Path) -> Document:
        waited.wait(60)
        return read(path)

    def asked() -> None:  # by then the engine would be at the picture before
        ask()
        waited.set()

    monkeypatch.setattr(reading, "read", slowly)
    studio.preview._timer.timeout.disconnect()
    studio.preview._timer.timeout.connect(asked)
    studio.workspace.edit_step("denoise", "sigma", sigma=12.0)
    studio.workspace.show(other)
    qtbot.waitUntil(
        lambda: studio.preview.document is not None and studio.preview.document.path == other,
        timeout=60000,
    )
    wait_complete(qtbot, app)
    document = studio.preview.document
    assert document is not None
    assert document.raw is not None
    assert document.raw.size == document.size == (200, 260)
    assert document.known == [document.box]


def test_strength_asks_no_model(qtbot: QtBot, start: Start, noisy: Path) -> None:
    app = start(noisy)
    studio = app.studio
    wait_complete(qtbot, app)
    raw = studio.preview.document.raw  # type: ignore[union-attr]
    asked: list[object] = []
    send = studio.client.send
    studio.client.send = asked.append  # type: ignore[method-assign]
    try:
        slider = app.window.inspector.panel.strengths["denoise"]  # type: ignore[union-attr]
        for figure in range(100, -1, -5):
            slider.slider.setValue(figure)
        qtbot.wait(300)
    finally:
        studio.client.send = send  # type: ignore[method-assign]
    assert not [request for request in asked if isinstance(request, Render)]
    source = np.asarray(Image.open(noisy))
    np.testing.assert_array_equal(shown(app, studio.preview.strength), source)
    assert studio.preview.strength == 0
    np.testing.assert_array_equal(shown(app, 1.0), raw.levels[0])  # type: ignore[union-attr]


def test_the_level_that_was_found_is_shown(qtbot: QtBot, start: Start, noisy: Path) -> None:
    app = start(noisy)
    wait_complete(qtbot, app)
    panel = app.window.inspector.panel.denoise  # type: ignore[union-attr]
    assert 10 < panel.level.field.value() < 20  # type: ignore[union-attr]
    panel.automatic.click()  # type: ignore[union-attr]
    step = app.studio.workspace.step_of("denoise")
    assert step.values["sigma"] == pytest.approx(panel.level.field.value(), abs=0.1)  # type: ignore[union-attr]


@pytest.fixture
def tight_client(qapp: QApplication) -> Iterator[Client]:
    client = Client("tests.gui.fakes:load_short_of_memory")
    yield client
    client.close()


def test_running_out_of_memory_is_said_and_survived(
    qtbot: QtBot, start: Start, tight_client: Client, tmp_path: Path, photo: NDArray[np.uint8]
) -> None:
    path = tmp_path / "large.png"
    Image.fromarray(with_noise(np.tile(photo, (4, 3, 1)), 15)).save(path)
    app = start(client=tight_client)
    app.studio.workspace.files.add([(path, None)], [path])  # not shown: the batch meets it first
    said: list[str] = []
    app.studio.jobs.changed.connect(lambda: said.append(app.window.job_bar.status.text()))  # type: ignore[union-attr]
    export(qtbot, app)
    result = app.studio.jobs.results[0]
    assert "out of memory with tiles of 512: went on with 256" in result.message
    assert any("retried" in text for text in said)
    saved = np.asarray(Image.open(path.parent / "restored" / "large.png")).astype(float)
    given = np.asarray(Image.open(path)).astype(float)
    assert saved.std() > 20
    assert 3 < np.abs(saved - given).mean() < 30


def test_a_missing_device_is_a_message(qtbot: QtBot, start: Start, noisy: Path) -> None:
    preferences = Preferences(device="cuda:7", theme="dark", language="en")
    app = start(noisy, preferences=preferences)
    messages = app.window.messages  # type: ignore[union-attr]
    qtbot.waitUntil(messages.isVisible, timeout=60000)
    assert "cuda:7" in messages.text.text()


def test_a_file_that_is_no_picture_is_a_message(qtbot: QtBot, start: Start, tmp_path: Path) -> None:
    bad = tmp_path / "bad.jpg"
    bad.write_text("no picture")
    app = start()
    app.studio.open([bad])
    canvas = app.window.canvas  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: "bad.jpg" in canvas.problem, timeout=60000)
    item = app.studio.workspace.files.item(bad)
    assert item is not None
    assert item.state == "failed"


def test_what_has_no_weights_is_not_installed(qtbot: QtBot, start: Start, noisy: Path) -> None:
    app = start(noisy)
    workspace = app.studio.workspace
    cards = [card for card in workspace.cards or () if card["task"] == "denoise"]
    workspace.set_cards(tuple(cards))
    assert not workspace.installed("colorize")
    workspace.edit_step("colorize", "on", enabled=True)
    assert [step.task for step in workspace.active_recipe] == ["denoise"]
    model = app.window.inspector.steps.model  # type: ignore[union-attr]
    notes = [model.index(row).data(model.NoteRole) for row in range(3)]
    assert notes == ["not installed", "", "not installed"]


def test_a_picture_that_kills_the_engine_is_not_asked_for_again(
    qtbot: QtBot,
    start: Start,
    fake_client: Client,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    deadly, other = tmp_path / "deadly.png", tmp_path / "other.png"
    Image.new("RGB", (DEADLY, 30)).save(deadly)
    Image.new("RGB", (40, 30)).save(other)
    starts: list[object] = []
    begin = fake_client.start
    app = start(client=fake_client)
    monkeypatch.setattr(fake_client, "start", lambda *where: (starts.append(where), begin(*where)))
    studio = app.studio
    studio.open([deadly])
    qtbot.waitUntil(lambda: len(starts) == 1, timeout=60000)
    text = app.window.messages.text.text()  # type: ignore[union-attr]
    assert "deadly.png is not computed again" in text
    with qtbot.waitSignal(studio.engine_changed, timeout=60000):
        pass  # it is there again, and whatever waits is asked for
    qtbot.wait(500)
    studio.open([other])
    qtbot.waitUntil(
        lambda: studio.preview.document is not None and studio.preview.document.path == other,
        timeout=60000,
    )
    wait_complete(qtbot, app)
    assert len(starts) == 1
    studio.workspace.show(deadly)
    studio.workspace.edit_step("denoise", "sigma", sigma=12.0)  # another try
    qtbot.waitUntil(lambda: len(starts) == 2, timeout=60000)
    with qtbot.waitSignal(studio.engine_changed, timeout=60000):
        pass


def test_the_switch_of_the_uncertainty_says_what_is_seen(
    qtbot: QtBot, start: Start, fake_client: Client, noisy: Path
) -> None:
    other = noisy.with_name("other.png")
    Image.new("RGB", (40, 30)).save(other)
    app = start(noisy, other, client=fake_client)
    studio = app.studio
    qtbot.waitUntil(lambda: len(studio.workspace.files.items) == 2, timeout=60000)
    studio.workspace.show(noisy)
    studio.workspace.show_step("colorize")
    document = studio.preview.document

    def switch() -> Switch:
        return app.window.inspector.panel.colorize.uncertain  # type: ignore[union-attr]

    switch().click()
    assert document is not None
    qtbot.waitUntil(lambda: document.uncertainty is not None, timeout=60000)
    studio.prefer(replace(studio.preferences, theme="light"))
    assert switch().isChecked()
    studio.workspace.show(other)
    qtbot.waitUntil(
        lambda: studio.preview.document is not None and studio.preview.document.path == other,
        timeout=60000,
    )
    assert not switch().isChecked()


def test_what_a_step_said_goes_with_it(
    qtbot: QtBot, start: Start, tmp_path: Path, photo: NDArray[np.uint8]
) -> None:
    path = tmp_path / "colour.png"
    Image.fromarray(photo).save(path)
    app = start(path)
    status = app.window.job_bar.status  # type: ignore[union-attr]
    workspace = app.studio.workspace
    workspace.edit_step("denoise", "off", enabled=False)
    workspace.edit_step("colorize", "on", enabled=True)
    wait_complete(qtbot, app)
    assert "in colour already" in status.text()
    workspace.edit_step("colorize", "off", enabled=False)
    workspace.edit_step("denoise", "on", enabled=True)
    wait_complete(qtbot, app)
    assert "in colour already" not in status.text()
