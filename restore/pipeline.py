"""The path of a picture through a task: read -> restore -> write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from restore.batch import Job, Process
from restore.picture import read_picture, write_picture
from restore.tasks.denoise import Denoiser


def denoise_file(
    denoiser: Denoiser,
    *,
    strength: float = 1.0,
    sigma: float | None = None,
    quality: int | None = None,
    on_progress: Callable[[float], None] | None = None,
) -> Process:
    """What `restore.batch.run` does with each file to denoise it."""

    def process(job: Job) -> tuple[float, str, dict[str, Any]]:
        picture = read_picture(job.source)
        level = denoiser.estimate_sigma(picture.array) if sigma is None else sigma
        restored = denoiser(picture.array, strength=strength, sigma=level, on_progress=on_progress)
        write_picture(picture.with_array(restored), job.target, quality)
        height, width = picture.array.shape[:2]
        return height * width / 1e6, picture.note, {"sigma": round(level, 2)}

    return process
