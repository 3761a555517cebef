"""What a fine-tuned model is worth, in figures, pictures and plain words."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from restore.finetune.events import Proof
from restore.finetune.judge import FEW_PHOTOS, Answer, Judge
from restore.picture import Picture, write_picture
from restore.sheet import Row, contact_sheet

LEAST_GAIN = {"dB PSNR": 0.05, "CIEDE2000": 0.05}
"""Nobody sees less."""
CERTAINTY = 1.3
"""Standard errors that a gain has to be above nothing: by chance alone one time in ten."""


def prove(judge: Judge, base: Sequence[Answer], tuned: Sequence[Answer]) -> Proof:
    """Compare two models on the pictures that had no part in the choice of a checkpoint."""
    sign = 1 if judge.higher_is_better else -1
    provers = judge.provers
    before, after = judge.by_photo(base, provers), judge.by_photo(tuned, provers)
    photos = [(name, before[name], after[name]) for name in before]
    gains = [sign * (two - one) for _, one, two in photos]
    if len(photos) < FEW_PHOTOS // 2:  # then parts of them have to stand for themselves
        gains = [
            sign * ((tuned[number].score or 0.0) - (base[number].score or 0.0))
            for number in provers
        ]
    margin = statistics.stdev(gains) / len(gains) ** 0.5 if len(gains) > 1 else 0.0
    return Proof(
        metric=judge.metric,
        higher_is_better=judge.higher_is_better,
        base=statistics.fmean(one for _, one, _ in photos),
        tuned=statistics.fmean(two for _, _, two in photos),
        gain=statistics.fmean(sign * (two - one) for _, one, two in photos),
        margin=margin,
        photos=tuple(photos),
        samples=judge.samples(base, tuned),
        sheet=None,
    )


def is_better(proof: Proof) -> bool:
    """Whether the gain can be seen, and is not chance."""
    return proof.gain > max(LEAST_GAIN[proof.metric], CERTAINTY * proof.margin)


def verdict_words(proof: Proof, name: str, base: str, stopped: bool, kept: str = "") -> str:
    """What a proof says, for the user.

    Args:
        kept: a sentence on where a model is that is not better; by default it is a draft.
    """
    figures = f"{proof.base:.2f} -> {proof.tuned:.2f} {proof.metric}"
    count = len(proof.photos)
    where = f"on {count} held-out photo{'s' if count > 1 else ''}"
    if proof.metric == "CIEDE2000":
        where += " (lower is better)"
    text = f"{figures} {where}: "
    if is_better(proof):
        text += f"{name} is better than {base} on your photos, by {proof.gain:.2f}."
    elif proof.gain > 0:
        text += (
            f"{name} is hardly better than {base}, by {proof.gain:.2f}, which may be chance; more "
            "photos or more time may help."
        )
    else:
        text += f"{name} is not better than {base}."
    if not is_better(proof):
        text += f" {kept or 'It is kept as a draft.'}"
    if stopped:
        text += " It was stopped early; the same command goes on from here."
    return text


def write_sheet(proof: Proof, path: Path) -> Proof:
    """Write before and after of its samples as one picture; the proof that knows of it."""
    rows = []
    for sample in proof.samples:
        caption = f"{sample.name}   {sample.base_score:.2f} -> {sample.tuned_score:.2f}"
        rows.append(Row(sample.base, sample.tuned, f"{caption} {proof.metric}"))
    heads = ("base model", "fine-tuned", "base model, detail", "fine-tuned, detail")
    write_picture(Picture(np.asarray(contact_sheet(rows, heads)), "png"), path)
    return replace(proof, sheet=path)
