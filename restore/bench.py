"""Measures denoisers: on clean photos that it degrades itself, and on noisy and clean pairs.

The protocol for white noise is that of the literature: sigma 15, 25 and 50 on all three channels,
numpy's `default_rng(0)` for every picture, neither clipped nor rounded; the result is clipped but
not rounded; PSNR per picture, then the mean.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from restore.arrays import from_unit, to_unit
from restore.baselines import BASELINES, Denoise
from restore.errors import UnreadableImage
from restore.picture import READABLE, read_picture
from restore.tasks.denoise import Denoiser

FloatArray = NDArray[np.float32]
Report = Callable[[str, str, float], None]
"""Called with method, case and PSNR in dB as soon as they are known."""


@dataclass(frozen=True)
class Case:
    """A way of degrading, and whether the denoiser is told the level."""

    name: str
    pictures: Callable[[], Iterator[tuple[FloatArray, FloatArray]]]
    """Yields (noisy, clean), float32 (H, W, 3)."""
    sigma: float | None


def clean_cases(folder: Path, limit: int | None = None) -> list[Case]:
    """White noise given and blind, clipped to 8 bits as in a file, and no noise at all."""
    files = pictures_of(folder)[:limit]

    def degraded(sigma: float, as_file: bool) -> Iterator[tuple[FloatArray, FloatArray]]:
        for path in files:
            clean = rgb_of(path)
            noise = np.random.default_rng(0).normal(0, sigma / 255, clean.shape)
            noisy = (clean + noise).astype(np.float32)
            if as_file:
                noisy = to_unit(from_unit(noisy, np.dtype(np.uint8)))
            yield noisy, clean

    def case(name: str, sigma: float, *, told: bool, as_file: bool = False) -> Case:
        return Case(name, lambda: degraded(sigma, as_file), sigma if told else None)

    return [
        case("sigma 15", 15, told=True),
        case("sigma 25", 25, told=True),
        case("sigma 50", 50, told=True),
        case("15 blind", 15, told=False),
        case("25 blind", 25, told=False),
        case("50 blind", 50, told=False),
        case("25 in 8 bits", 25, told=True, as_file=True),
        case("clean", 0, told=False, as_file=True),
    ]


def pair_case(folder: Path, noisy: str, clean: str, limit: int | None = None) -> Case:
    """Pairs of files in one folder that differ in a part of their names, for instance
    `a_real.png` (noisy="_real") and `a_mean.png` (clean="_mean"); the level is not told.

    Raises:
        UnreadableImage: no such pairs there.
    """
    pairs = [
        (path, partner)
        for path in pictures_of(folder)
        if noisy in path.stem
        for partner in [path.with_stem(path.stem.replace(noisy, clean))]
        if partner.is_file()
    ][:limit]
    if not pairs:
        raise UnreadableImage(f"{folder}: no pairs *{noisy}.* and *{clean}.* there")
    return Case("pairs, blind", lambda: ((rgb_of(one), rgb_of(two)) for one, two in pairs), None)


def measure(
    cases: list[Case], methods: dict[str, Denoise], report: Report
) -> dict[str, dict[str, float]]:
    """Mean PSNR in dB by method and case; the noisy input itself is the first method."""
    everything: dict[str, Denoise] = {"noisy input": lambda noisy, _: noisy, **methods}
    scores: dict[str, dict[str, float]] = {name: {} for name in everything}
    for case in cases:
        for name, method in everything.items():
            values = [
                psnr_of(np.clip(method(noisy, case.sigma), 0, 1), clean)
                for noisy, clean in case.pictures()
            ]
            scores[name][case.name] = round(statistics.fmean(values), 3)
            report(name, case.name, scores[name][case.name])
    return scores


def denoiser_method(denoiser: Denoiser) -> Denoise:
    return lambda noisy, sigma: denoiser(noisy, sigma=sigma)


def all_methods(denoisers: list[Denoiser], baselines: bool) -> dict[str, Denoise]:
    own = {denoiser.card.name: denoiser_method(denoiser) for denoiser in denoisers}
    return {**(BASELINES if baselines else {}), **own}


def megapixels_per_second(method: Denoise, side: int = 1024, rounds: int = 5) -> float:
    """Median speed on a square picture of noise, after one round to warm up."""
    noisy = np.random.default_rng(0).random((side, side, 3), np.float32)
    seconds = []
    for _ in range(rounds + 1):
        started = time.perf_counter()
        method(noisy, 25)
        seconds.append(time.perf_counter() - started)
    return side * side / 1e6 / statistics.median(seconds[1:])


def psnr_of(restored: NDArray[Any], truth: NDArray[Any]) -> float:
    """PSNR in dB of arrays in [0, 1], at most 100."""
    error = float(np.mean((restored.astype(np.float64) - truth.astype(np.float64)) ** 2))
    return float(-10 * np.log10(max(error, 1e-10)))


def pictures_of(folder: Path) -> list[Path]:
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in READABLE)
    if not found:
        raise UnreadableImage(f"{folder}: no pictures there")
    return found


def rgb_of(path: Path) -> FloatArray:
    array = to_unit(read_picture(path).array)
    if array.ndim == 2:
        array = np.repeat(array[..., None], 3, 2)
    return array[..., :3]
