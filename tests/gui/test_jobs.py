"""Exporting: bad files, stop, pause, retry, what the files keep."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image, ImageCms
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from restore.gui.app import App
from restore.gui.engine.client import Client
from restore.picture import read_picture
from tests.gui.conftest import Start
from tests.gui.fakes import DEADLY, DEAF, SLOW


def pictures(folder: Path, count: int, size: tuple[int, int] = (40, 30)) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{number:02}.png" for number in range(count)]
    for number, path in enumerate(paths):
        Image.new("RGB", size, (number * 10, 100, 100)).save(path)
    return paths


def results(folder: Path) -> list[str]:
    """All that is in a folder of results but the journal."""
    return sorted(path.name for path in folder.glob("*") if path.name != ".restore-journal.jsonl")


def export_all(qtbot: QtBot, app: App) -> None:
    with qtbot.waitSignal(app.studio.jobs.ended, timeout=60000):
        app.window.inspector.export_all.click()  # type: ignore[union-attr]


def test_bad_files_are_named_and_the_rest_is_done(
    qtbot: QtBot, start: Start, tmp_path: Path
) -> None:
    """20 files, three of them bad: truncated, text named .jpg, not to be read."""
    paths = pictures(tmp_path / "in", 20)
    paths[3].write_bytes(paths[3].read_bytes()[:60])
    text = tmp_path / "in" / "05.jpg"
    paths[5].unlink()
    text.write_text("no picture")
    app = start(tmp_path / "in")
    jobs, files = app.studio.jobs, app.studio.workspace.files
    paths[7].unlink()  # as good as without permission, which tests run as root always have
    export_all(qtbot, app)
    assert (jobs.count("done"), jobs.count("failed")) == (17, 3)
    for name, word in (
        ("03.png", "can't be read"),
        ("05.jpg", "not a picture"),
        ("07.png", "it is gone"),
    ):
        item = next(item for item in files.items if item.path.name == name)
        assert item.state == "failed"
        assert name in item.message
        assert word in item.message
    window = app.window
    assert window is not None
    message = window.messages
    assert message.isVisible()
    assert "17 done" in message.text.text()
    assert "3 failed" in message.text.text()
    Image.new("RGB", (40, 30)).save(paths[3])
    Image.new("RGB", (40, 30)).save(text)
    Image.new("RGB", (40, 30)).save(paths[7])
    with qtbot.waitSignal(jobs.ended, timeout=60000):
        message.buttons[0].click()  # Retry
    assert (jobs.count("done"), jobs.count("failed")) == (3, 0)
    assert len(results(tmp_path / "in" / "restored")) == 20


class Watch:
    """The clock on the wall, less what kept this process from its turn on a busy machine."""

    def __init__(self) -> None:
        self.lost = 0.0
        self._begun = self._last = time.monotonic()
        self._timer = QTimer()
        self._timer.timeout.connect(self._tick)
        self._timer.start(20)

    def _tick(self) -> None:
        now = time.monotonic()
        self.lost += max(now - self._last - 0.05, 0.0)
        self._last = now

    def seconds(self) -> float:
        self._tick()
        self._timer.stop()
        return self._last - self._begun - self.lost


def test_stop_takes_effect_at_once(
    qtbot: QtBot, start: Start, fake_client: Client, tmp_path: Path
) -> None:
    paths = pictures(tmp_path / "in", 12, (SLOW, 30))
    app = start(tmp_path / "in", client=fake_client)
    jobs, files = app.studio.jobs, app.studio.workspace.files
    jobs.start(files.paths())
    # Two are computed at once: one is done and another under way, soon and for long.
    qtbot.waitUntil(lambda: len(jobs.results) > 0 and jobs.share > 0, timeout=60000)
    watch = Watch()
    with qtbot.waitSignal(jobs.ended, timeout=20000):
        app.window.actions_["stop"].trigger()  # type: ignore[union-attr]
    assert watch.seconds() < 2
    done = [item.path.name for item in files.items if item.state == "done"]
    assert 0 < len(done) < len(paths)
    assert results(tmp_path / "in" / "restored") == done
    assert {item.state for item in files.items} == {"done", "new"}
    with qtbot.waitSignal(jobs.ended, timeout=60000):  # and it can start anew
        jobs.start(paths[-1:])
    assert jobs.count("done") == 1


def test_an_engine_that_does_not_listen_is_ended(
    qtbot: QtBot, start: Start, fake_client: Client, tmp_path: Path
) -> None:
    pictures(tmp_path / "in", 2, (DEAF, 30))
    app = start(client=fake_client)
    paths = sorted((tmp_path / "in").iterdir())
    app.studio.workspace.files.add([(path, None) for path in paths], paths)  # not shown
    jobs = app.studio.jobs
    jobs.start(paths)
    qtbot.waitUntil(lambda: jobs.current is not None, timeout=60000)
    qtbot.wait(100)
    watch = Watch()
    with qtbot.waitSignal(jobs.ended, timeout=20000):
        jobs.stop()
    assert watch.seconds() < 2
    out = tmp_path / "in" / "restored"
    assert results(out) == []


def test_an_engine_that_dies_takes_one_file_with_it(
    qtbot: QtBot, start: Start, fake_client: Client, tmp_path: Path
) -> None:
    """Whichever files are computed beside it, and whatever is still being written."""
    paths = pictures(tmp_path / "in", 5)
    Image.new("RGB", (DEADLY, 30)).save(paths[1])
    Image.new("RGB", (SLOW, 30)).save(paths[2])
    app = start(client=fake_client)
    app.studio.workspace.files.add([(path, None) for path in paths], paths)
    with qtbot.waitSignal(app.studio.jobs.ended, timeout=120000):
        app.studio.jobs.start(paths)
    states = [item.state for item in app.studio.workspace.files.items]
    assert states == ["done", "failed", "done", "done", "done"]
    assert "ended unexpectedly" in app.studio.workspace.files.items[1].message


def test_pause_holds_and_goes_on(
    qtbot: QtBot, start: Start, fake_client: Client, tmp_path: Path
) -> None:
    paths = pictures(tmp_path / "in", 8, (SLOW, 30))
    app = start(tmp_path / "in", client=fake_client)
    jobs = app.studio.jobs
    jobs.start(app.studio.workspace.files.paths())
    qtbot.waitUntil(lambda: jobs.share > 0, timeout=60000)
    jobs.pause(True)
    last = [-1.0]

    def held() -> None:  # nothing moves for three times as long as a step of these takes
        last[0] = jobs.overall
        qtbot.wait(750)
        assert jobs.overall == last[0]

    qtbot.waitUntil(held, timeout=60000)
    assert len(jobs.results) < len(paths)
    with qtbot.waitSignal(jobs.ended, timeout=120000):
        jobs.pause(False)
    assert jobs.count("done") == len(paths)


def test_a_picture_is_shown_during_a_batch(
    qtbot: QtBot, start: Start, fake_client: Client, tmp_path: Path
) -> None:
    paths = pictures(tmp_path / "in", 8, (SLOW, 30))
    app = start(tmp_path / "in", client=fake_client)
    jobs = app.studio.jobs
    jobs.start(paths)
    qtbot.waitUntil(lambda: jobs.share > 0, timeout=60000)
    app.studio.workspace.show(paths[2])
    preview = app.studio.preview
    qtbot.waitUntil(
        lambda: (
            preview.document is not None
            and preview.document.path == paths[2]
            and preview.document.complete
        ),
        timeout=60000,
    )
    assert jobs.running
    qtbot.waitUntil(lambda: not jobs.running, timeout=120000)
    assert jobs.count("done") == 8


def test_saved_files_keep_what_they_had(
    qtbot: QtBot, start: Start, tmp_path: Path, photo: NDArray[np.uint8]
) -> None:
    """16 bits, profile, EXIF (upright), alpha; and the originals are untouched."""
    folder = tmp_path / "in"
    folder.mkdir()
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    deep = photo[:64, :80].astype(np.uint16) * 257 + 3
    tifffile.imwrite(folder / "deep.tif", deep, photometric="rgb", iccprofile=icc)
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Camera"
    Image.fromarray(photo).save(folder / "turned.jpg", exif=exif, icc_profile=icc, quality=95)
    alpha = np.dstack([photo, np.tile(np.arange(160, dtype=np.uint8), (128, 1))])
    Image.fromarray(alpha).save(folder / "alpha.png")
    before = {path.name: hashlib.sha256(path.read_bytes()).digest() for path in folder.iterdir()}
    app = start(folder)
    export_all(qtbot, app)
    out = folder / "restored"
    assert app.studio.jobs.count("done") == 3, app.studio.jobs.results
    result = read_picture(out / "deep.tif")
    assert result.array.dtype == np.uint16
    assert result.metadata.icc == icc
    assert len(np.unique(result.array)) > 256  # real 16 bits, not 8 that were stretched
    with Image.open(out / "turned.jpg") as image:
        assert image.size == (128, 160)
        assert image.getexif()[0x0112] == 1
        assert image.getexif()[0x010F] == "Camera"
        assert image.info["icc_profile"] == icc
    with Image.open(out / "alpha.png") as image:
        np.testing.assert_array_equal(np.asarray(image)[..., 3], alpha[..., 3])
    after = {
        path.name: hashlib.sha256(path.read_bytes()).digest()
        for path in folder.iterdir()
        if path.is_file()
    }
    assert before == after


def test_nothing_to_do_is_said(qtbot: QtBot, start: Start, fake_client: Client) -> None:
    app = start(client=fake_client)
    app.studio.jobs.start([])
    assert app.window.messages.isVisible()  # type: ignore[union-attr]
    assert not app.studio.jobs.running


def test_why_a_whole_batch_failed_is_said(qtbot: QtBot, start: Start, tmp_path: Path) -> None:
    """The file of a model was moved away, say: no file of the batch is to blame."""
    paths = pictures(tmp_path / "in", 2)
    app = start()
    workspace, messages = app.studio.workspace, app.window.messages  # type: ignore[union-attr]
    workspace.files.add([(path, None) for path in paths], paths)
    workspace.edit_step("denoise", "model", model=str(tmp_path / "gone.safetensors"))
    export_all(qtbot, app)
    assert "gone.safetensors" in messages.text.text()
    assert "2 left" in messages.text.text()
    assert messages.property("kind") == "bad"
    workspace.undo.undo()
    export_all(qtbot, app)
    assert "gone" not in messages.text.text()
    assert messages.property("kind") == "good"
