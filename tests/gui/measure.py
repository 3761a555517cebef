"""How quick the window is, and how true its preview: `python -m tests.gui.measure`.

Time is that of the thread of the window: other programs don't count, waiting for the clock does in
the second column.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication

from restore.gui.app import App
from restore.gui.model.output import Output
from restore.gui.preferences import Preferences, folders, write_preferences
from restore.gui.widgets import render

FULL = (4000, 6000)
"""Height and width of 24 megapixels."""
START = """
import json, sys, time
from pathlib import Path
from PySide6.QtWidgets import QApplication
from restore.gui.app import App
qt = QApplication([])
app = App(Path(sys.argv[1]))
app.studio.client.setup = lambda where: None
app.start([])
qt.processEvents()
wall = time.time() - float(sys.argv[2])
print(json.dumps([time.process_time(), wall, "torch" in sys.modules]))
app.end()
"""
QT = """
import json, time
import numpy, PIL.Image
from PySide6.QtWidgets import QApplication
qt = QApplication([])
print(json.dumps(time.process_time()))
"""


def start_of_qt() -> float:
    """Seconds of computing that Qt, numpy and Pillow alone take to be there."""
    result = subprocess.run([sys.executable, "-c", QT], capture_output=True, text=True, check=True)
    return float(json.loads(result.stdout.splitlines()[-1]))


def start_of_window(base: Path) -> tuple[float, float, bool]:
    """Seconds from the start of the program until the window has been painted.

    Returns computing time, time on the clock, and whether torch was imported by then.
    """
    result = subprocess.run(
        [sys.executable, "-c", START, str(base), str(time.time())],
        capture_output=True,
        text=True,
        check=True,
    )
    computed, wall, torch = json.loads(result.stdout.splitlines()[-1])
    return computed, wall, torch


class Watch:
    """Takes down the longest time that one turn of the event loop has cost."""

    def __init__(self) -> None:
        self.longest = self.longest_wall = 0.0
        self._last = (time.thread_time(), time.monotonic())
        self._timer = QTimer()
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        self._last = (time.thread_time(), time.monotonic())
        self._timer.start(0)

    def stop(self) -> None:
        self._timer.stop()

    def _tick(self) -> None:
        now = (time.thread_time(), time.monotonic())
        self.longest = max(self.longest, now[0] - self._last[0])
        self.longest_wall = max(self.longest_wall, now[1] - self._last[1])
        self._last = now


def noisy_photo(size: tuple[int, int]) -> NDArray[np.uint8]:
    """(height, width, 3): a photo of scikit-image, as often as it takes, with noise."""
    from skimage import data

    photo: NDArray[np.uint8] = data.astronaut()
    tiles = (-(-size[0] // photo.shape[0]), -(-size[1] // photo.shape[1]), 1)
    whole = np.tile(photo, tiles)[: size[0], : size[1]]
    noise = np.random.default_rng(0).normal(0, 10, whole.shape).astype(np.float32)
    return np.clip(whole + noise, 0, 255).astype(np.uint8)


class Session:
    """The window, driven by a script as a user would."""

    def __init__(self, qt: QApplication, base: Path) -> None:
        write_preferences(Preferences("cpu", theme="dark", language="en"), folders(base)[0])
        self.qt, self.app = qt, App(base)
        self.window = self.app.start()
        self.window.resize(1360, 860)
        self.studio = self.app.studio
        self.until(lambda: self.studio.engine is not None)

    def until(self, what: Callable[[], bool], seconds: float = 600) -> None:
        end = time.monotonic() + seconds
        while not what():
            if time.monotonic() > end:
                raise TimeoutError("the window did not come to it")
            self.qt.processEvents()
            time.sleep(0.001)

    def pause(self, seconds: float = 0.2) -> None:
        end = time.monotonic() + seconds
        self.until(lambda: time.monotonic() > end)

    def open(self, path: Path) -> None:
        self.studio.open([path])
        preview = self.studio.preview
        self.until(lambda: preview.document is not None and preview.document.path == path)

    def complete(self) -> bool:
        document = self.studio.preview.document
        return document is not None and document.complete and not self.studio.preview.busy

    def use(self) -> None:
        """What people do with a large picture, while the engine computes it."""
        window, view = self.window, self.studio.view
        for mode in ("side", "difference", "result", "split"):
            window.actions_[mode].trigger()
            self.pause(0.1)
        slider = window.inspector.panel.strengths["denoise"].slider
        for figure in range(100, 0, -10):
            slider.setValue(figure)
            self.pause(0.02)
        for _ in range(8):
            view.zoom_to(view.scale * 1.4)
            view.pan(40, 20)
            self.pause(0.05)
        view.fit()
        view.set_brush(200)
        view.set_tool("brush")
        brush = window.canvas.tools["brush"]
        assert brush is not None
        for left in (800, 3000):
            brush.press((left, 900), Qt.KeyboardModifier.NoModifier)
            for step in range(10):
                brush.move((left + 100 * step, 900 + 60 * step))
                self.pause(0.02)
            brush.release((left + 900, 1440))
            self.pause()
        self.studio.workspace.undo.undo()
        self.pause()
        self.studio.workspace.undo.redo()
        window.inspector.panel.watermark.clear_mask()
        self.pause(1.0)  # by then the session has been stored
        self.studio.workspace.edit_step("dewatermark", "off", enabled=False)


def slider_latency(session: Session) -> list[float]:
    """Seconds of the window's thread from a step of the slider to the picture on the screen."""
    window = session.window
    slider = window.inspector.panel.strengths["denoise"].slider
    spent = []
    for scale in (None, 1.0):
        if scale is None:
            session.studio.view.fit()
        else:
            session.studio.view.zoom_to(scale)
        session.pause()
        for figure in range(95, 0, -5):
            started = time.thread_time()
            slider.setValue(figure)
            window.canvas.repaint()
            spent.append(time.thread_time() - started)
            session.pause(0.01)
    return spent


def first_stroke(session: Session) -> float:
    """Longest part of the first stroke of a brush, in seconds: press, move, release, paint."""
    canvas, view = session.window.canvas, session.studio.view
    view.fit()
    view.set_brush(200)
    session.studio.workspace.show_step("dewatermark")
    view.set_tool("brush")
    session.pause()
    brush = canvas.tools["brush"]
    assert brush is not None
    parts: list[Callable[[], None]] = [
        lambda: brush.press((1000, 1000), Qt.KeyboardModifier.NoModifier),
        lambda: brush.move((3000, 2000)),
        lambda: brush.release((3000, 2000)),
    ]
    spent = []
    for part in parts:
        for call in (part, canvas.repaint):
            started = time.thread_time()
            call()
            spent.append(time.thread_time() - started)
    view.set_tool("hand")
    session.studio.workspace.undo.undo()
    return max(spent)


def preview_to_export(session: Session, path: Path, strength: float) -> int:
    """Largest difference of any value on the canvas from that in the saved file, of 255."""
    studio = session.studio
    studio.workspace.edit_step("denoise", "strength", strength=strength)
    studio.workspace.set_output(Output(folder=str(path.parent / "out")))
    session.open(path)
    session.until(session.complete)
    studio.jobs.start([path])
    session.until(lambda: bool(studio.jobs.results) and not studio.jobs.running)
    document = studio.preview.document
    assert document is not None
    view = studio.view
    view.set_pane(document.size)
    view.fit()
    shown = render.after(document, view, strength)
    assert shown is not None
    with Image.open(path.parent / "out" / path.name) as image:
        saved = np.asarray(image).astype(int)
    return int(np.abs(saved - shown.pixels).max())


def main() -> None:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        starts = [start_of_window(folder / "start") for _ in range(3)]
        assert not any(torch for _, _, torch in starts)
        computed, wall = (min(one[part] for one in starts) for part in (0, 1))
        _tell("window painted, torch not imported", computed * 1000, wall * 1000, "ms")
        large, small = folder / "large.png", folder / "small.png"
        Image.fromarray(noisy_photo(FULL)).save(large, compress_level=1)
        Image.fromarray(noisy_photo((900, 1300))).save(small)
        session = Session(QApplication.instance() or QApplication([]), folder / "base")  # type: ignore[arg-type]
        watch = Watch()
        watch.start()
        session.open(large)
        session.use()
        watch.stop()
        _tell(
            "longest block of the window's thread, 24 MP",
            watch.longest * 1000,
            watch.longest_wall * 1000,
            "ms",
        )
        _tell("first stroke of the brush, 24 MP", first_stroke(session) * 1000, None, "ms")
        spent = slider_latency(session)
        _tell("strength slider, 24 MP, median", statistics.median(spent) * 1000, None, "ms")
        _tell("strength slider, 24 MP, longest", max(spent) * 1000, None, "ms")
        for strength in (1.0, 0.6):
            away = preview_to_export(session, small, strength)
            _tell(f"preview to saved file, strength {strength:g}", away, None, "of 255")
        session.app.end()


def _tell(what: str, value: float, wall: float | None, unit: str) -> None:
    clock = "" if wall is None else f"   ({wall:.0f} {unit} on the clock)"
    print(f"{what:46} {value:7.1f} {unit}{clock}", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
