from __future__ import annotations

import contextlib
import itertools
import json
import shutil
import time
from collections import Counter
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load_file, save_file

import restore
from restore.autoencoder import AutoencoderConfig, ResidualBlock
from restore.errors import Cancelled, TrainingError, UnknownModel
from restore.tasks import learning_of
from restore.training.checkpoint import (
    CHECKPOINT,
    Progress,
    begin_with,
    read_average,
    read_progress,
)
from restore.training.config import TrainingConfig, load_recipe
from restore.training.export import export
from restore.training.loop import Watch, learn, train
from restore.training.objectives import reconstruction_loss
from restore.training.photos import PhotoStack, load_photos, pieces
from restore.training.state import TrainingState
from tests.hostile import NO_TEXT

CPU = torch.device("cpu")
TINY = TrainingConfig(
    network=AutoencoderConfig(widths=(4, 8), code_channels=8, blocks=1),
    steps=6,
    batch=3,
    patch=32,
    late_patch=32,
    warmup=2,
    name="tiny",
)


@pytest.fixture
def photos(tmp_path: Path, photo: NDArray[np.uint8]) -> Path:
    root = tmp_path / "photos"
    root.mkdir()
    for number in range(6):
        Image.fromarray(np.roll(photo, 20 * number, 1)).save(root / f"{number}.png")
    return root


def test_photos_move_to_where_the_network_is(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fine-tuning stacks its photos on the CPU, where no generator of a GPU can draw crops."""
    stack, _ = load_photos(photos, smallest=32, held_out=0.2, device=CPU)
    moved = stack.to(torch.device("meta"))
    assert {each.device.type for each in (moved.pixels, moved.sizes, moved.starts)} == {"meta"}
    asked: list[torch.device] = []
    monkeypatch.setattr(PhotoStack, "to", lambda self, device: asked.append(device) or self)
    train(replace(TINY, steps=1), photos, tmp_path / "run", device=CPU, report=silent)
    assert asked == [CPU, CPU]


def test_a_run_whose_watcher_is_gone_loses_no_step(photos: Path, tmp_path: Path) -> None:
    """And the time to the next validation goes on where it stood, however short the sittings."""
    config = replace(TINY, steps=24, checkpoint_steps=10)
    stacks = load_photos(photos, smallest=32, held_out=0.2, device=CPU)
    validated: list[int] = []

    def sitting(steps: int) -> int:
        asked = itertools.count()

        def stop() -> bool:
            if next(asked) == steps:
                raise Cancelled
            return False

        watch = Watch(stop=stop, validated=lambda progress, _: validated.append(progress.step))
        with contextlib.suppress(Cancelled):
            learn(learning_of("denoise"), config, *stacks, tmp_path, device=CPU, watch=watch)
        reached = read_progress(tmp_path / CHECKPOINT)
        assert reached is not None
        return reached.step

    assert [sitting(7) for _ in range(4)] == [7, 14, 21, 24]
    assert validated == [10, 20, 24]


def test_time_that_went_elsewhere_is_not_the_runs(photos: Path, tmp_path: Path) -> None:
    stacks = load_photos(photos, smallest=32, held_out=0.2, device=CPU)
    lost = [0.0]

    def stop() -> bool:
        time.sleep(0.05)
        lost[0] += 0.05
        return False

    def seconds(watch: Watch, name: str) -> float:
        run = tmp_path / name
        task = learning_of("denoise")
        return learn(task, TINY, *stacks, run, device=CPU, watch=watch).seconds

    alone = seconds(Watch(stop=stop, elsewhere=lambda: lost[0]), "alone")
    assert alone < seconds(Watch(stop=stop), "all") - 0.2


def silent(progress: Progress, measured: dict[str, float]) -> None:
    pass


@pytest.mark.parametrize("task", ["denoise", "dewatermark", "colorize"])
def test_what_is_compiled_is_what_is_trained(
    photos: Path, tmp_path: Path, task: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled: Counter[str] = Counter()

    def counting(function: Any, *_: object, **__: object) -> Any:
        def counted(*args: Any) -> Any:
            compiled[function.__name__] += 1
            return function(*args)

        return counted

    monkeypatch.setattr(torch, "compile", counting)
    networks = {
        "denoise": TINY.network,
        "dewatermark": replace(
            TINY.network, condition_channels=6, out_channels=1, residual=False, bias=True
        ),
        "colorize": replace(
            TINY.network, in_channels=1, condition_channels=3, out_channels=193, patch=4,
            residual=False, full_size=False, bias=True,
        ),
    }  # fmt: skip
    config = replace(TINY, task=task, network=networks[task], texts=24, compile=True, steps=1)
    train(config, photos, tmp_path / "run", device=CPU, report=silent)
    assert compiled["encode"] == compiled["decode"] >= 1


@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
def test_a_killed_run_goes_on_exactly(photos: Path, tmp_path: Path, optimizer: Any) -> None:
    tiny = replace(TINY, optimizer=optimizer)
    whole = train(tiny, photos, tmp_path / "whole", device=CPU, report=silent)

    class Killed(Exception):
        pass

    def kill(progress: Progress, measured: dict[str, float]) -> None:
        if progress.step == 4:
            raise Killed

    # A checkpoint at every step; the fourth is lost, the run goes on from the third.
    often = replace(tiny, checkpoint_minutes=0)
    with pytest.raises(Killed):
        train(often, photos, tmp_path / "parts", device=CPU, report=kill, report_every=1)
    steps: list[int] = []
    parts = train(
        often,
        photos,
        tmp_path / "parts",
        device=CPU,
        report=lambda progress, measured: steps.append(progress.step),
        report_every=1,
    )
    assert steps[0] == 4
    one, two = load_file(whole), load_file(parts)
    assert one.keys() == two.keys()
    for name in one:
        torch.testing.assert_close(one[name], two[name], rtol=0, atol=0)


def test_training_learns(photos: Path, tmp_path: Path) -> None:
    scores: list[float] = []

    def report(progress: Progress, measured: dict[str, float]) -> None:
        if "score" in measured:
            scores.append(measured["score"])

    longer = replace(TINY, steps=150, batch=4, learning_rate=4e-3, ema=0.9)
    train(replace(longer, steps=1), photos, tmp_path / "a", device=CPU, report=report)
    train(longer, photos, tmp_path / "b", device=CPU, report=report)
    assert scores[1] > scores[0] + 2


def test_exported_weights_restore_pictures(
    photos: Path, tmp_path: Path, photo: NDArray[np.uint8]
) -> None:
    checkpoint = train(TINY, photos, tmp_path / "run", device=CPU, report=silent)
    model = export(checkpoint, tmp_path / "weights", "six crops of one photo")
    (only,) = model.card.training["passes"]
    assert (only["steps"], only["batch"]) == (6, TINY.batch)
    assert "clip" not in only, "a setting that is as usual is told"
    assert model.card.training["data"] == "six crops of one photo"
    denoise = restore.load("denoise", str(model.path), "cpu")
    assert denoise(photo).shape == photo.shape


def test_a_second_pass_trains_its_part_alone(photos: Path, tmp_path: Path) -> None:
    first = train(TINY, photos, tmp_path / "first", device=CPU, report=silent)
    config = replace(TINY, parts=("noise_level",))
    begin = read_average(first)
    second = read_average(
        train(config, photos, tmp_path / "second", device=CPU, report=silent, start=begin)
    )
    assert [one.get("parts") for one in second.passes] == [None, ["noise_level"]]
    model = export(tmp_path / "second" / first.name, tmp_path / "out", "a test")
    third = train(
        TINY,
        photos,
        tmp_path / "third",
        device=CPU,
        report=silent,
        start=begin_with(str(model.path)),
    )
    assert read_average(third).passes[:2] == model.card.training["passes"]
    for name, value in second.tensors.items():
        assert torch.equal(value, begin.tensors[name]) == name.startswith("autoencoder."), name


def test_parts_that_were_trained_side_by_side_become_one_model(
    photos: Path, tmp_path: Path
) -> None:
    runs = [
        train(
            replace(TINY, seed=seed, parts=parts),
            photos,
            tmp_path / str(seed),
            device=CPU,
            report=silent,
        )
        for seed, parts in enumerate([(), ("noise_level",)])
    ]
    model = export(runs[0], tmp_path / "out", "a test", name="both", parts_of=runs[1])
    assert model.card.name == "both"
    beside = model.card.training["others"]
    assert beside["parts"] == ["noise_level"] and beside["passes"][0]["seed"] == 1
    averages = [read_average(run).tensors for run in runs]
    for name, value in load_file(model.path).items():
        source = averages[name.startswith("noise_level.")]
        torch.testing.assert_close(value, source[name].half(), rtol=0, atol=0)
    mean = export(runs[0], tmp_path / "mean", "a test", mean_with=[str(runs[1].parent)])
    assert len(mean.card.training["mean_with"]) == 1
    for whole, beside in ((mean, "mean_with"), (model, "others")):  # further passes tell of it too
        *_, last = begin_with(str(whole.path)).passes
        assert last[beside] == whole.card.training[beside]
    for name, value in load_file(mean.path).items():
        middle = (averages[0][name] + averages[1][name]) / 2
        torch.testing.assert_close(value.float(), middle, rtol=1e-3, atol=1e-4)
    further = train(
        replace(TINY, seed=5), photos, tmp_path / "further", device=CPU, report=silent,
        start=begin_with(str(model.path)),
    )  # fmt: skip
    with_start = export(
        further, tmp_path / "mostly", "a test", mean_with=[str(model.path)], share=0.75
    )
    assert with_start.card.training["share"] == 0.75
    assert with_start.card.training["mean_with"] == ["the weights that it began with"]
    start, end = load_file(model.path), read_average(further).tensors
    for name, value in load_file(with_start.path).items():
        expected = 0.25 * start[name].float() + 0.75 * end[name]
        torch.testing.assert_close(value.float(), expected, rtol=1e-3, atol=1e-4)
    wider = AutoencoderConfig(widths=(8, 16), code_channels=16, blocks=1)
    other = train(
        replace(TINY, network=wider), photos, tmp_path / "wider", device=CPU, report=silent
    )
    with pytest.raises(TrainingError, match="do not fit"):
        export(runs[0], tmp_path / "out", "a test", parts_of=other)
    with pytest.raises(TrainingError, match="another network"):
        export(runs[0], tmp_path / "out", "a test", mean_with=[str(other.parent)])
    lent = export(other, tmp_path / "lent", "a test", parts_of=runs[1])  # its part is alike in both
    for name, value in load_file(lent.path).items():
        if name.startswith("noise_level."):
            torch.testing.assert_close(value, averages[1][name].half(), rtol=0, atol=0)


def test_penalties_and_code_noise_are_in_effect(photos: Path, tmp_path: Path) -> None:
    terms: list[dict[str, float]] = []
    config = replace(TINY, steps=1, sparsity=0.1, contractive=0.1, code_noise=0.1)
    train(
        config,
        photos,
        tmp_path / "run",
        device=CPU,
        report=lambda progress, measured: terms.append(measured),
        report_every=1,
    )
    assert terms[0]["code"] > 0


def test_dropout_is_in_effect_and_on_the_card(photos: Path, tmp_path: Path) -> None:
    averages = []
    for dropout in (0.0, 0.5):
        run = train(
            replace(TINY, steps=2, dropout=dropout),
            photos,
            tmp_path / str(dropout),
            device=CPU,
            report=silent,
        )
        averages.append(read_average(run).tensors)
        card = export(run, tmp_path / "out", f"dropout {dropout}").card
        assert card.training["passes"][-1].get("dropout", 0.0) == dropout
    assert any(not torch.equal(value, averages[1][name]) for name, value in averages[0].items())


@pytest.mark.parametrize("learning", ["autoencoder", "refinement"])
def test_only_what_learns_is_dropped_out(tmp_path: Path, learning: str) -> None:
    config = TrainingConfig(
        task="dewatermark",
        network=AutoencoderConfig(
            condition_channels=6, out_channels=1, widths=(4, 8), code_channels=8, residual=False
        ),
        parts=(learning,),
        dropout=0.25,
    )
    state = TrainingState(learning_of(config.task), config, tmp_path, CPU, None)
    for name, part in state.network.named_children():
        dropped = {module.dropout for module in part.modules() if isinstance(module, ResidualBlock)}
        assert dropped == ({0.0, 0.25} if name == learning else {0.0})


@pytest.mark.parametrize("name", ["psnr", "charbonnier", "l1", "mse", "bce"])
def test_losses_fall_towards_the_truth(name: str) -> None:
    clean = torch.rand(2, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    losses = [
        float(reconstruction_loss(clean + error, clean, name))  # type: ignore[arg-type]
        for error in (0.3, 0.1, 0.0)
    ]
    assert losses[0] > losses[1] > losses[2]


def test_crops_come_from_the_photos(photos: Path) -> None:
    training, held_out = load_photos(photos, smallest=32, held_out=0.3, device=CPU)
    assert len(training) + len(held_out) == 6
    generator = torch.Generator().manual_seed(0)
    crops = training.crops(5, 32, generator)
    assert crops.shape == (5, 3, 32, 32)
    known = torch.cat([training.photo(number).flatten(1).T for number in range(len(training))])
    colours = {tuple(colour) for colour in known.tolist()}
    assert all(tuple(c) in colours for c in (crops[0] * 255).round().int().flatten(1).T.tolist())


def test_large_photos_are_cut(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (700, 1300, 3), np.uint8)
    for name in ("1.png", "2.png", "3.png", NO_TEXT):
        Image.fromarray(noise).save(tmp_path / name)
    training, held_out = load_photos(tmp_path, smallest=64, held_out=0.3, device=CPU)
    assert len(training) + len(held_out) == 4 * 6
    assert int(training.sizes.max()) == 512


def test_photos_of_other_kinds_are_read_as_everywhere(
    tmp_path: Path, photo: NDArray[np.uint8]
) -> None:
    """16-bit gray is no white, and the suffixes are those that are restored."""
    gray = photo[..., 0]
    Image.fromarray(gray.astype(np.uint16) * 257).save(tmp_path / "a.png")
    Image.fromarray(gray).save(tmp_path / "b.avif", quality=100)
    Image.fromarray(photo).convert("CMYK").save(tmp_path / "c.tif")
    Image.fromarray(photo).save(tmp_path / "d.bmp")
    training, held_out = load_photos(tmp_path, smallest=32, held_out=0.0, device=CPU)
    photos = [training.photo(index) for index in range(len(training))] + [held_out.photo(0)]
    assert len(photos) == 4
    for found in photos[:2]:
        np.testing.assert_allclose(found.float().mean(0), gray, atol=4)


def test_small_photos_are_enlarged_where_wanted(tmp_path: Path) -> None:
    """As large a share of the crops as wanted, however few or many there are; never to judge by."""
    for number in range(20):
        Image.new("RGB", (64, 64), (255, 0, 0)).save(tmp_path / f"large{number}.png")
        Image.new("RGB", (40, 32), (0, 0, 255)).save(tmp_path / f"small{number}.png")
    Image.new("RGB", (31, 31), (0, 255, 0)).save(tmp_path / "smallest.png")
    training, held_out = load_photos(tmp_path, smallest=64, held_out=0.2, device=CPU, enlarged=0.75)
    assert int(training.sizes.min()) == 64
    crops = training.crops(400, 64, torch.Generator().manual_seed(0))
    assert crops[:, 1].max() == 0
    assert 0.65 < float(crops[:, 2].mean()) < 0.85
    assert held_out.centres(9, 64)[:, 2].max() == 0
    alone, _ = load_photos(tmp_path, smallest=64, held_out=0.2, device=CPU)
    assert alone.crops(50, 64, torch.Generator().manual_seed(0))[:, 2].max() == 0


def test_photos_that_are_too_small_are_told_of_in_one_line(
    photos: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name in "abc":
        Image.new("RGB", (40, 30)).save(tmp_path / f"{name}.png")
    for path in photos.iterdir():
        shutil.copy(path, tmp_path)
    load_photos(tmp_path, smallest=48, held_out=0.03, device=torch.device("cpu"))
    assert [record.getMessage() for record in caplog.records] == [
        f"left out {tmp_path / 'a.png'} and 2 more: smaller than 48 px"
    ]


def test_a_pass_begins_with_a_run_or_a_model(photos: Path, tmp_path: Path) -> None:
    train(TINY, photos, tmp_path / "run", device=CPU, report=silent)
    of_run = begin_with(str(tmp_path / "run"))
    path = export(tmp_path / "run" / "checkpoint.safetensors", tmp_path / "out", "photos").path
    of_model = begin_with(str(path))
    assert of_model.progress.step == of_run.progress.step == TINY.steps
    assert of_model.config["name"] == "tiny"
    assert AutoencoderConfig.from_dict(of_model.config["network"]) == TINY.network
    for name, value in of_run.tensors.items():
        torch.testing.assert_close(of_model.tensors[name], value, rtol=1e-3, atol=1e-5)
    shipped = begin_with("colorize")
    train(
        replace(TINY, steps=1), photos, tmp_path / "on", device=CPU, report=silent, start=of_model
    )
    assert shipped.config["name"] == "colorize"
    with pytest.raises(UnknownModel, match="no model 'colourize'"):
        begin_with("colourize")


def test_too_few_photos(tmp_path: Path) -> None:
    Image.new("RGB", (64, 64)).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_text("no picture")
    with pytest.raises(restore.TrainingError, match="1 usable photos"):
        load_photos(tmp_path, smallest=32, held_out=0.1, device=CPU)


def test_a_run_of_another_network_is_refused(photos: Path, tmp_path: Path) -> None:
    train(replace(TINY, steps=1), photos, tmp_path / "run", device=CPU, report=silent)
    other = replace(TINY, network=AutoencoderConfig(widths=(4, 8), code_channels=6, blocks=1))
    with pytest.raises(restore.TrainingError, match="another network"):
        train(other, photos, tmp_path / "run", device=CPU, report=silent)
    (tmp_path / "run" / "checkpoint.safetensors").write_bytes(b"damaged")
    with pytest.raises(restore.TrainingError, match="delete it"):
        train(TINY, photos, tmp_path / "run", device=CPU, report=silent)


def test_a_further_pass_draws_other_crops(photos: Path, tmp_path: Path) -> None:
    run = train(TINY, photos, tmp_path / "first", device=CPU, report=silent)
    start = read_average(run)
    learning = learning_of(TINY.task)
    first, second = (
        TrainingState(learning, TINY, tmp_path / name, CPU, begin).generator.initial_seed()
        for name, begin in (("a", None), ("b", start))
    )
    assert second != first


def test_recipes(tmp_path: Path) -> None:
    config = load_recipe("denoise-fast", minutes=3.0, steps=None)
    assert config.name == "denoise-fast"
    assert config.minutes == 3
    assert config.network.widths == (32, 64, 128)
    with pytest.raises(restore.TrainingError, match="no recipe"):
        load_recipe("nothing")
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("learning_speed = 3")
    with pytest.raises(restore.TrainingError, match="learning_speed"):
        load_recipe(wrong)
    for setting, kind in (
        ("patch = 0.16", "whole number"),
        ('minutes = "60"', "a number"),
        ("compile = 1", "true or false"),
        ("logos = 3", "text"),
        ('parts = "refinement"', "a list"),
        ("parts = [1]", "a list of names"),
        ("shares = 3", "a table"),
        ("network = 3", "a table"),
        ('loss = "foo"', "psnr"),
        ("optimizer = 1", "muon"),
    ):
        wrong.write_text(setting)
        with pytest.raises(restore.TrainingError, match=f"{setting.split()[0]} = .*{kind}"):
            load_recipe(wrong)
    wrong.write_text('shares = {single = "a"}')
    with pytest.raises(restore.TrainingError, match=r"single = 'a'.*a number"):
        load_recipe(wrong)
    wrong.write_text("minutes = 60")
    assert repr(load_recipe(wrong).minutes) == "60.0"
    for recipe in (files("restore.training") / "recipes").iterdir():
        if recipe.name.endswith(".toml"):
            load_recipe(recipe.name.removesuffix(".toml"))


def test_pieces_of_a_photo_do_not_keep_all_of_it() -> None:
    photo = torch.arange(3 * 600 * 1100).view(3, 600, 1100).byte()
    found = pieces(photo, most=3)
    assert len(found) == 3
    for piece in found:
        assert piece.shape == (3, 512, 512)
        assert piece.untyped_storage().nbytes() == piece.numel()
    assert torch.equal(found[0], photo[:, :512, :512])
    assert pieces(photo[:, :512, :400])[0].shape == (3, 512, 400)


def test_a_part_that_was_built_otherwise_begins_anew(
    photos: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    begin = read_average(train(TINY, photos, tmp_path / "first", device=CPU, report=silent))
    tensors = dict(begin.tensors)
    name = next(key for key in tensors if key.startswith("noise_level."))
    tensors["noise_level.of_before"] = tensors.pop(name)
    other = replace(begin, tensors=tensors)
    config = replace(TINY, parts=("noise_level",))
    run = train(config, photos, tmp_path / "second", device=CPU, report=silent, start=other)
    assert "noise_level is built otherwise" in caplog.text
    whole = read_average(run).tensors
    assert whole.keys() == begin.tensors.keys()
    for key, value in whole.items():
        assert torch.equal(value, begin.tensors[key]) == key.startswith("autoencoder."), key
    with pytest.raises(RuntimeError):  # a part that rests has to fit
        train(TINY, photos, tmp_path / "third", device=CPU, report=silent, start=other)


def test_a_checkpoint_of_an_earlier_version_is_refused(photos: Path, tmp_path: Path) -> None:
    path = train(TINY, photos, tmp_path / "run", device=CPU, report=silent)
    with safe_open(path, "pt") as file:
        metadata = dict(file.metadata())
        tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118
    metadata["config"] = json.dumps(json.loads(metadata["config"]) | {"start": {"name": "x"}})
    save_file(tensors, path, metadata)
    with pytest.raises(TrainingError, match="earlier version"):
        export(path, tmp_path / "out", "a test")
