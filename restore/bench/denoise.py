"""The bench of the denoise task: clean photos that it makes noisy, and noisy and clean pairs.

The protocol for white noise is that of the literature: sigma 15, 25 and 50 on all three channels,
numpy's `default_rng(0)` for every picture, neither clipped nor rounded; the result is clipped but
not rounded; PSNR per picture, then the mean.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from restore.arrays import from_unit, to_unit
from restore.bench.baselines import BASELINES, Denoise
from restore.bench.measure import Bench, Case, FloatArray, pictures_in, psnr_of, read_rgb
from restore.errors import UnreadableImage
from restore.tasks.denoise import Denoiser


class Noisy(NamedTuple):
    """A picture (H, W, 3) with noise, without it, and the level if the method is told."""

    noisy: FloatArray
    clean: FloatArray
    sigma: float | None


def bench(denoisers: list[Denoiser], cases: list[Case[Noisy]], baselines: bool) -> Bench[Noisy]:
    """The noisy input, the classical methods if wanted, and the denoisers, by PSNR in dB."""
    own = {denoiser.card.name: _own(denoiser) for denoiser in denoisers}
    classical = {name: _classical(method) for name, method in BASELINES.items() if baselines}
    methods = {"noisy input": lambda sample: sample.noisy, **classical, **own}
    picture = np.random.default_rng(0).random((1000, 1000, 3), np.float32)
    return Bench(
        cases,
        methods,
        lambda restored, sample: {"PSNR": psnr_of(np.clip(restored, 0, 1), sample.clean)},
        Noisy(picture, picture, 25),
    )


def _own(denoiser: Denoiser) -> Callable[[Noisy], FloatArray]:
    return lambda sample: denoiser(sample.noisy, sigma=sample.sigma)


def _classical(method: Denoise) -> Callable[[Noisy], FloatArray]:
    return lambda sample: method(sample.noisy, sample.sigma)


def clean_cases(folder: Path, limit: int | None = None) -> list[Case[Noisy]]:
    """White noise given and blind, clipped to 8 bits as in a file, and no noise at all."""
    files = pictures_in(folder)[:limit]

    def degraded(sigma: float, told: bool, as_file: bool) -> Iterator[Noisy]:
        for path in files:
            clean = read_rgb(path)
            noise = np.random.default_rng(0).normal(0, sigma / 255, clean.shape)
            noisy = (clean + noise).astype(np.float32)
            if as_file:
                noisy = to_unit(from_unit(noisy, np.dtype(np.uint8)))
            yield Noisy(noisy, clean, sigma if told else None)

    def case(name: str, sigma: float, *, told: bool, as_file: bool = False) -> Case[Noisy]:
        return Case(name, lambda: degraded(sigma, told, as_file))

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


def pair_case(folder: Path, noisy: str, clean: str, limit: int | None = None) -> Case[Noisy]:
    """Pairs of files in one folder that differ in a part of their names, for instance
    `a_real.png` (noisy="_real") and `a_mean.png` (clean="_mean"); the level is not told.

    Raises:
        UnreadableImage: no such pairs there.
    """
    pairs = [
        (path, partner)
        for path in pictures_in(folder)
        if noisy in path.stem
        for partner in [path.with_stem(path.stem.replace(noisy, clean))]
        if partner.is_file()
    ][:limit]
    if not pairs:
        raise UnreadableImage(f"{folder}: no pairs *{noisy}.* and *{clean}.* there")
    return Case("pairs, blind", lambda: (Noisy(read_rgb(a), read_rgb(b), None) for a, b in pairs))
