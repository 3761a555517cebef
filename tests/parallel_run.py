"""A short run, alone or started by torchrun: `parallel_run.py PHOTOS RUN`, the loss on stdout."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import torch

from restore.autoencoder import AutoencoderConfig
from restore.finetune.denoise import _blind
from restore.tasks.denoise_learning import LEARNING
from restore.training.config import TrainingConfig
from restore.training.loop import Watch, learn
from restore.training.photos import load_photos

CONFIG = TrainingConfig(
    network=AutoencoderConfig(widths=(4, 8), code_channels=8, blocks=1),
    steps=8,
    batch=4,
    patch=32,
    late_share=0,
    warmup=2,
    learning_rate=3e-3,
)


def main(photos: str, run: str) -> None:
    torch.set_num_threads(1)
    device = torch.device("cpu")
    training, held_out = load_photos(Path(photos), smallest=32, held_out=0.3, device=device)
    task = replace(
        LEARNING,
        degrade=lambda clean, generator, config: LEARNING.degrade(clean, generator, config)[:2],
        objective=_blind,
    )

    def report(progress: object, terms: dict[str, float]) -> None:
        sys.stdout.write(f"loss {terms['loss']!r}\n")

    learn(
        task, CONFIG, training, held_out, Path(run), device=device,
        watch=Watch(report, report_every=1),
    )  # fmt: skip


if __name__ == "__main__":
    main(*sys.argv[1:])
