"""All that the window stands on, put together: what is edited, what computes, what is kept."""

from __future__ import annotations

import contextlib
import io
import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from PIL import Image, ImageOps, UnidentifiedImageError
from PySide6.QtCore import QLockFile, QObject, QTimer, Signal
from PySide6.QtGui import QImage

from restore.gui.background import Background
from restore.gui.engine.client import Client
from restore.gui.engine.messages import Hello, Reply, Setup
from restore.gui.jobs import Jobs
from restore.gui.model.files import find_files
from restore.gui.model.view import ViewState
from restore.gui.model.workspace import Workspace
from restore.gui.preferences import Preferences, folders, read_preferences, write_preferences
from restore.gui.preview import Preview
from restore.gui.session import Session
from restore.gui.training import Training
from restore.picture import read_picture
from restore.thumbnail import thumbnail

THUMBNAIL = 256
"""Longest side of a thumbnail in pixels."""
SAVING = 8.0
"""Seconds that a training may take to save what it has learned when the window is closed."""


class Studio(QObject):
    message = Signal(str, str)
    """Kind (`info`, `good`, `bad`) and text, for the message bar."""
    engine_changed = Signal()
    look_changed = Signal()
    """Theme or language are others now: the window is to be built anew."""

    def __init__(self, base: Path | None = None, client: Client | None = None) -> None:
        """
        Args:
            base: folder for settings and session; None: where the system keeps such things.
            client: an engine that others use as well; None: one of its own.
        """
        super().__init__()
        self.config_folder, self.state_folder = folders(base)
        self._lock = QLockFile(str(self.state_folder / "window.lock"))
        self._lock.setStaleLockTime(0)  # of a process that is gone it is taken over at once
        self.preferences = read_preferences(self.config_folder)
        self.workspace = Workspace(self)
        self.view = ViewState(self)
        self.background = Background(2, self)
        self._thumbnails = Background(1, self)
        self._own_client = client is None
        self.client = client or Client(parent=self)
        self.engine: Hello | None = None
        self.preview = Preview(self.workspace, self.view, self.client, self.background, self)
        self.jobs = Jobs(self.workspace, self.client, self.background, self.state_folder, self)
        self.training = Training(self.client, self.background, self)
        self.jobs.others_at_work = lambda: self.training.running
        self.training.others_at_work = lambda: self.jobs.running
        self.session = Session(
            self.workspace, self.view, self.training, self.state_folder, self.background, self
        )
        self.workspace.files.thumbnail_wanted.connect(self._make_thumbnail)
        self.training.told.connect(self.message)
        self.training.models_changed.connect(self._models_changed)
        self.client.replied.connect(self._receive)

    def begin(self, paths: Iterable[Path] = ()) -> None:
        """Bring the last session back, open files, and start the engine once the window shows.

        A second window has none: it would take the place of the first one's.
        """
        if self._is_first():
            self.session.restore()
            self.session.watch()
        else:
            self.session.stored = False
            self.jobs.under_way = self.state_folder / f"export-{os.getpid()}.json"
            text = self.tr(
                "Another window of Restore is open: what is drawn in this one is not kept."
            )
            QTimer.singleShot(0, lambda: self.message.emit("info", text))
        opened = list(paths)
        if opened:
            self.open(opened)
        QTimer.singleShot(0, lambda: self.client.setup(self._setup()))

    def _is_first(self) -> bool:
        with contextlib.suppress(OSError):
            self.state_folder.mkdir(parents=True, exist_ok=True)
        if self._lock.tryLock(0) or self._lock.error() != QLockFile.LockError.LockFailedError:
            return True  # or no file can be locked there
        info: Any = self._lock.getLockInfo()
        return os.getpid() in info

    def end(self) -> None:
        self.session.save()
        self.background.wait()
        self._lock.unlock()
        self._thumbnails.wait(500)
        if self._own_client:
            self.client.close(SAVING if self.training.running else 0.5)

    # Files

    def open(self, paths: Iterable[Path]) -> None:
        """Add files and all pictures below folders; what is no picture is named in one message."""
        given = [Path(path).absolute() for path in paths]

        def found(result: tuple[list[tuple[Path, Path | None]], list[Path]]) -> None:
            files, junk = result
            had = len(self.workspace.files.items)
            used = [path for path in given if path not in junk]
            self.workspace.files.add(files, used)
            for path in used:
                if path.is_dir():
                    self.session.add_recent(path)
            if files and (len(self.workspace.files.items) > had or len(files) == 1):
                self.workspace.show(files[0][0])
            if junk:
                self._tell_junk(junk)

        self.background.run(lambda: find_files(given), found, self._tell_bad)

    def _tell_junk(self, junk: list[Path]) -> None:
        names = ", ".join(path.name or str(path) for path in junk[:5])
        if len(junk) > 5:
            names += ", …"
        text = self.tr(
            "%n file(s) or folder(s) without a picture were left out: {names}", "", len(junk)
        )
        self.message.emit("info", text.replace("{names}", names))

    def _tell_bad(self, text: str) -> None:
        self.message.emit("bad", text)

    def paste(self, image: QImage) -> None:
        """Open a picture from the clipboard; it is kept as a PNG with the session."""
        path = self.state_folder / "pasted" / time.strftime("%Y-%m-%d %H-%M-%S.png")

        def save() -> None:
            path.parent.mkdir(parents=True, exist_ok=True)
            if not image.save(str(path)):
                raise OSError(f"{path}: can't be written")

        self.background.run(save, lambda _: self.open([path]), self._tell_bad)

    def _make_thumbnail(self, path: Path) -> None:
        def done(image: QImage) -> None:
            self.workspace.files.update(path, thumbnail=image)

        def failed(message: str) -> None:
            item = self.workspace.files.item(path)
            if item is not None and item.state != "failed":  # else more is known of it already
                self.workspace.files.update(path, state="failed", message=message)

        self._thumbnails.run(lambda: _thumbnail(path), done, failed)

    # Engine and preferences

    def prefer(self, preferences: Preferences) -> None:
        before, self.preferences = self.preferences, preferences
        write_preferences(preferences, self.config_folder)
        if (before.device, before.tile) != (preferences.device, preferences.tile):
            self.client.setup(self._setup())
            self.preview.forget()
        if (before.theme, before.language, before.shortcuts) != (
            preferences.theme,
            preferences.language,
            preferences.shortcuts,
        ):
            self.look_changed.emit()

    def _models_changed(self) -> None:
        self.client.setup(self._setup())
        self.preview.forget()

    def _setup(self) -> Setup:
        return Setup(self.preferences.device, self.preferences.tile)

    def _receive(self, reply: Reply) -> None:
        if isinstance(reply, Hello):
            self.engine = reply
            self.workspace.set_cards(reply.cards)
            self.engine_changed.emit()
            if not reply.device:
                text = self.tr(
                    "There is no device {name} on this machine: choose another in the preferences."
                )
                self.message.emit("bad", text.replace("{name}", self.preferences.device))
            self.preview.refresh()

    def kind_of(self, error: str) -> Literal["info", "bad"]:
        return "info" if error == "UnknownModel" else "bad"


def _thumbnail(path: Path) -> QImage:
    """A small picture, upright. Pillow reads JPEGs at a fraction of their size, which is quick."""
    try:
        with Image.open(path) as image:
            image.draft("RGB", (THUMBNAIL, THUMBNAIL))
            small: Image.Image = ImageOps.exif_transpose(image)
            if small.mode.startswith("I;16"):
                small = small.point(lambda value: value / 257).convert("L")
            small.thumbnail((THUMBNAIL, THUMBNAIL))
    except (Image.DecompressionBombError, UnidentifiedImageError):  # HEIC, camera RAW, huge scans
        with Image.open(io.BytesIO(thumbnail(read_picture(path).array))) as image:
            small = image.copy()
    pixels = small.convert("RGBA" if small.has_transparency_data else "RGB")
    alpha = pixels.mode == "RGBA"
    kind = QImage.Format.Format_RGBA8888 if alpha else QImage.Format.Format_RGB888
    stride = pixels.width * (4 if alpha else 3)
    return QImage(pixels.tobytes(), pixels.width, pixels.height, stride, kind).copy()
