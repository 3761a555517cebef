"""How soon the window is there, and that it never keeps anybody waiting."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot
from typer.testing import CliRunner

from restore.cli.main import app as command
from restore.gui import start as way_in
from tests.conftest import with_noise
from tests.gui.conftest import Start, wait_complete
from tests.gui.measure import start_of_qt, start_of_window
from tests.gui.test_jobs import export_all


def test_the_window_shows_before_torch_is_there(tmp_path: Path) -> None:
    """Within 1.5 s of computing where nothing else runs, which is about five times what Qt takes.

    Other programs slow both down, by a half and more; torch alone would take as long again.
    """
    qt = min(start_of_qt() for _ in range(3))
    starts = [start_of_window(tmp_path / "base") for _ in range(3)]
    assert min(computed for computed, _, _ in starts) < 6.5 * qt
    assert not any(torch for _, _, torch in starts)


@pytest.fixture
def own_heap() -> Iterator[None]:
    """What other tests have left in memory is not for the collector to walk while one measures.

    A full collection over the heap of a whole test run takes 0.2 s; over the window's own, 0.03 s.
    """
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def test_the_window_never_blocks(
    qtbot: QtBot, start: Start, tmp_path: Path, photo: NDArray[np.uint8], own_heap: None
) -> None:
    """No event takes more than 100 ms of the window's thread, whatever is done with a picture.

    Of its computing time, for the clock on the wall would tell of other programs as well.
    """
    folder = tmp_path / "in"
    folder.mkdir()
    large = with_noise(np.tile(photo, (8, 9, 1)), 12)  # 1.5 MP
    for name in ("a.png", "b.jpg"):
        Image.fromarray(large).save(folder / name)
    app = start()
    doing = "open"
    longest: dict[str, float] = {}
    last = time.thread_time()

    def tick() -> None:
        nonlocal last
        now = time.thread_time()
        longest[doing] = max(longest.get(doing, 0.0), now - last)
        last = now

    timer = QTimer()
    timer.timeout.connect(tick)
    timer.start(0)
    app.studio.open([folder])
    wait_complete(qtbot, app)
    window, view = app.window, app.studio.view
    assert window is not None
    for doing in ("side", "difference", "result", "split"):
        window.actions_[doing].trigger()
        qtbot.wait(30)
    doing = "strength"
    slider = window.inspector.panel.strengths["denoise"].slider
    for figure in range(100, 0, -10):
        slider.setValue(figure)
        qtbot.wait(10)
    doing = "zoom and pan"
    for _ in range(10):
        view.zoom_to(view.scale * 1.3)
        view.pan(20, 10)
        qtbot.wait(10)
    doing = "mask"
    app.studio.workspace.edit_mask((10, 400, 10, 700), np.full((390, 690), 255, np.uint8), "mask")
    qtbot.wait(10)
    doing = "undo"
    window.actions_["undo"].trigger()
    # Else the mark of the next picture is looked for, which takes a minute where others compute.
    assert not app.studio.workspace.step_of("dewatermark").enabled
    qtbot.wait(10)
    doing = "next picture"
    window.actions_["next"].trigger()
    wait_complete(qtbot, app)
    doing = "export"
    export_all(qtbot, app)
    timer.stop()
    worst = max(longest, key=lambda name: longest[name])
    assert longest[worst] < 0.1, (worst, longest)


def test_what_is_missing_is_said_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(way_in, "find_spec", lambda name: None)
    result = CliRunner().invoke(command, ["gui"])
    assert result.exit_code == 4
    assert "restore-studio[gui]" in result.stderr
    assert "Traceback" not in result.stderr


def test_no_screen_is_said_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    if not sys.platform.startswith("linux"):
        return  # elsewhere there always is one
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert "no screen" in way_in.problem()


def test_qt_leaves_none_alone() -> None:
    """PySide6 6.12.0 does not, on Python 3.11: the window would abort after some thousand calls."""
    assert not way_in.loses_references()
