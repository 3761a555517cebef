from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from restore.gui.app import App
from restore.gui.engine.client import Client
from restore.gui.preferences import Preferences, folders, write_preferences
from tests.conftest import with_noise

Start = Callable[..., App]


@pytest.fixture(scope="session")
def real_client(qapp: QApplication) -> Iterator[Client]:
    """An engine with the shipped weights, one for all tests: its start takes seconds."""
    client = Client()
    yield client
    client.close()


@pytest.fixture(scope="session")
def fake_client(qapp: QApplication) -> Iterator[Client]:
    client = Client("tests.gui.fakes:load")
    yield client
    client.close()


@pytest.fixture
def start(qtbot: QtBot, tmp_path: Path, real_client: Client) -> Iterator[Start]:
    """Starts the window, with files opened and the engine ready."""
    apps: list[App] = []

    def start(
        *paths: Path,
        client: Client | None = None,
        base: Path | None = None,
        preferences: Preferences | None = None,
    ) -> App:
        folder = base or tmp_path / "base"
        wanted = preferences or Preferences(device="cpu", theme="dark", language="en")
        if base is None or preferences is not None:
            write_preferences(wanted, folders(folder)[0])
        app = App(folder, client or real_client)
        apps.append(app)
        app.start(paths)
        qtbot.waitUntil(lambda: app.studio.engine is not None, timeout=60000)
        if paths:
            qtbot.waitUntil(lambda: app.studio.preview.document is not None, timeout=60000)
        return app

    yield start
    for app in apps:
        app.studio.jobs.stop()
        app.end()
        app.studio.deleteLater()
        app.deleteLater()
    qtbot.wait(10)


@pytest.fixture
def noisy(tmp_path: Path, photo: NDArray[np.uint8]) -> Path:
    """A noisy photo of 420 x 300 pixels."""
    path = tmp_path / "in" / "noisy.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(with_noise(np.tile(photo, (3, 3, 1))[:300, :420], 15)).save(path)
    return path


def wait_complete(qtbot: QtBot, app: App) -> None:
    """Wait until the picture on the canvas has been computed whole."""
    preview = app.studio.preview

    def complete() -> bool:
        document = preview.document
        return (
            document is not None
            and document.complete
            and document.key == preview._key(preview.steps)
            and not preview.busy
        )

    qtbot.waitUntil(complete, timeout=60000)
