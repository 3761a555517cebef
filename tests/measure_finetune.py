"""What fine-tuning is worth, on photos whose truth it never sees.

    python tests/measure_finetune.py ...

    noise PHOTOS SHOTS   learns from a folder of noisy photos alone; is measured on another one, of
                         pairs *_real.* and *_mean.* as those of CC15, against the means and by the
                         criterion of the proof; --way neighbours or masked learns otherwise
    agreement LOGS       whether the criterion said the same as the means, over several such runs
    mark PHOTOS TEST LOGO  learns a logo on one folder of photos, is measured on another, where the
                         logo lies somewhere at a fixed opacity
    colours PHOTOS TEST  learns from one folder of colour photos, is measured on another

The user's folder is that of RESTORE_HOME, or the usual one: the models are called measured-*.
"""

from __future__ import annotations

import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Annotated, cast

import numpy as np
import torch
import typer
from numpy.typing import NDArray
from PIL import Image
from torch import Generator, Tensor, nn
from torch.nn import functional

import restore
from restore.bench.colorize import difference, gray_of
from restore.bench.measure import pictures_in, psnr_of
from restore.finetune import Event, Request, Validated, Verdict, finetune, keep
from restore.finetune.colorize import COLOURS
from restore.finetune.denoise import NOISY
from restore.finetune.gather import Gathered, gather
from restore.finetune.judge import Judge
from restore.finetune.lesson import Lesson, Stop
from restore.finetune.material import Item, Material
from restore.finetune.publish import publish
from restore.finetune.store import Store
from restore.finetune.ways import LESSONS
from restore.restorer import Restorer
from restore.tasks.denoise import Denoiser
from restore.tasks.denoise_learning import LEARNING
from restore.tasks.denoise_network import DenoiseNet
from restore.tasks.learning import Damaged
from restore.training.config import TrainingConfig
from restore.training.photos import read_rgb8, stack_photos

app = typer.Typer(help=__doc__, pretty_exceptions_enable=False)
Minutes = Annotated[float, typer.Option()]
Threads = Annotated[int, typer.Option()]
Floats = NDArray[np.float64]
VISIBLE = 0.05
"""Gains in dB up to which two models are the same to the eye."""


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def taught(request: Request) -> Verdict:
    """The verdict, with the time that it took."""
    started, busy = time.monotonic(), time.process_time()

    def observe(event: Event) -> None:
        if isinstance(event, Validated):
            say(f"step {event.step}  {event.seconds:.0f} s  {event.score:.2f} ({event.base:.2f})")

    verdict = finetune(request, observe)
    wall, cpu = time.monotonic() - started, time.process_time() - busy
    say(f"{verdict.text}\n{wall / 60:.1f} minutes, {cpu / 60:.1f} of them of a processor")
    return verdict


@app.command()
def noise(
    photos: Path, shots: Path, minutes: Minutes = 10, threads: Threads = 2, base: str = "fast",
    way: str = "fitted",
) -> None:  # fmt: skip
    LESSONS["noisy"] = WAYS[way]
    name = f"measured-noise-{way}"
    taught(
        Request(
            "denoise", photos, name, base=base, minutes=minutes, threads=threads, afresh=True
        )
    )  # fmt: skip
    truth, told = _judges(shots, base, threads)
    before = _scores(truth, base), _scores(told, base)
    say(f"base model: {np.mean(before[0]):.2f} dB, by the criterion {np.mean(before[1]):.2f}")
    gains = []
    for point in Store(name).checkpoints()[1:]:
        model = str(publish(Store(name), point.step, {}, draft=True).path)
        gains.append((_scores(truth, model) - before[0], _scores(told, model) - before[1]))
        true, criterion = (float(row.mean()) for row in gains[-1])
        say(f"step {point.step}: gain {true:+.2f} dB, by the criterion {criterion:+.2f}")
    model = str(keep(name).path)
    final = _scores(truth, model)
    say(f"the model: {final.mean():.2f} dB, gain {final.mean() - before[0].mean():+.2f}")
    say("by photo: " + " ".join(f"{gain:+.2f}" for gain in final - before[0]))
    say("gains by photo and checkpoint, true and by the criterion:")
    say(json.dumps(np.round(np.stack(gains, 1), 3).tolist()))


@app.command()
def agreement(logs: list[Path]) -> None:
    """Whether the criterion says the same as the truth, over the logs of several `noise` runs."""
    runs = [np.array(json.loads(log.read_text().splitlines()[-1])) for log in logs]
    true, told = np.concatenate([run.reshape(2, -1) for run in runs], 1)
    say(f"{true.size} gains of a photo by a checkpoint: correlation {_corr(true, told):.3f}")
    means = np.concatenate([run.mean(2) for run in runs], 1)
    say(f"{means.shape[1]} checkpoints: correlation {_corr(*means):.3f}")
    pairs = combinations(range(means.shape[1]), 2)
    order = np.array([means[:, one] - means[:, other] for one, other in pairs])
    order = order[np.abs(order[:, 0]) > VISIBLE]
    right = np.mean(order.prod(1) > 0)
    say(f"of two that differ by more than {VISIBLE} dB the better one: {right:.0%} of {len(order)}")
    said = means[:, np.abs(means[0]) > VISIBLE]
    right = np.sign(said[0]) == np.sign(said[1])
    say(f"better or worse than the base model: right on {right.sum()} of {right.size}")
    for log, run in zip(logs, runs, strict=True):
        true, told = np.append(run.mean(2), [[0], [0]], 1)  # the base model may be the best
        say(f"{log.stem}: the one it chooses is {true.max() - true[told.argmax()]:.2f} dB short")


def _corr(one: Floats, other: Floats) -> float:
    return float(np.corrcoef(one, other)[0, 1])


def _judges(shots: Path, base: str, threads: int) -> tuple[Judge, Judge]:
    """Judges by the truth, and by the criterion of a fine-tuning, of the same noisy shots."""
    noisy = [path for path in pictures_in(shots) if "_real" in path.stem]
    pairs = [Item(path.name, read_rgb8(path), read_rgb8(_mean_of(path))) for path in noisy]
    restorer = cast(Denoiser, restore.load("denoise", base, "cpu"))
    with tempfile.TemporaryDirectory() as folder:
        for path in noisy:
            shutil.copy(path, folder)
        request = Request("denoise", Path(folder), "measured", base=base, threads=threads)
        gathered = gather(request)
        gathered.held_out += gathered.learn
        material = NOISY.prepare(request, gathered, restorer, lambda: False)
    assert material is not None, gathered.findings
    told = tuple(item for item in material.items if item.truth is not None)
    device = torch.device("cpu")
    return Judge(restorer.card, tuple(pairs), device), Judge(restorer.card, told, device)


def _mean_of(path: Path) -> Path:
    return path.with_stem(path.stem.replace("_real", "_mean"))


def _scores(judge: Judge, model: str) -> Floats:
    """PSNR of each photo."""
    network = restore.load("denoise", model, "cpu").engine.network
    by_photo = judge.by_photo(judge.answers(network))
    return np.array([by_photo[name] for name in sorted(by_photo)])


def _prepare_noisy(
    request: Request, gathered: Gathered, base: Restorer, stop: Stop
) -> Material | None:
    """The photos as they are to learn from, judged as ever."""
    material = NOISY.prepare(request, gathered, base, stop)
    shots = [piece for photo in gathered.learn for piece in photo.pieces]
    return material and replace(material, training=stack_photos(shots, torch.device("cpu")))


def _neighbours(
    network: nn.Module, damaged: Damaged, generator: Generator, config: TrainingConfig
) -> dict[str, Tensor]:
    """Neighbor2Neighbor (Huang et al., CVPR 2021): of every four pixels one is to foretell the
    one beside it."""
    noisy = damaged[0]
    cells = functional.pixel_unshuffle(noisy, 2).unflatten(1, (3, 4))
    which = torch.randint(4, cells[:, :1, :1].shape, generator=generator)
    turn = torch.randint(2, which.shape, generator=generator)
    beside = torch.where(turn == 0, which ^ 1, which ^ 2)

    def sampled(picture: Tensor, index: Tensor) -> Tensor:
        parts = functional.pixel_unshuffle(picture, 2).unflatten(1, (3, 4))
        return parts.gather(2, index.expand(-1, 3, -1, -1, -1))[:, :, 0]

    with torch.no_grad():
        whole = _restored(network, noisy)
        change = sampled(whole, which) - sampled(whole, beside)
    error = _restored(network, sampled(noisy, which)) - sampled(noisy, beside)
    return {"loss": error.square().mean(), "held": (error - change).square().mean()}


def _masked(
    network: nn.Module, damaged: Damaged, generator: Generator, config: TrainingConfig
) -> dict[str, Tensor]:
    """Noise2Void (Krull et al., CVPR 2019): pixels that were replaced by another nearby are to be
    foretold from what is around them."""
    noisy = damaged[0]
    hidden = torch.rand(noisy[:, :1].shape, generator=generator) < 0.02
    down, right = (torch.randint(1, 3, (2,), generator=generator)).tolist()
    moved = torch.where(hidden, noisy.roll((down, -right), (2, 3)), noisy)
    error = (_restored(network, moved) - noisy).square() * hidden
    return {"loss": error.sum() / (3 * hidden.sum())}


def _restored(network: nn.Module, noisy: Tensor) -> Tensor:
    level = cast(DenoiseNet, network).noise_level(noisy).view(-1, 1, 1, 1)
    return network(noisy.contiguous(memory_format=torch.channels_last), level).float()


def _other(objective: Callable[..., dict[str, Tensor]]) -> Lesson:
    learning = replace(
        LEARNING, degrade=lambda noisy, generator, config: (noisy,), objective=objective
    )
    # However far it falls it is not put back: what it comes to is to be seen.
    settings = {**NOISY.settings, "fall": 99.0}
    return replace(
        NOISY, settings=settings, prepare=_prepare_noisy, learning=lambda material: learning
    )


WAYS = {"fitted": NOISY, "neighbours": _other(_neighbours), "masked": _other(_masked)}


@app.command()
def mark(
    photos: Path, test: Path, logo: Path, minutes: Minutes = 10, threads: Threads = 2,
    base: str = "auto", opacity: float = 0.5,
) -> None:  # fmt: skip
    taught(
        Request(
            "dewatermark", photos, "measured-mark", marks=(logo,), base=base, minutes=minutes,
            threads=threads, afresh=True,
        )
    )  # fmt: skip
    files = pictures_in(test)
    samples = [_stamped(path, logo, opacity, number) for number, path in enumerate(files)]
    for name in (base, "measured-mark"):
        model = restore.load("dewatermark", name, "cpu")
        options = restore.TASKS["dewatermark"].options()
        scores, hits = [], []
        for marked, clean, mask in samples:
            outcome = model.restore(marked, options)
            found = outcome.maps["mask"] > 0
            scores.append(psnr_of(outcome.array / 255, clean / 255))
            hits.append(2 * (found & mask).sum() / max(found.sum() + mask.sum(), 1))
        say(f"{name}: {statistics.fmean(scores):.2f} dB, F1 {statistics.fmean(hits):.3f}")
    marked = statistics.fmean(psnr_of(one / 255, two / 255) for one, two, _ in samples)
    say(f"the marked photos: {marked:.2f} dB")


def _stamped(
    path: Path, logo: Path, opacity: float, number: int
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.bool_]]:
    """A photo with the logo somewhere, a quarter to a half of it wide; the photo; the mask."""
    draw = np.random.default_rng(number)
    with Image.open(path) as image:
        photo = image.convert("RGB")
    with Image.open(logo) as image:
        stamp = image.convert("RGBA")
    side = int(min(photo.size) * draw.uniform(0.25, 0.5))
    stamp.thumbnail((side, side))
    layer = Image.new("RGBA", photo.size, (0, 0, 0, 0))
    place = (photo.width - stamp.width, photo.height - stamp.height)
    layer.paste(stamp, (int(draw.integers(place[0] + 1)), int(draw.integers(place[1] + 1))))
    clean, rgba = np.asarray(photo), np.asarray(layer, np.float64)
    matte = rgba[..., 3:] / 255 * opacity
    marked = np.rint(clean * (1 - matte) + rgba[..., :3] * matte).astype(np.uint8)
    return marked, clean, np.abs(marked.astype(int) - clean).sum(2) > 15


@app.command()
def colours(
    photos: Path, test: Path, minutes: Minutes = 10, threads: Threads = 2,
    rate: float = COLOURS.settings["learning_rate"],
) -> None:  # fmt: skip
    name = f"measured-colours-{rate:g}"
    LESSONS["colours"] = replace(COLOURS, settings={**COLOURS.settings, "learning_rate": rate})
    taught(
        Request(
            "colorize", photos, name, base="colorize", minutes=minutes,
            threads=threads, afresh=True,
        )
    )  # fmt: skip
    truths = [read_rgb8(path) for path in pictures_in(test)]
    rows = {}
    for model in ("colorize", name):
        colorize = restore.load("colorize", model, "cpu")
        rows[model] = [difference(np.asarray(colorize(gray_of(x))), x) for x in truths]
        say(f"{model}: CIEDE2000 {statistics.fmean(rows[model]):.2f} on {len(truths)} photos")
    gains = [before - after for before, after in zip(*rows.values(), strict=True)]
    error = statistics.stdev(gains) / len(gains) ** 0.5
    say(f"gain {statistics.fmean(gains):.2f} with a standard error of {error:.2f}")


if __name__ == "__main__":
    app()
