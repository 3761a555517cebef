"""Fine-tuning from request to verdict, with a network that is small enough to be taught at once."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import load_file

import restore
from restore.autoencoder import AutoencoderConfig
from restore.errors import TrainingError
from restore.exchange import import_model
from restore.finetune import (
    Event,
    Examined,
    Progress,
    Recovered,
    Request,
    Stage,
    Validated,
    Verdict,
    examine,
    finetune,
    keep,
)
from restore.finetune import denoise as lessons
from restore.home import models_folder, run_folder
from restore.tasks.denoise_network import DenoiseNet
from restore.training.checkpoint import CHECKPOINT, read_progress
from restore.training.export import write_model
from restore.zoo import find_model, set_default_model, user_models
from tests.conftest import noisy_pairs

SMALL = AutoencoderConfig(widths=(8,), code_channels=8, blocks=1)


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A network that has learned nothing yet, as a weights file; lessons of small batches."""
    torch.manual_seed(0)
    network = DenoiseNet(SMALL)
    model = write_model(
        tmp_path / "base", "small", "denoise", SMALL.to_dict(), network.state_dict(), {}
    )
    settings = {"batch": 2, "patch": 48, "learning_rate": 3e-3, "warmup": 2, "ema": 0.8}
    for name, value in settings.items():
        monkeypatch.setitem(lessons.SETTINGS, name, value)
    return str(model.path)


@pytest.fixture
def pairs(tmp_path: Path, photo: NDArray[np.uint8]) -> tuple[Path, Path]:
    return noisy_pairs(tmp_path, photo)


@pytest.fixture
def request_(base: str, pairs: tuple[Path, Path]) -> Request:
    return Request("denoise", pairs[0], "mine", pairs=pairs[1], base=base, steps=36, threads=1)


def test_a_model_that_is_better_is_found_by_its_name(request_: Request, base: str) -> None:
    before = hashlib.sha256(Path(base).read_bytes()).digest()
    events: list[Event] = []
    verdict = finetune(request_, events.append)
    assert verdict.better, verdict.text
    assert verdict.proof is not None
    assert verdict.proof.gain > 1
    assert verdict.proof.sheet is not None
    assert verdict.proof.sheet.is_file()
    assert hashlib.sha256(Path(base).read_bytes()).digest() == before

    examined, proof = events[0:2], [event for event in events if isinstance(event, Verdict)]
    assert any(isinstance(event, Examined) and event.way == "pairs" for event in examined)
    assert proof == [verdict]
    curve = [event for event in events if isinstance(event, Validated)]
    assert curve[0].step == 0
    assert curve[0].score == curve[0].base
    assert len(curve) == 13
    assert any(isinstance(event, Progress) for event in events)

    assert [model.card.name for model in user_models()] == ["mine"]
    assert restore.load("denoise", "mine", "cpu").card.training["base"] == "small"
    assert find_model("denoise", "auto").card.name == "denoise-fast"
    set_default_model("denoise", "mine")
    assert find_model("denoise", "auto").card.name == "mine"
    assert find_model("denoise", "fast").card.name == "denoise-fast"


def test_a_run_goes_on_from_its_base_once_its_model_is_the_default(
    request_: Request, base: str
) -> None:
    """Stopped, used, gone on with: `auto` stands for what the run itself has made by then."""
    import_model(Path(base), "start")
    set_default_model("denoise", "start")
    request = replace(request_, base="auto")
    steps: list[int] = []

    def note(event: Event) -> None:
        steps.extend([event.step] if isinstance(event, Validated) else [])

    assert finetune(request, note, lambda: len(steps) > 4).stopped
    set_default_model("denoise", "mine")
    verdict = finetune(request)
    assert not verdict.stopped
    assert verdict.proof is not None
    with pytest.raises(TrainingError, match="with other options"):
        finetune(replace(request, steps=40))


def test_photos_that_are_refused_take_no_name(
    request_: Request, photo: NDArray[np.uint8], tmp_path: Path
) -> None:
    few = tmp_path / "few"
    few.mkdir()
    Image.fromarray(photo).save(few / "a.png")
    with pytest.raises(TrainingError, match="at least"):
        finetune(replace(request_, photos=few, pairs=None))
    assert finetune(replace(request_, steps=2)) is not None


def test_the_proof_is_what_the_model_does(request_: Request) -> None:
    """Figures are those of the held-out photos through the model that was kept."""
    from restore.bench.measure import psnr_of
    from restore.finetune.material import load_material
    from restore.finetune.store import Store

    verdict = finetune(request_)
    assert verdict.proof is not None
    denoise = restore.load("denoise", "mine", "cpu")
    scores: dict[str, list[float]] = {}
    items = load_material(Store("mine").material).items
    for item in items[1::2]:  # two photos are held out: every other part of them proves
        assert item.truth is not None
        restored = denoise(item.before)
        score = psnr_of(np.asarray(restored) / 255, item.truth / 255)
        scores.setdefault(item.photo, []).append(score)
    means = [float(np.mean(values)) for values in scores.values()]
    assert verdict.proof.tuned == pytest.approx(float(np.mean(means)), abs=0.03)


class Killed(BaseException):
    pass


def test_a_run_that_is_killed_goes_on_exactly(request_: Request) -> None:
    whole = finetune(replace(request_, name="whole"))

    def kill(event: Event) -> None:
        if isinstance(event, Validated) and event.step == 18:
            raise Killed

    with pytest.raises(Killed):
        finetune(request_, kill)
    seen: list[Event] = []
    parts = finetune(request_, seen.append)
    told = [event.step for event in seen if isinstance(event, Validated)]
    assert told == sorted(set(told))  # the curve begins where it began, and no step comes twice
    assert whole.model is not None
    assert parts.model is not None
    one, two = load_file(whole.model), load_file(parts.model)
    assert all(bool((one[name] == two[name]).all()) for name in one)
    assert parts.proof is not None
    assert whole.proof is not None
    assert parts.proof.tuned == whole.proof.tuned


def test_kill_9_and_again(request_: Request, tmp_path: Path, own_folder: Path) -> None:
    """The same by the system's own means, in a process of its own."""
    code = (
        "import sys; from pathlib import Path; from restore.finetune import *\n"
        "from restore.finetune import denoise\n"
        "denoise.SETTINGS.update(batch=2, patch=48, learning_rate=3e-3, warmup=2, ema=0.8)\n"
        "noisy, clean, base, name = sys.argv[1:]\n"
        "request = Request('denoise', Path(noisy), name, pairs=Path(clean), base=base, steps=36,"
        " threads=1)\n"
        "finetune(request, lambda e: print(type(e).__name__, getattr(e, 'step', ''), flush=True))"
    )
    asked = [str(request_.photos), str(request_.pairs), request_.base, "mine"]
    command = [sys.executable, "-c", code, *asked]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.split() == ["Validated", "12"]:
                process.kill()
                break
    assert process.returncode == -signal.SIGKILL if os.name == "posix" else process.returncode
    parts = finetune(request_)
    whole = finetune(replace(request_, name="whole"))
    assert parts.model is not None
    assert whole.model is not None
    one, two = load_file(parts.model), load_file(whole.model)
    assert all(bool((one[name] == two[name]).all()) for name in one)


def test_stop_keeps_the_best_at_once(request_: Request) -> None:
    asked: list[int] = []

    def observe(event: Event) -> None:
        if isinstance(event, Validated) and event.step >= 9:
            asked.append(event.step)

    verdict = finetune(request_, observe, stop=lambda: bool(asked))
    reached = read_progress(run_folder("mine") / CHECKPOINT)
    assert reached is not None
    assert [reached.step] == asked  # not one step more
    assert verdict.stopped
    assert verdict.model is not None
    assert verdict.model.is_file()
    assert not finetune(request_).stopped
    with pytest.raises(restore.TrainingError, match="is done"):
        finetune(request_)


def test_stop_before_there_is_anything(request_: Request) -> None:
    with pytest.raises(restore.RestoreError, match="stopped"):
        finetune(request_, stop=lambda: True)
    assert not list(models_folder().glob("*"))
    assert finetune(request_).better


def test_stop_while_the_base_is_measured(request_: Request) -> None:
    """It is measured when the run goes on, or nothing could be proven at the end."""
    training: list[Event] = []

    def observe(event: Event) -> None:
        if event == Stage("training"):
            training.append(event)

    verdict = finetune(request_, observe, stop=lambda: bool(training))
    assert verdict.stopped
    assert not verdict.checkpoints
    assert finetune(request_).better


def test_a_pause_costs_nothing(request_: Request) -> None:
    paused: list[float] = []
    spent: list[float] = []

    def pause() -> bool:
        if not paused:
            paused.append(time.monotonic())
        return time.monotonic() - paused[0] < 1.0

    def observe(event: Event) -> None:
        if isinstance(event, Validated):
            spent.append(event.seconds)

    started = time.monotonic()
    finetune(replace(request_, steps=4), observe, pause=pause)
    assert time.monotonic() - started > spent[-1] + 1.0


def test_time_is_kept(request_: Request, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a clock of its own, on which looking at it takes time, and so does a validation."""
    from restore.finetune import judge, run
    from restore.training import loop

    class Clock:
        now = 0.0
        perf_counter = staticmethod(time.perf_counter)

        def monotonic(self) -> float:
            self.now += 0.08
            return self.now

    clock = Clock()
    answers = judge.Judge.answers

    def slow(self: judge.Judge, *given: Any) -> list[judge.Answer]:
        clock.now += 0.2
        return answers(self, *given)

    monkeypatch.setattr(run, "time", clock)
    monkeypatch.setattr(loop, "time", clock)
    monkeypatch.setattr(judge.Judge, "answers", slow)
    monkeypatch.setattr(run, "OFTEN", 0.02)
    seen: list[Event] = []
    finetune(replace(request_, steps=0, minutes=0.15), seen.append)
    assert 9 * 0.9 < clock.now < 9 * 1.1
    left = [event.left for event in seen if isinstance(event, Progress)]
    assert left == sorted(left, reverse=True)
    assert left[-1] < 1


def test_what_is_no_number_is_undone(request_: Request, monkeypatch: pytest.MonkeyPatch) -> None:
    _poison(monkeypatch, steps=range(14, 19))
    seen: list[Event] = []
    verdict = finetune(request_, seen.append)
    recovered = [event for event in seen if isinstance(event, Recovered)]
    assert len(recovered) == 1
    assert "not a number" in recovered[0].text
    assert verdict.better
    assert verdict.model is not None
    assert all(bool(value.isfinite().all()) for value in load_file(verdict.model).values())


def test_a_run_astray_goes_back(request_: Request, monkeypatch: pytest.MonkeyPatch) -> None:
    """Finite, but so large a step that the pictures are lost."""
    monkeypatch.setitem(lessons.SETTINGS, "learning_rate", 30.0)
    seen: list[Event] = []
    with pytest.raises(restore.TrainingError, match="even at"):
        finetune(request_, seen.append)
    falls = [event for event in seen if isinstance(event, Recovered)]
    assert len(falls) == 5
    assert not list(models_folder().glob("*"))


def _poison(monkeypatch: pytest.MonkeyPatch, steps: range) -> None:
    """The loss of these steps is no number, the first time they are made."""
    count = 0
    whole: Callable[..., dict[str, object]] = lessons._blind

    def poisoned(*given: object) -> dict[str, object]:
        nonlocal count
        count += 1
        terms = whole(*given)
        if count in steps:
            terms["loss"] = terms["loss"] * float("nan")  # type: ignore[operator]
        return terms

    monkeypatch.setattr(lessons, "_blind", poisoned)


def test_what_is_not_better_is_a_draft(request_: Request, monkeypatch: pytest.MonkeyPatch) -> None:
    """A step that hardly moves: the figures are there, the claim is not."""
    monkeypatch.setitem(lessons.SETTINGS, "learning_rate", 2e-7)
    verdict = finetune(replace(request_, steps=12))
    assert not verdict.better
    assert verdict.draft
    assert find_model("denoise", "auto").card.name == "denoise-fast"
    if verdict.model is not None:
        assert find_model("denoise", "mine").card.draft


def test_what_is_not_better_replaces_nothing(
    request_: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    proven = finetune(request_).model
    assert proven is not None
    set_default_model("denoise", "mine")
    before = proven.read_bytes()
    monkeypatch.setitem(lessons.SETTINGS, "learning_rate", 2e-7)
    verdict = finetune(replace(request_, steps=12, afresh=True))
    assert not verdict.better
    assert "The earlier mine, which was better, stays" in verdict.text
    assert proven.read_bytes() == before
    assert not find_model("denoise", "auto").card.draft


def test_a_model_from_elsewhere_is_not_overwritten(request_: Request, base: str) -> None:
    path = import_model(Path(base), "mine").path
    before = path.read_bytes()
    with pytest.raises(restore.TrainingError, match="no run here has made"):
        finetune(request_)
    assert path.read_bytes() == before


def test_checkpoints_can_be_had_back(request_: Request) -> None:
    verdict = finetune(request_)
    steps = [point.step for point in verdict.checkpoints]
    assert steps[0] == 0
    assert steps[-1] == 36
    early = keep("mine", steps[2])
    assert early.card.training["passes"][0]["steps"] == steps[2]
    assert early.card.draft
    assert not keep("mine").card.draft
    with pytest.raises(restore.TrainingError, match="no checkpoint 7"):
        keep("mine", 7)


def test_another_request_of_the_same_name(request_: Request, pairs: tuple[Path, Path]) -> None:
    finetune(replace(request_, steps=2))
    with pytest.raises(restore.TrainingError, match=r"other options.*--afresh"):
        finetune(replace(request_, steps=3))
    Image.new("RGB", (200, 200)).save(pairs[0] / "new.png")
    with pytest.raises(restore.TrainingError, match="other photos"):
        finetune(replace(request_, steps=2))
    assert finetune(replace(request_, steps=3, afresh=True))


def test_begun_again_on_photos_that_are_refused(request_: Request, tmp_path: Path) -> None:
    """What there is stays, and the name can be used."""
    finetune(request_)
    (tmp_path / "none").mkdir()
    with pytest.raises(restore.TrainingError):
        finetune(replace(request_, photos=tmp_path / "none", pairs=tmp_path / "none", afresh=True))
    assert keep("mine").card.training["passes"][0]["steps"] > 0
    assert finetune(replace(request_, steps=3, afresh=True))


@pytest.mark.parametrize("name", ["", "../x", "auto", "con", "a b", "x" * 65])
def test_names_that_no_model_can_have(request_: Request, name: str) -> None:
    with pytest.raises(restore.UnknownModel, match="can't be called"):
        finetune(replace(request_, name=name))


def test_names_of_models_that_ship_are_taken(request_: Request) -> None:
    with pytest.raises(restore.TrainingError, match="ships"):
        finetune(replace(request_, name="denoise-fast"))


def test_examining_writes_nothing(request_: Request) -> None:
    examined = examine(request_)
    assert examined.usable
    assert len(examined.held_out) == 3
    assert examined.photos == 5
    assert not run_folder("mine").exists()
