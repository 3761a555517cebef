"""Learning from one's own photos: small trainings by the real engine, as a user has them."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QMimeData, QModelIndex, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from restore import home
from restore.exchange import import_model
from restore.finetune import Event, Examined, Finding, Sample, Validated, Verdict
from restore.gui.app import App
from restore.gui.engine.client import Client
from restore.gui.engine.messages import Ended, Learned
from restore.gui.model.checkpoints import CheckpointTable
from restore.gui.model.training_form import TrainingForm
from restore.gui.widgets.curve import ticks
from restore.zoo import find_model, read_weights
from tests.conftest import noisy_pairs
from tests.gui.conftest import Start
from tests.gui.test_files import drop
from tests.gui.test_jobs import Watch

PATIENCE = 180000


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The user's folder."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(autouse=True)
def own_folder(models: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same for all tests here, for they have one engine."""
    monkeypatch.setenv(home.VARIABLE, str(models))
    return models


@pytest.fixture(scope="module")
def client(qapp: QApplication) -> Iterator[Client]:
    made = Client("tests.gui.small_lessons:load")
    yield made
    made.close()


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A small network that has learned nothing yet, as a weights file."""
    import torch

    from restore.autoencoder import AutoencoderConfig
    from restore.tasks.denoise_network import DenoiseNet
    from restore.training.export import write_model

    torch.manual_seed(0)
    config = AutoencoderConfig(widths=(8,), code_channels=8, blocks=1)
    folder = tmp_path_factory.mktemp("base")
    network = DenoiseNet(config)
    model = write_model(folder, "small", "denoise", config.to_dict(), network.state_dict(), {})
    return str(model.path)


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory, photo: NDArray[np.uint8]) -> tuple[Path, Path]:
    return noisy_pairs(tmp_path_factory.mktemp("pairs"), photo)


def begin(app: App, base: str, pairs: tuple[Path, Path], name: str) -> None:
    assert app.window is not None
    app.window.show_page(training=True)
    assert not app.studio.training.running
    app.studio.training.fill_in(
        way="pairs", photos=str(pairs[0]), beside=str(pairs[1]), name=name, base=base, minutes=5
    )
    app.window.train.form.start.click()


def finish(qtbot: QtBot, app: App) -> float:
    """Stop it; returns the seconds that this takes."""
    watch = Watch()
    app.window.train.view.stop.click()  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: not app.studio.training.running, timeout=PATIENCE)
    return watch.seconds()


def test_a_model_is_taught_proven_used_and_reverted(
    qtbot: QtBot,
    start: Start,
    client: Client,
    base: str,
    pairs: tuple[Path, Path],
    models: Path,
    tmp_path: Path,
) -> None:
    app = start(client=client)
    training, window = app.studio.training, app.window
    assert window is not None
    told: list[tuple[float, int]] = []
    training.progressed.connect(
        lambda: told.append((time.monotonic(), training.progress.step))  # type: ignore[union-attr]
    )
    begin(app, base, pairs, "mine")
    view = window.train.view
    qtbot.waitUntil(lambda: len(told) > 8 and training.best is not None, timeout=PATIENCE)
    # The curve grows each second; where steps take longer than that, with every other of them.
    for (first, before), (second, after) in itertools.pairwise(told):
        assert second - first < 1 or after <= before + 2
    assert len(view.loss.points) == len(training.losses)
    assert view.score.level == training.scores[0].score
    assert view.score.best is not None
    # The held-out photos are redrawn by each validation.
    shown = view.samples.canvas.document
    assert shown is not None
    count = len(training.scores)
    qtbot.waitUntil(lambda: len(training.scores) > count, timeout=PATIENCE)
    assert view.samples.canvas.document is not shown
    assert finish(qtbot, app) < 3
    verdict = training.verdict
    assert verdict is not None
    assert verdict.stopped
    assert verdict.model == models / "models" / "mine.safetensors"
    assert verdict.proof is not None
    told = view.verdict.label.text()
    assert f"{verdict.proof.base:.2f} → {verdict.proof.tuned:.2f} dB PSNR" in told
    assert "stopped early" in told
    assert view.model.rowCount() == len(training.scores)
    # It is there by its name, and for `auto` once that is said.
    qtbot.waitUntil(view.use.isEnabled, timeout=PATIENCE)
    box = window.inspector.panel.findChildren(type(window.inspector.panel.watermark))
    assert box
    names = [card["name"] for card in app.studio.workspace.cards or ()]
    assert "mine" in names
    assert find_model("denoise").card.name != "mine"
    training.fill_in(way="colours", name="next")  # what is shown is the run there was
    assert view.use.isEnabled()
    training.use()
    qtbot.waitUntil(view.revert.isEnabled, timeout=PATIENCE)
    assert find_model("denoise").card.name == "mine"
    view.revert.click()
    qtbot.waitUntil(lambda: not view.revert.isEnabled(), timeout=PATIENCE)
    assert find_model("denoise").card.name != "mine"
    # Another checkpoint can be taken, and the model given away.
    view.table.selectRow(view.model.rowCount() - 2)
    assert view.keep.isEnabled()
    with (
        qtbot.waitSignal(training.models_changed, timeout=PATIENCE),  # or the old one is still seen
        qtbot.waitSignal(training.told, timeout=PATIENCE) as said,
    ):
        view.keep.click()
    assert said.args[0] == "good"
    target = tmp_path / "given.safetensors"
    with qtbot.waitSignal(training.told, timeout=PATIENCE) as said:
        training.export_to(str(target))
    assert said.args[0] == "good"
    taken = import_model(target, "given")
    assert find_model("denoise", "given").card.parameters == taken.card.parameters


def test_a_shipped_model_is_taught(
    qtbot: QtBot, start: Start, client: Client, pairs: tuple[Path, Path]
) -> None:
    """The weights that people start from, which take longer: one validation after the first."""
    app = start(client=client)
    training = app.studio.training
    begin(app, "fast", pairs, "shipped")
    qtbot.waitUntil(lambda: len(training.scores) > 1, timeout=PATIENCE)
    first, second = training.scores[:2]
    assert first.step == 0
    assert first.score == first.base > 25  # it denoises already
    assert second.step > 0
    assert abs(second.score - first.score) < 3  # and has not forgotten how
    finish(qtbot, app)
    assert training.verdict is not None
    assert training.verdict.stopped


def test_pictures_can_be_looked_at_meanwhile_and_pause_holds(
    qtbot: QtBot,
    start: Start,
    client: Client,
    base: str,
    pairs: tuple[Path, Path],
    noisy: Path,
) -> None:
    app = start(client=client)
    training, preview = app.studio.training, app.studio.preview
    begin(app, base, pairs, "meanwhile")
    qtbot.waitUntil(lambda: training.progress is not None, timeout=PATIENCE)
    app.studio.open([noisy])
    qtbot.waitUntil(
        lambda: preview.document is not None and preview.document.complete, timeout=PATIENCE
    )
    assert training.state == "training"
    app.window.train.view.pause.click()  # type: ignore[union-attr]
    qtbot.wait(700)
    assert training.progress is not None
    step = training.progress.step
    qtbot.wait(1000)
    assert training.progress.step == step
    app.window.train.view.pause.click()  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: training.progress.step > step, timeout=PATIENCE)  # type: ignore[union-attr]
    finish(qtbot, app)


def test_a_training_that_was_cut_short_goes_on(
    qtbot: QtBot, start: Start, client: Client, base: str, pairs: tuple[Path, Path], tmp_path: Path
) -> None:
    """The engine dies in the middle, and so does the window; both come back."""
    folder = tmp_path / "base"
    app = start(client=client)
    begin(app, base, pairs, "cut")
    training = app.studio.training
    qtbot.waitUntil(lambda: len(training.scores) >= 2, timeout=PATIENCE)
    reached = training.scores[-1].step
    app.studio.session.save()
    client.restart("killed")
    qtbot.waitUntil(lambda: not training.running, timeout=PATIENCE)
    assert training.under_way
    app.end()
    again = start(client=client, base=folder)
    window = again.window
    assert window is not None
    assert again.studio.training.form == training.form
    assert window.messages.isVisible()
    assert "cut" in window.messages.text.text()
    window.messages.buttons[0].click()
    then = again.studio.training
    qtbot.waitUntil(lambda: then.progress is not None, timeout=PATIENCE)
    assert then.scores[0].step == 0
    assert then.scores[-1].step >= reached  # the curve begins where it began
    finish(qtbot, again)
    assert then.under_way  # stopped on purpose: it can still be gone on with
    assert window.train.form.start.text() == "Go on"
    losses = list(then.losses)
    window.train.form.start.click()
    assert then.losses == losses  # the curve stays
    qtbot.waitUntil(lambda: len(then.losses) > len(losses), timeout=PATIENCE)
    finish(qtbot, again)


def test_a_model_that_is_not_better_is_not_made_the_default_without_a_question(
    qtbot: QtBot, start: Start, client: Client, models: Path, base: str
) -> None:
    from restore.training.export import write_model
    from restore.zoo import read_model

    weights = read_model(Path(base))
    _, tensors = read_weights(weights)
    card = weights.card
    write_model(models / "models", "worse", "denoise", card.architecture, tensors, {}, draft=True)
    app = start(client=client)
    window, training = app.window, app.studio.training
    assert window is not None
    training.fill_in(name="worse")
    training.models_changed.emit()
    qtbot.waitUntil(window.train.view.use.isEnabled, timeout=PATIENCE)
    window.show_page(training=True)
    window.train.view.use.click()
    assert window.messages.isVisible()
    assert "not proven" in window.messages.text.text()
    window.messages.buttons[1].click()  # No
    qtbot.wait(200)
    assert home.default_model("denoise") is None
    window.train.view.use.click()
    with qtbot.waitSignal(training.models_changed, timeout=PATIENCE):
        window.messages.buttons[0].click()  # all the same
    assert home.default_model("denoise") == "worse"
    with qtbot.waitSignal(training.models_changed, timeout=PATIENCE):
        training.revert()
    assert home.default_model("denoise") is None


def test_a_training_that_went_astray_is_brought_back(
    qtbot: QtBot, start: Start, client: Client, base: str, pairs: tuple[Path, Path], models: Path
) -> None:
    """All weights become NaN in the middle: that is said, and it learns on from before."""
    app = start(client=client)
    training, window = app.studio.training, app.window
    assert window is not None
    begin(app, base, pairs, "astray")
    qtbot.waitUntil(lambda: len(training.scores) > 1, timeout=PATIENCE)
    poison = models / "poison"
    poison.touch()
    qtbot.waitUntil(window.messages.isVisible, timeout=PATIENCE)
    assert "not a number any more" in window.messages.text.text()
    assert not poison.exists()
    validated = len(training.scores)
    qtbot.waitUntil(lambda: len(training.scores) > validated, timeout=PATIENCE)
    assert all(math.isfinite(entry.score) for entry in training.scores)
    finish(qtbot, app)
    verdict = training.verdict
    assert verdict is not None
    assert verdict.model is not None
    card = find_model("denoise", "astray")
    _, tensors = read_weights(card)
    assert all(bool(values.isfinite().all()) for values in tensors.values())


def test_photos_that_cannot_teach_are_refused_in_plain_words(
    qtbot: QtBot, start: Start, client: Client, base: str, pairs: tuple[Path, Path], tmp_path: Path
) -> None:
    few = tmp_path / "few"
    few.mkdir()
    for name in ("0.png", "1.png"):
        (few / name).write_bytes((pairs[0] / name).read_bytes())
    app = start(client=client)
    window, training = app.window, app.studio.training
    assert window is not None
    window.show_page(training=True)
    form = window.train.form
    assert not form.start.isEnabled()
    drop(window, [few])  # a folder, dropped onto this page, is what is to be learned from
    assert training.form.photos == str(few)
    assert training.form.name == "my-few"
    training.fill_in(base=base)
    form.check.click()
    qtbot.waitUntil(lambda: training.checked is not None, timeout=PATIENCE)
    assert training.checked is not None
    assert not training.checked.usable
    said = [finding.text for finding in training.checked.findings]
    assert any("it takes at least" in text for text in said)
    qtbot.waitUntil(lambda: not training.running, timeout=PATIENCE)
    form.start.click()
    qtbot.waitUntil(window.messages.isVisible, timeout=PATIENCE)
    assert "it takes at least" in window.messages.text.text()
    qtbot.waitUntil(lambda: not training.running, timeout=PATIENCE)
    assert not training.under_way


Answered = Callable[[Event], None]


@pytest.fixture
def run(start: Start, client: Client, monkeypatch: pytest.MonkeyPatch) -> tuple[App, Answered]:
    """A training in colours that has begun, and how its engine's events come."""
    app = start(client=client)
    training = app.studio.training
    monkeypatch.setattr(app.studio.client, "send", lambda request: None)
    training.fill_in(way="colours", photos="x", name="colours")
    training.start()
    number = training._number

    def tell(event: Event) -> None:
        app.studio.client.replied.emit(Learned(training._number or number, event))

    tell(EXAMINED)
    tell(Validated(0, 0.0, 12.0, 12.0, False, ()))
    tell(Validated(10, 9.0, 11.0, 12.0, True, ()))
    return app, tell


EXAMINED = Examined("colours", "", (Finding("fine", "good"),), 5, ("x",), "", "CIEDE2000", False)


def stopped(app: App, tell: Answered) -> None:
    tell(Verdict(True, "better", None, True, True, None, ()))
    app.studio.client.replied.emit(Ended(app.studio.training._number, "finished"))


def test_what_a_run_has_shown_stays_while_the_next_is_filled_in(run: tuple[App, Answered]) -> None:
    app, tell = run
    training, page = app.studio.training, app.window.train  # type: ignore[union-attr]
    stopped(app, tell)
    rows = [[index.data() for index in each] for each in _cells(page.view.model)]
    assert rows[0][3].startswith("+1.00")  # less is better, of a difference of colours
    training.fill_in(minutes=30, photos="others")
    assert [[index.data() for index in each] for each in _cells(page.view.model)] == rows
    assert training.best is training.scores[-1]
    assert page.form._shown == ()  # what was said was about the photos before
    # A check is about the photos of the form, and leaves the run alone.
    form = training.form
    training.check()
    assert page.form.check.text() == "Stop"
    tell(replace(EXAMINED, metric="dB PSNR", higher_is_better=True))
    app.studio.client.replied.emit(Ended(training._number, "finished"))
    assert training.form == form
    assert [[index.data() for index in each] for each in _cells(page.view.model)] == rows
    assert training.verdict is not None
    assert training.under_way
    assert page.form.start.text() == "Go on"
    assert training.checked is not None


def _cells(model: CheckpointTable) -> list[list[QModelIndex]]:
    return [[model.index(row, column) for column in range(4)] for row in range(model.rowCount())]


def test_nothing_is_dropped_into_a_form_that_is_under_way(run: tuple[App, Answered]) -> None:
    app, tell = run
    window = app.window
    assert window is not None
    window.show_page(training=True)
    for running in (True, False):
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile("/photos")])
        event = QDragEnterEvent(
            QPoint(20, 20),
            Qt.DropAction.CopyAction,
            data,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
        event.ignore()
        window.dragEnterEvent(event)
        assert event.isAccepted() != running
        if running:
            stopped(app, tell)


def test_photos_are_compared_with_what_there_is(run: tuple[App, Answered]) -> None:
    app, tell = run
    gray, base, tuned = (np.full((32, 32, 3), value, np.uint8) for value in (10, 20, 30))
    view = app.window.train.view.samples  # type: ignore[union-attr]
    truth = view.against.findData("truth")

    def validated(step: int, with_truth: bool) -> None:
        samples = (Sample("x", gray, base, tuned, gray if with_truth else None, 1.0, 2.0),)
        tell(Validated(step, 10.0, 11.0, 12.0, False, samples))

    validated(20, True)
    view.against.setCurrentIndex(truth)
    view.refresh()
    assert view.canvas.names[0] == "What it should be"
    validated(30, False)
    assert not view.against.model().flags(view.against.model().index(truth, 0)) & (
        Qt.ItemFlag.ItemIsEnabled
    )
    assert view.canvas.names[0] == "Base model"
    validated(40, True)
    assert view.against.model().flags(view.against.model().index(truth, 0)) & (
        Qt.ItemFlag.ItemIsEnabled
    )


def test_a_base_is_one_of_its_task(run: tuple[App, Answered]) -> None:
    app, tell = run
    stopped(app, tell)
    training = app.studio.training
    training.fill_in(way="noisy", base="denoise-best")
    training.fill_in(way="pairs")
    assert training.form.base == "denoise-best"
    training.fill_in(way="colours")
    assert training.form.request().base == "auto"


def test_the_form_asks_for_what_the_way_needs() -> None:
    form = TrainingForm(photos="a", name="n")
    assert form.missing is None
    assert form.request().way == "noisy"
    assert TrainingForm(way="pairs", photos="a", name="n").missing == "beside"
    assert TrainingForm(way="marks", photos="a", name="n").missing is None
    assert TrainingForm(way="colours", photos="a").missing == "name"
    whole = TrainingForm("clean", "a", "b", "n", minutes=3).request()
    assert (whole.way, whole.photos_clean, whole.minutes) == ("clean", Path("b"), 3)


def test_ticks_are_round_and_few() -> None:
    assert ticks(0, 10, 5) == [0, 2, 4, 6, 8, 10]
    assert ticks(31.02, 31.37, 4) == [31.1, 31.2, 31.3]
    for low, high in ((0, 1e-6), (-3, 900), (12.5, 12.6)):
        assert 0 < len(ticks(low, high, 6)) <= 7
