"""Opening: drops, junk, the list and its states."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, UnidentifiedImageError
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QImage
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from restore.errors import UnwritableOutput
from restore.gui.engine.client import Client
from restore.gui.model.files import FileList
from restore.gui.model.output import Output
from restore.gui.studio import _thumbnail
from tests.gui.conftest import Start


def drop(target: QWidget, paths: list[Path]) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    event = QDropEvent(
        QPointF(20, 20),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    target.dropEvent(event)  # by hand: Qt hands it on only in a real drag
    assert event.isAccepted()


def test_files_folders_and_junk_can_be_dropped(
    qtbot: QtBot, start: Start, fake_client: Client, folder: Path, tmp_path: Path
) -> None:
    """What is no picture is named once; nothing opens a dialog."""
    single = tmp_path / "single.png"
    Image.new("RGB", (20, 20)).save(single)
    junk = [tmp_path / "notes.txt", tmp_path / "film.mp4"]
    for path in junk:
        path.write_text("junk")
    (tmp_path / "empty").mkdir()
    app = start(client=fake_client)
    window = app.window
    assert window is not None
    drop(window, [folder, single, *junk, tmp_path / "empty"])
    files = app.studio.workspace.files
    qtbot.waitUntil(lambda: len(files.items) == 4, timeout=60000)
    assert [path.name for path in files.paths()] == ["a.jpg", "b.png", "c.jpg", "single.png"]
    qtbot.waitUntil(window.messages.isVisible, timeout=60000)
    text = window.messages.text.text()
    assert all(name in text for name in ("notes.txt", "film.mp4", "empty"))
    assert text.startswith("3 files or folders")
    assert QApplication.activeModalWidget() is None
    window.messages.close_button.click()
    assert not window.messages.isVisible()
    drop(window, [folder])  # again: nothing comes twice
    qtbot.wait(200)
    assert len(files.items) == 4
    assert str(folder) in app.studio.session.recent


def test_thumbnails_come_in_the_background(
    qtbot: QtBot, start: Start, fake_client: Client, folder: Path
) -> None:
    app = start(folder, client=fake_client)
    items = app.studio.workspace.files.items
    qtbot.waitUntil(lambda: all(item.thumbnail is not None for item in items), timeout=60000)


def test_thumbnails_of_what_pillow_alone_does_not_open(
    qtbot: QtBot, start: Start, fake_client: Client, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object) -> None:
        raise UnidentifiedImageError

    with monkeypatch.context() as patched:
        patched.setattr("restore.gui.studio.ImageOps.exif_transpose", unknown)
        image = _thumbnail(folder / "b.png")
    assert (image.width(), image.height()) == (64, 48)


def test_results_of_a_folder_with_a_dot_go_into_it(tmp_path: Path) -> None:
    album = tmp_path / "Scans 12.05.2023"
    assert Output().folder_for(album) == album / "restored"
    assert Output().folder_for(album / "a.JPG") == album / "restored"


def test_results_are_where_their_pictures_are(folder: Path, tmp_path: Path) -> None:
    """Of two folders with pictures of the same names, and of one picture beside; in a subfolder
    of any name, but all in one folder where that is given whole."""
    other = tmp_path / "other"
    for name in ("a.jpg", "below/a.jpg"):
        path = other / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((folder / "a.jpg").read_bytes())
    inputs = [folder, other, other / "a.jpg"]
    files = [folder / "a.jpg", other / "a.jpg", other / "below" / "a.jpg"]
    for name in ("restored", "neat/and clean"):
        jobs = Output("" if name == "restored" else name).jobs(inputs, files)
        roots = (folder, other, other)
        assert [job.target for job in jobs] == [
            root / name / path.relative_to(root) for path, root in zip(files, roots, strict=True)
        ]
        assert [job.journal for job in jobs] == [root / name for root in roots]
    out = Output(str(tmp_path / "out")).jobs(inputs, files)
    assert {job.journal for job in out} == {tmp_path / "out"}
    assert len({job.target for job in out}) == 3


def test_a_picture_can_be_pasted(qtbot: QtBot, start: Start, fake_client: Client) -> None:
    app = start(client=fake_client)
    image = QImage(30, 20, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.blue)
    QApplication.clipboard().setImage(image)
    app.window.actions_["paste"].trigger()  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: app.studio.preview.document is not None, timeout=60000)
    assert app.studio.preview.document.size == (20, 30)  # type: ignore[union-attr]


def test_removing_files(qtbot: QtBot, start: Start, fake_client: Client, folder: Path) -> None:
    app = start(folder, client=fake_client)
    strip, workspace = app.window.strip, app.studio.workspace  # type: ignore[union-attr]
    strip.list.selectAll()
    assert len(strip.selected()) == 3
    strip.list.setCurrentIndex(workspace.files.index(1))
    strip.remove_selected()
    assert [path.name for path in workspace.files.paths()] == ["a.jpg", "c.jpg"]
    assert workspace.current is not None
    assert workspace.current.name == "c.jpg"
    assert workspace.files.partial


def test_states_are_spoken(folder: Path) -> None:
    files = FileList()
    files.add([(folder / "a.jpg", folder)], [folder])
    files.update(folder / "a.jpg", state="failed", message="broken")
    index = files.index(0)
    assert files.data(index, Qt.ItemDataRole.AccessibleTextRole) == "a.jpg, Failed"
    assert "broken" in files.data(index, Qt.ItemDataRole.ToolTipRole)


def test_the_example_is_where_the_result_goes(folder: Path) -> None:
    for output in (Output(), Output(folder=str(folder.parent / "out"), format="jpeg")):
        jobs = output.jobs([folder], sorted(folder.rglob("*.*")))
        assert jobs
        for job in jobs:
            assert output.example(job.source, folder) == job.target


def test_no_result_takes_the_place_of_a_file_that_is_open(folder: Path) -> None:
    """Neither where the output folder holds files of the list, nor where one has vanished."""
    inside = folder / "b.png"
    below = folder / "below" / "a.jpg"
    below.parent.mkdir()
    below.write_bytes((folder / "a.jpg").read_bytes())
    output = Output(folder=str(below.parent), overwrite=True)
    with pytest.raises(UnwritableOutput, match="take the file off the list") as refused:
        output.jobs([folder], [inside, below])
    assert str(below) in str(refused.value)
    with pytest.raises(UnwritableOutput, match="originals"):  # nor if that one is not exported now
        output.jobs([folder], [folder / "a.jpg"], [below])
    (job,) = output.jobs([folder], [inside], [below])
    assert job.target == below.parent / "b.png"
    inside.unlink()
    (job,) = Output(format="jpeg").jobs([folder], [inside])
    assert (job.source, job.target) == (inside, folder / "restored" / "b.jpg")


def test_an_original_is_never_exported_onto(
    qtbot: QtBot, start: Start, fake_client: Client, tmp_path: Path
) -> None:
    below = tmp_path / "in" / "below" / "x.png"
    below.parent.mkdir(parents=True)
    Image.new("RGB", (40, 30), (200, 10, 10)).save(below)
    before = below.read_bytes()
    app = start(tmp_path / "in", client=fake_client)
    workspace, jobs = app.studio.workspace, app.studio.jobs
    workspace.set_output(Output(folder=str(below.parent), overwrite=True))
    with qtbot.waitSignal(jobs.refused, timeout=60000) as said:
        jobs.start(workspace.files.paths())
    assert str(below) in said.args[0]
    assert not jobs.running
    assert below.read_bytes() == before
