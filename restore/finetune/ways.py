"""The ways of learning. A new one is a `Lesson` in the module of its task, and a line here."""

from __future__ import annotations

from restore.finetune import colorize, denoise, dewatermark
from restore.finetune.lesson import Lesson
from restore.finetune.request import Way

LESSONS: dict[Way, Lesson] = {
    "noisy": denoise.NOISY,
    "clean": denoise.CLEAN,
    "pairs": denoise.PAIRS,
    "marks": dewatermark.MARKS,
    "colours": colorize.COLOURS,
}
