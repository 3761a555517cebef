"""What fine-tuning is worth, on photos whose truth it never sees: `python tests/measure_finetune.py`.

    noise SHOTS          pairs *_real.* and *_mean.*, as those of CC15: learns from the noisy shots
                         of one half, alone, and is measured against the means of the other; and
                         at each checkpoint the criterion of the proof beside the true gain
    mark PHOTOS LOGO     a logo at a fixed opacity: learns on 40 photos, is measured on 20 others
    colours PHOTOS TEST  learns from one folder of colour photos, is measured on another

The user's folder is that of RESTORE_HOME, or the usual one: the models are called measured-*.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from numpy.typing import NDArray
from PIL import Image

import restore
from restore.bench.colorize import difference, gray_of
from restore.bench.measure import pictures_in, psnr_of, read_rgb
from restore.degradation.fitted import fit_noise
from restore.finetune import Event, Request, Validated, Verdict, finetune
from restore.finetune.denoise import CLEANING, LEAST_SMOOTHING, MOST_SMOOTHING, SMOOTHING
from restore.finetune.gather import read_rgb8
from restore.finetune.publish import publish
from restore.finetune.store import Store
from restore.tasks.denoise import Denoiser

app = typer.Typer(help=__doc__, pretty_exceptions_enable=False)
Minutes = Annotated[float, typer.Option()]
Threads = Annotated[int, typer.Option()]


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
def noise(shots: Path, minutes: Minutes = 10, threads: Threads = 2, base: str = "fast") -> None:
    noisy = [path for path in pictures_in(shots) if "_real" in path.stem]
    with tempfile.TemporaryDirectory() as folder:
        for path in noisy[::2]:
            (Path(folder) / path.name).write_bytes(path.read_bytes())
        name = f"measured-noise-{base}"
        taught(
            Request(
                "denoise", Path(folder), name, base=base, minutes=minutes, threads=threads,
                afresh=True,
            )
        )  # fmt: skip
    pairs = [
        (read_rgb(path), read_rgb(path.with_stem(path.stem.replace("_real", "_mean"))))
        for path in noisy[1::2]
    ]
    before = _measured(restore.load("denoise", base, "cpu"), pairs)
    say(f"base: {np.mean(before[0]):.2f} dB; criterion {np.mean(before[1]):.2f}")
    rows = []
    for point in Store(name).checkpoints()[1:]:
        model = publish(Store(name), point.step, {}, draft=True)
        after = _measured(restore.load("denoise", str(model.path), "cpu"), pairs)
        rows.append(np.subtract(after, before))
        gain, told = rows[-1].mean(1)
        say(f"step {point.step}: true gain {gain:.2f} dB, by the criterion {told:.2f}")
    flat = np.stack(rows).transpose(1, 0, 2).reshape(2, -1)
    say(f"correlation over photos and checkpoints {np.corrcoef(flat)[0, 1]:.3f}")
    publish(Store(name), None, {}, draft=True)
    final = _measured(restore.load("denoise", name, "cpu"), pairs)[0]
    say(f"the model: {np.mean(final):.2f} dB, gain {np.mean(final) - np.mean(before[0]):.2f}")
    say("by photo: " + " ".join(f"{b - a:+.2f}" for a, b in zip(before[0], final, strict=True)))


Pair = tuple[NDArray[np.float32], NDArray[np.float32]]


def _measured(denoise: Denoiser, pairs: list[Pair]) -> tuple[list[float], list[float]]:
    """PSNR of each photo: the true one, and that of the criterion, which needs no truth."""
    base = restore.load("denoise", "fast", "cpu")
    noisy = [torch.from_numpy(shot.copy()).permute(2, 0, 1) for shot, _ in pairs]
    soft = []
    for shot, _ in pairs:
        level = SMOOTHING * base.estimate_sigma(shot)
        smooth = base(shot, sigma=min(max(level, LEAST_SMOOTHING), MOST_SMOOTHING))
        soft.append(torch.from_numpy(np.asarray(smooth).copy()).permute(2, 0, 1))
    fitted = fit_noise(noisy, soft)
    generator = torch.Generator().manual_seed(1)
    true, told = [], []
    for number, (shot, truth) in enumerate(pairs):
        true.append(psnr_of(np.clip(denoise(shot), 0, 1), truth))
        clean = np.clip(base(shot, sigma=CLEANING * float(fitted.sigma()[number])), 0, 1)
        picture = torch.from_numpy(clean.copy()).permute(2, 0, 1)[None]
        again = fitted.add_at(picture, fitted.gains[number : number + 1], generator)
        restored = denoise(np.ascontiguousarray(again[0].permute(1, 2, 0).numpy()))
        told.append(psnr_of(np.clip(restored, 0, 1), clean))
    return true, told


@app.command()
def mark(
    photos: Path, logo: Path, minutes: Minutes = 10, threads: Threads = 2, base: str = "auto",
    opacity: float = 0.5,
) -> None:  # fmt: skip
    files = pictures_in(photos)[:60]
    with tempfile.TemporaryDirectory() as folder:
        for path in files[:40]:
            (Path(folder) / path.name).write_bytes(path.read_bytes())
        taught(
            Request(
                "dewatermark", Path(folder), "measured-mark", marks=(logo,), base=base,
                minutes=minutes, threads=threads, afresh=True,
            )
        )  # fmt: skip
    samples = [_stamped(path, logo, opacity, number) for number, path in enumerate(files[40:])]
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
def colours(photos: Path, test: Path, minutes: Minutes = 10, threads: Threads = 2) -> None:
    taught(
        Request(
            "colorize", photos, "measured-colours", base="colorize", minutes=minutes,
            threads=threads, afresh=True,
        )
    )  # fmt: skip
    truths = [read_rgb8(path) for path in pictures_in(test)]
    rows = {}
    for name in ("colorize", "measured-colours"):
        colorize = restore.load("colorize", name, "cpu")
        rows[name] = [difference(np.asarray(colorize(gray_of(x))), x) for x in truths]
        say(f"{name}: CIEDE2000 {statistics.fmean(rows[name]):.2f} on {len(truths)} photos")
    better = sum(b < a for a, b in zip(*rows.values(), strict=True))
    say(f"better on {better} of them")


if __name__ == "__main__":
    app()
