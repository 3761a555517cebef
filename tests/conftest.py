"""Shared pictures and models. Everything here is made in the test or ships with the package."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import restore
from restore.tasks.denoise import Denoiser
from tests.clusters import LOCALHOST, free_port

# Windows are drawn into memory: tests need no screen, and open nothing on the one of a developer.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(autouse=True)
def own_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's folder is an empty one: no test sees or touches that of a developer."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("RESTORE_HOME", str(folder))
    return folder


@pytest.fixture(scope="session")
def denoiser() -> Denoiser:
    return restore.load("denoise", "fast", "cpu")


@pytest.fixture(scope="session")
def photo() -> NDArray[np.uint8]:
    """(128, 160, 3): a part of a real photo, in the public domain (NASA)."""
    from skimage import data

    part: NDArray[np.uint8] = data.astronaut()[60:188, 140:300]
    return np.ascontiguousarray(part)


@pytest.fixture
def folder(tmp_path: Path, photo: NDArray[np.uint8]) -> Path:
    """A tree of small pictures: a.jpg, b.png, deeper/c.jpg."""
    root = tmp_path / "photos"
    (root / "deeper").mkdir(parents=True)
    small = Image.fromarray(photo[:48, :64])
    small.save(root / "a.jpg")
    small.save(root / "b.png")
    small.save(root / "deeper" / "c.jpg")
    return root


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A server with the protocol of S3, started here: what the environment of a process needs to
    take it for Amazon's."""
    port = free_port()
    log = tmp_path_factory.mktemp("moto") / "log"
    with log.open("wb") as file:
        command = [sys.executable, "-m", "moto.server", "-H", LOCALHOST, "-p", str(port)]
        server = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT)
    try:
        end = time.monotonic() + 60
        while True:
            try:
                socket.create_connection((LOCALHOST, port)).close()
                break
            except OSError:
                assert server.poll() is None and time.monotonic() < end, log.read_text()
                time.sleep(0.1)
        yield {
            "AWS_ENDPOINT_URL": f"http://{LOCALHOST}:{port}",
            "AWS_ACCESS_KEY_ID": "nobody",
            "AWS_SECRET_ACCESS_KEY": "nothing",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
    finally:
        server.kill()
        server.wait()


def with_noise(photo: NDArray[np.uint8], sigma: float, seed: int = 0) -> NDArray[np.uint8]:
    noise = np.random.default_rng(seed).normal(0, sigma, photo.shape)
    return np.clip(np.rint(photo + noise), 0, 255).astype(np.uint8)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A skipped test is a missing one: the run fails."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def noisy_pairs(folder: Path, photo: NDArray[np.uint8]) -> tuple[Path, Path]:
    """Eight parts of a photo, noisy and clean, in two folders."""
    noisy, clean = folder / "noisy", folder / "clean"
    noisy.mkdir()
    clean.mkdir()
    wide = np.concatenate([photo, photo[::-1]], 0)
    wide = np.concatenate([wide, wide[:, ::-1]], 1)
    for number in range(8):
        part = np.roll(wide, (23 * number, 31 * number), (0, 1))[:176, :192]
        Image.fromarray(part).save(clean / f"{number}.png")
        Image.fromarray(with_noise(part, 20, number)).save(noisy / f"{number}.png")
    return noisy, clean
