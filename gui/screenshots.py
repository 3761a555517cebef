"""Pictures of the window, for the README and for whoever changes how it looks.

    python -m restore.gui.screenshots docs/screenshots

It works on photos that scikit-image ships, made noisy, with the engine as it is installed.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from restore.home import VARIABLE

if TYPE_CHECKING:
    from PySide6.QtGui import QImage
    from PySide6.QtWidgets import QApplication, QWidget

    from restore.gui.app import App
    from restore.gui.window import Window

LEVELS = {"astronaut": 12.0, "coffee": 16.0, "cat": 20.0}
COLOURS = 256
"""Of the palette: enough for the eye, and a quarter of the bytes."""
FLAT = 48
"""Of them for the window itself."""
LIMIT = 250_000
"""Bytes that a picture may have."""


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--language", default="en")
    chosen = parser.parse_args(arguments)
    target = chosen.folder.absolute()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    qt = QApplication([])
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        os.chdir(scratch)  # for paths in the pictures that mean something
        photos = Path(scratch) / "photos"
        # Models of one's own would be in the pictures, and be gone after them.
        os.environ[VARIABLE] = str(Path(scratch) / "home")
        _make_photos(photos)
        _make_scans(photos.parent / "scans")
        for theme in ("dark", "light"):
            _take_all(qt, theme, chosen.language, photos, Path(scratch) / theme, target)


def _make_photos(folder: Path) -> None:
    import torch
    from skimage import data

    from restore.degradation.noise import add_camera_noise

    folder.mkdir(parents=True)
    for number, (name, sigma) in enumerate(LEVELS.items()):
        x = torch.from_numpy(getattr(data, name)().copy()).permute(2, 0, 1)[None] / 255
        noisy = add_camera_noise(x, sigma, torch.Generator().manual_seed(number))
        pixels = (noisy[0].permute(1, 2, 0) * 255).round().byte().numpy()
        Image.fromarray(pixels).save(folder / f"{name}.png")


def _make_scans(folder: Path) -> None:
    """Pairs for a training: parts of photos, and the same as a worn scanner would give them."""
    from skimage import data

    draw = np.random.default_rng(0)
    for name in ("noisy", "clean"):
        (folder / name).mkdir(parents=True)
    for number, (name, _) in enumerate(4 * list(LEVELS.items())):
        photo = getattr(data, name)()
        top, left = (draw.integers(0, length - 256) for length in photo.shape[:2])
        part = photo[top : top + 256, left : left + 256]
        stripes = draw.normal(0, 10, (256, 1, 3)) + draw.normal(0, 10, part.shape)
        worn = np.clip(part + stripes, 0, 255).astype(np.uint8)
        Image.fromarray(part).save(folder / "clean" / f"{number}.png")
        Image.fromarray(worn).save(folder / "noisy" / f"{number}.png")


def _take_all(
    qt: QApplication, theme: str, language: str, photos: Path, base: Path, folder: Path
) -> None:
    from restore.gui.app import App
    from restore.gui.preferences import Preferences, folders, write_preferences

    write_preferences(Preferences(theme=theme, language=language), folders(base)[0])
    app = App(base)
    window = app.start([photos])
    window.resize(1280, 800)
    studio = app.studio

    def ready() -> bool:
        document = studio.preview.document
        return document is not None and (document.complete or not studio.preview.steps)

    def settle(what: Callable[[], bool], seconds: float = 300, rest: int = 30) -> None:
        end = time.monotonic() + seconds
        while not what() and time.monotonic() < end:
            qt.processEvents()
            time.sleep(0.01)
        for _ in range(rest):
            qt.processEvents()
            time.sleep(0.01)

    settle(ready)
    studio.view.set_divider(0.52)
    settle(ready)
    _save(window.grab().toImage(), folder / f"window-{theme}.png")
    _save_panels(app, window, settle, folder / f"panels-{theme}.png")
    _save_preferences(window, settle, folder / f"preferences-{theme}.png")
    _save_export(app, window, settle, base / "restored", folder / f"export-{theme}.png")
    _save_training(app, window, settle, Path("scans"), folder / f"train-{theme}.png")
    app.end()


def _save_export(
    app: App, window: Window, settle: Callable[..., None], results: Path, path: Path
) -> None:
    """The bar of a batch that is under way, and what is said at its end."""
    from restore.gui.model.output import Output

    jobs = app.studio.jobs
    app.studio.workspace.set_output(Output(folder=str(results)))
    window.job_bar.drawer_button.setChecked(True)
    jobs.start(app.studio.workspace.files.paths())
    settle(lambda: bool(jobs.results) or not jobs.running, rest=3)
    running = window.job_bar.grab().toImage()
    settle(lambda: not jobs.running)
    _save_below([running, window.messages.grab().toImage()], path)
    window.job_bar.drawer_button.setChecked(False)
    window.messages.hide()


def _save_training(
    app: App, window: Window, settle: Callable[..., None], scans: Path, path: Path
) -> None:
    """A scanner's stripes being learned: the curves after a minute."""
    training = app.studio.training
    window.show_page(training=True)
    training.fill_in(
        way="pairs",
        photos=str(scans / "noisy"),
        beside=str(scans / "clean"),
        name="my-scanner",
        minutes=3,
    )
    window.train.form.afresh.setChecked(True)
    window.train.form.start.click()
    settle(lambda: len(training.scores) > 6 or not training.running)
    _save(window.grab().toImage(), path)
    training.stop()
    settle(lambda: not training.running)


def _save_panels(app: App, window: Window, settle: Callable[..., None], path: Path) -> None:
    """The inspector of each step, side by side."""
    studio = app.studio
    shots = []
    height = window.height()
    window.resize(window.width(), 1040)
    for task in ("denoise", "dewatermark", "colorize"):
        studio.workspace.show_step(task)
        if task == "dewatermark":
            mask = np.full((40, 200), 255, np.uint8)
            studio.workspace.edit_mask((30, 70, 20, 220), mask, "Paint")
        if task == "colorize":
            studio.workspace.edit_hints(((300, 150, (190, 120, 60)),), "Set a colour")
            window.canvas.select_hint(0)
            window.inspector.panel.colorize.picker.pick_like((190, 120, 60))
        settle(lambda: True)
        shots.append(window.inspector.grab().toImage())
    for _ in range(studio.workspace.undo.count()):
        studio.workspace.undo.undo()
    studio.workspace.show_step("denoise")
    window.resize(window.width(), height)
    _save_beside(shots, path)


def _save_preferences(window: Window, settle: Callable[..., None], path: Path) -> None:
    from restore.gui.dialogs.preferences import PreferencesDialog

    shots = []
    for page in (0, 1):
        dialog: QWidget = PreferencesDialog(window.studio, window.actions_.texts(), window, page)
        dialog.show()
        settle(lambda: True)
        shots.append(dialog.grab().toImage())
        dialog.close()
    _save_beside(shots, path)


def _pixels(image: QImage) -> Image.Image:
    from PySide6.QtGui import QImage

    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    return Image.fromarray(
        rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3).copy()
    )


def _save_beside(images: list[QImage], path: Path) -> None:
    parts = [np.asarray(_pixels(image)) for image in images]
    height = max(len(part) for part in parts)
    gap = np.full((height, 12, 3), 128, np.uint8)
    row: list[np.ndarray] = []
    for part in parts:
        row += [np.pad(part, ((0, height - len(part)), (0, 0), (0, 0)), mode="edge"), gap]
    _write(Image.fromarray(np.hstack(row[:-1])), path)


def _save_below(images: list[QImage], path: Path) -> None:
    parts = [np.asarray(_pixels(image)) for image in images]
    width = max(part.shape[1] for part in parts)
    gap = np.full((12, width, 3), 128, np.uint8)
    rows: list[np.ndarray] = []
    for part in parts:
        rows += [np.pad(part, ((0, 0), (0, width - part.shape[1]), (0, 0)), mode="edge"), gap]
    _write(Image.fromarray(np.vstack(rows[:-1])), path)


def _save(image: QImage, path: Path) -> None:
    _write(_pixels(image), path)


def _write(image: Image.Image, path: Path) -> None:
    """As a PNG with a palette, with fewer colours until it is small enough."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for colours in (COLOURS, 192, 128, 96, 64):
        _with_palette(image, colours).save(path, optimize=True)
        if path.stat().st_size <= LIMIT:
            return
    raise ValueError(f"{path} has more than {LIMIT} bytes")


def _with_palette(image: Image.Image, colours: int) -> Image.Image:
    """Colours that fill areas stay what they are; the others are for the photos."""
    known, counts = np.unique(np.asarray(image).reshape(-1, 3), axis=0, return_counts=True)
    flat = known[np.argsort(counts)[::-1][:FLAT]]
    mixed = image.quantize(colours - FLAT, Image.Quantize.MEDIANCUT).getpalette() or []
    holder = Image.new("P", (1, 1))
    holder.putpalette([*flat.flatten().tolist(), *mixed])
    return image.quantize(palette=holder, dither=Image.Dither.NONE)


if __name__ == "__main__":
    main()
