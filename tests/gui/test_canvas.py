"""Divider, zoom and strength: what is on the screen is what it claims to be."""

from __future__ import annotations

import random
import time
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from restore.gui.engine.client import Client
from restore.gui.model.document import Document
from restore.gui.model.pyramid import Pyramid
from restore.gui.model.view import ViewState
from restore.gui.model.workspace import Workspace
from restore.gui.style import DARK
from restore.gui.widgets import render
from restore.gui.widgets.canvas import Canvas
from tests.gui.conftest import Start

SIZE = (300, 400)


def pixels(seed: int, size: tuple[int, int] = SIZE) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (*size, 3), np.uint8)


@pytest.fixture
def canvas(qtbot: QtBot) -> Canvas:
    workspace, view = Workspace(), ViewState()
    made = Canvas(workspace, view, DARK)
    workspace.setParent(made)
    view.setParent(made)
    qtbot.addWidget(made)
    made.resize(640, 480)
    document = Document(Path("a.png"), Pyramid(pixels(0)), "PNG")
    document.set_raw(Pyramid(pixels(1)), ("key",))
    workspace.show(document.path)
    workspace.size = SIZE
    view.set_picture(SIZE)
    made.show_document(document)
    made.show()
    return made


def grabbed(canvas: Canvas) -> NDArray[np.uint8]:
    image = canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    # A copy: the image owns its memory, and ends with this function.
    return rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3).copy()


def wheel(canvas: Canvas, x: float, y: float, steps: int) -> None:
    event = QWheelEvent(
        QPointF(x, y),
        QPointF(x, y),
        QPoint(),
        QPoint(0, 120 * steps),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas, event)


@pytest.mark.parametrize("scale", [1.0, 2.0, 3.7, 9.0])
@pytest.mark.parametrize("divider", [0.3, 0.5, 0.8])
def test_left_of_the_divider_is_the_source_and_right_of_it_the_result(
    canvas: Canvas, scale: float, divider: float
) -> None:
    view = canvas.view
    view.zoom_to(scale)
    view.pan(17, -9)
    view.set_divider(divider)
    shown = grabbed(canvas)
    assert canvas.document is not None
    document = canvas.document
    assert document.raw is not None
    # Away from divider, its handle and the labels; the pixel below is found by the view alone.
    for x, y in [(40, 90), (150, 400), (250, 300), (420, 330), (560, 150), (600, 420)]:
        if abs(x - canvas.divider_x) < 20:
            continue
        column, row = (int(np.floor(at)) for at in view.to_picture(x + 0.5, y + 0.5))
        if not (0 <= row < SIZE[0] and 0 <= column < SIZE[1]):
            continue
        side = document.source if x < canvas.divider_x else document.raw
        np.testing.assert_array_equal(shown[y, x], side.levels[0][row, column])


def test_both_sides_stay_in_step(canvas: Canvas) -> None:
    """After any gestures, side by side shows the same part of both pictures."""
    assert canvas.document is not None
    canvas.document.set_raw(canvas.document.source, ("key",))  # equal halves, if in step
    canvas.view.set_mode("side")
    chance = random.Random(0)
    grabbed(canvas)
    for _ in range(50):
        kind = chance.choice(["wheel", "pan", "fit", "zoom"])
        if kind == "wheel":
            wheel(canvas, chance.uniform(0, 640), chance.uniform(0, 480), chance.choice([-1, 1]))
        elif kind == "pan":
            canvas.view.pan(chance.uniform(-60, 60), chance.uniform(-60, 60))
        elif kind == "fit":
            canvas.view.fit()
        else:
            canvas.view.zoom_to(chance.uniform(0.3, 8))
        left, right = canvas.panes
        shown = grabbed(canvas)
        np.testing.assert_array_equal(
            shown[50:, left.left() : left.right() + 1], shown[50:, right.left() : right.right() + 1]
        )


@pytest.mark.parametrize("mode", ["split", "side"])
def test_the_wheel_keeps_what_is_under_the_pointer(canvas: Canvas, mode: str) -> None:
    canvas.view.set_mode(mode)  # type: ignore[arg-type]
    grabbed(canvas)
    x, y = 410.0, 260.0
    before, scale = canvas.in_picture(QPointF(x, y)), canvas.view.scale
    for _ in range(9):
        wheel(canvas, x, y, 1)
        now = canvas.in_picture(QPointF(x, y))
        # Pictures lie at whole pixels of the screen: up to half of one, before and after.
        within = 0.5 / scale + 0.5 / canvas.view.scale + 1e-9
        assert abs(now[0] - before[0]) <= within
        assert abs(now[1] - before[1]) <= within


def test_dragging_the_divider(canvas: Canvas, qtbot: QtBot) -> None:
    button = Qt.MouseButton.LeftButton
    qtbot.mousePress(canvas, button, pos=QPoint(320, 100))
    qtbot.mouseMove(canvas, QPoint(160, 100))
    qtbot.mouseRelease(canvas, button, pos=QPoint(160, 100))
    assert canvas.view.divider == pytest.approx(0.25, abs=0.01)


def test_strength_is_instant_and_exact_on_24_megapixels() -> None:
    size = (4000, 6000)
    source, raw = pixels(2, size), pixels(3, size)
    document = Document(Path("a.png"), Pyramid(source), "PNG")
    document.set_raw(Pyramid(raw), ("key",))
    view = ViewState()
    view.set_pane((900, 1400))
    view.set_picture(size)
    for scale in (None, 1.0):  # the whole picture, and every pixel
        if scale is not None:
            view.zoom_to(scale)
        spent = []
        for strength in np.linspace(0, 1, 9):
            start = time.thread_time()
            patch = render.after(document, view, float(strength))
            assert patch is not None
            patch.image()
            spent.append(time.thread_time() - start)
        assert sorted(spent)[len(spent) // 2] < 0.05
    place = render.cut(document.source, view)
    assert place is not None
    top, left = place.rows.start, place.columns.start
    assert (place.level, view.scale) == (0, 1.0)
    for strength, truth in ((0.0, source), (1.0, raw)):
        part = render.blended(document, place, strength)
        height, width = part.shape[:2]
        np.testing.assert_array_equal(part, truth[top : top + height, left : left + width])


def test_transparent_parts_show_a_checkerboard(canvas: Canvas) -> None:
    clear = np.zeros((*SIZE, 4), np.uint8)
    document = Document(Path("b.png"), Pyramid(clear), "PNG")
    canvas.show_document(document)
    canvas.view.set_mode("result")
    shown = grabbed(canvas)[200:280, 280:360].reshape(-1, 3)
    colours = {tuple(int(value) for value in colour) for colour in np.unique(shown, axis=0)}
    assert colours == {DARK.color(name).toTuple()[:3] for name in ("check_light", "check_dark")}


def test_a_key_shows_the_original_while_held(canvas: Canvas) -> None:
    canvas.view.set_original(True)
    shown = grabbed(canvas)
    assert canvas.document is not None
    left, top = canvas.view.origin
    source = canvas.document.source.levels[0]
    np.testing.assert_array_equal(shown[top + 200, left + 50 : left + 350], source[200, 50:350])
    canvas.view.set_original(False)


def test_pasting_a_part_equals_building_anew() -> None:
    whole, part = pixels(4, (613, 819)), pixels(5, (100, 131))
    pyramid = Pyramid(whole.copy())
    pyramid.paste(part, (201, 301, 77, 208))
    whole[201:301, 77:208] = part
    for fresh, pasted in zip(Pyramid(whole).levels, pyramid.levels, strict=True):
        np.testing.assert_array_equal(fresh, pasted)


def test_difference_is_gray_where_nothing_changed() -> None:
    document = Document(Path("a.png"), Pyramid(pixels(0)), "PNG")
    view = ViewState()
    view.set_pane((480, 640))
    view.set_picture(SIZE)
    patch = render.difference(document, view, 1.0)
    assert patch is not None
    assert (patch.pixels == 128).all()


def test_sixteen_bits_and_gray_are_shown() -> None:
    from restore.gui.model.pyramid import display_pixels

    deep = np.array([[0, 257, 65535], [128, 129, 32768]], np.uint16)
    shown = display_pixels(deep)
    assert shown.shape == (2, 3, 3)
    np.testing.assert_array_equal(shown[..., 0], np.rint(deep / 257).astype(np.uint8))
    assert Image.fromarray(shown).mode == "RGB"


LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton


@pytest.fixture
def brush(canvas: Canvas) -> Canvas:
    canvas.view.set_mode("result")
    canvas.view.set_tool("brush")
    canvas.view.set_brush(6)
    grabbed(canvas)
    return canvas


def place(canvas: Canvas, x: float, y: float) -> QPoint:
    return QPoint(*(round(at) for at in canvas.view.to_pane(x, y)))


def all_is_recorded(canvas: Canvas) -> bool:
    """Whether undoing takes away all that was painted, and doing it again brings all back."""
    workspace = canvas.workspace
    mask = workspace.edits.mask
    assert mask is not None
    painted = mask.copy()
    assert painted.any()
    while workspace.undo.canUndo():
        workspace.undo.undo()
    clean = workspace.edits.mask is None
    while workspace.undo.canRedo():
        workspace.undo.redo()
    return clean and np.array_equal(workspace.edits.mask, painted)  # type: ignore[arg-type]


@pytest.mark.parametrize("tool", ["brush", "box", "lasso", "point"])
def test_nothing_is_drawn_while_the_next_picture_is_read(
    brush: Canvas, qtbot: QtBot, tool: str
) -> None:
    """What is seen is still the one before, and of the next one not even the size is known."""
    brush.view.set_tool(tool)  # type: ignore[arg-type]
    brush.workspace.show(Path("b.png"))
    qtbot.mousePress(brush, LEFT, pos=place(brush, 100, 100))
    for at in ((150, 100), (150, 150)):
        qtbot.mouseMove(brush, place(brush, *at))
    qtbot.mouseRelease(brush, LEFT, pos=place(brush, 100, 150))
    assert brush.workspace.edits.empty
    grabbed(brush)


def test_a_stroke_is_that_of_the_tool_it_began_with(brush: Canvas, qtbot: QtBot) -> None:
    """Another tool, another button and another picture in the middle of it do not cut it off."""
    workspace = brush.workspace
    qtbot.mousePress(brush, LEFT, pos=place(brush, 100, 100))
    qtbot.mouseMove(brush, place(brush, 150, 100))
    brush.view.set_tool("eraser")
    qtbot.mouseMove(brush, place(brush, 200, 100))
    qtbot.mousePress(brush, MIDDLE, pos=place(brush, 200, 100))
    qtbot.mouseRelease(brush, MIDDLE, pos=place(brush, 200, 100))
    qtbot.mouseMove(brush, place(brush, 250, 100))
    qtbot.mouseRelease(brush, LEFT, pos=place(brush, 250, 100))
    assert workspace.edits.mask is not None
    assert workspace.edits.mask[100, 100:251].min() == 255
    assert all_is_recorded(brush)
    brush.view.set_tool("brush")
    qtbot.mousePress(brush, LEFT, pos=place(brush, 100, 200))
    qtbot.mouseMove(brush, place(brush, 150, 200))
    workspace.show(Path("b.png"))
    qtbot.mouseMove(brush, place(brush, 200, 200))
    qtbot.mouseRelease(brush, LEFT, pos=place(brush, 200, 200))
    assert workspace.edits.mask is None
    workspace.show(Path("a.png"))
    assert workspace.edits.mask[200, 100:151].min() == 255
    assert all_is_recorded(brush)


def test_a_second_stroke_may_follow_at_once(brush: Canvas, qtbot: QtBot) -> None:
    """Its press is told as a double click."""
    at = place(brush, 100, 100)
    qtbot.mouseClick(brush, LEFT, pos=at)
    event = QMouseEvent(
        QEvent.Type.MouseButtonDblClick,
        QPointF(at),
        QPointF(brush.mapToGlobal(at)),
        LEFT,
        LEFT,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(brush, event)
    qtbot.mouseMove(brush, place(brush, 200, 100))
    qtbot.mouseRelease(brush, LEFT, pos=place(brush, 200, 100))
    assert brush.workspace.edits.mask is not None
    assert brush.workspace.edits.mask[100, 100:201].min() == 255
    assert all_is_recorded(brush)


def test_keys_that_are_let_go_of_elsewhere_are_not_held(
    qtbot: QtBot, start: Start, fake_client: Client, noisy: Path
) -> None:
    app = start(noisy, client=fake_client)
    window, view = app.window, app.studio.view
    assert window is not None
    window.activateWindow()
    canvas = window.canvas
    canvas.setFocus()
    qtbot.waitUntil(lambda: window.isActiveWindow() and canvas.hasFocus())
    qtbot.keyPress(canvas, "\\")
    qtbot.keyPress(canvas, Qt.Key.Key_Space)
    assert view.original
    assert canvas._space
    other = QWidget()
    qtbot.addWidget(other)
    other.show()
    other.activateWindow()
    qtbot.waitUntil(lambda: not window.isActiveWindow())
    assert not view.original
    assert not canvas._space


def test_every_size_of_the_brush_is_shown(start: Start, fake_client: Client) -> None:
    app = start(client=fake_client)
    app.studio.view.set_brush(600)
    assert app.window.inspector.panel.watermark.brush_size.value == 600  # type: ignore[union-attr]
