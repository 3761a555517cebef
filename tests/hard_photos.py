"""Photos on which a finder of marks sees one at first sight though there is none, to train on more.

    python tests/hard_photos.py PHOTOS OUT [--times 4] [--model NAME]

Copies those of PHOTOS that training does not hold out so many times into OUT, under names that are
not held out either; OUT is then a part of what is trained on. Mining what is hardest is how
detectors learn what is nothing (Felzenszwalb et al., "Object Detection with Discriminatively
Trained Part-Based Models", PAMI 2010).
"""

from __future__ import annotations

import shutil
from itertools import count, islice
from pathlib import Path
from typing import cast

import typer

import restore
from restore.bench.measure import pictures_in
from restore.tasks.dewatermark import Dewatermarker
from restore.tasks.dewatermark_mask import found_mask, readily
from restore.training.config import TrainingConfig
from restore.training.photos import is_held_out, read_rgb8

FEWEST = 60
"""Pixels; what is smaller soon goes by itself."""


def main(photos: Path, out: Path, times: int = 4, model: str = "auto") -> None:
    finder = cast(Dewatermarker, restore.load("dewatermark", model, "cpu")).finder
    out.mkdir(parents=True, exist_ok=True)
    held_out = TrainingConfig.held_out
    paths = [path for path in pictures_in(photos) if not is_held_out(path.name, held_out)]
    hard = 0
    for path in paths:
        seen = found_mask(finder.look(read_rgb8(path), None), readily(0.5))
        if seen.sum() <= FEWEST:
            continue
        hard += 1
        names = (f"{path.stem}-again-{number}{path.suffix}" for number in count())
        for name in islice((name for name in names if not is_held_out(name, held_out)), times):
            shutil.copy(path, out / name)
    typer.echo(f"{hard} of {len(paths)}")


if __name__ == "__main__":
    typer.run(main)
