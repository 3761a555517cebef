"""What a fine-tuning tells whoever watches it: plain values, without torch, that can be pickled."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from numpy.typing import NDArray

from restore.finetune.request import Way

Level = Literal["fine", "warning", "refusal"]


@dataclass(frozen=True)
class Finding:
    """One thing that the check of the photos has found, in plain words."""

    level: Level
    """`refusal`: it can't be learned from this, and the text says what would help."""
    text: str
    files: tuple[str, ...] = ()
    """Names of the files it is about, if it is about some."""


@dataclass(frozen=True)
class Examined:
    """The photos have been looked at; the first event of a run."""

    way: Way
    words: str
    """The way of learning, as it is said aloud."""
    findings: tuple[Finding, ...]
    photos: int
    """To learn from."""
    held_out: tuple[str, ...]
    """Names of the photos that nothing is learned from: they choose the checkpoint and prove it."""
    criterion: str
    """What the proof measures, in words."""
    metric: str
    """Its short name, for axes and tables: `dB PSNR`, `CIEDE2000`."""
    higher_is_better: bool

    @property
    def usable(self) -> bool:
        return all(finding.level != "refusal" for finding in self.findings)


@dataclass(frozen=True)
class Stage:
    """What is being done now, before and after the steps: one short line."""

    text: str


@dataclass(frozen=True)
class Progress:
    """A step has been made; told about four times a second."""

    step: int
    seconds: float
    """Used up so far, of all parts of a run that was interrupted."""
    left: float
    """Seconds until it will be finished."""
    loss: float
    """Mean over the steps since the last one told."""


@dataclass(frozen=True)
class Sample:
    """A part of a held-out photo, (H, W, 3) uint8 each, of one size."""

    name: str
    before: NDArray[Any]
    """What the models are given."""
    base: NDArray[Any]
    """What the base model makes of it."""
    tuned: NDArray[Any]
    """What the new one makes of it."""
    truth: NDArray[Any] | None
    """What it should be, where that is known."""
    base_score: float
    tuned_score: float
    """Of the whole of the photo that is measured."""


@dataclass(frozen=True)
class Validated:
    """The model as it is now, measured on the held-out photos; at step 0 it is the base model."""

    step: int
    seconds: float
    score: float
    """Of the photos that choose the checkpoint, see `Examined.metric`."""
    base: float
    """The base model's, for the same photos."""
    best: bool
    """The best so far: what is kept if all ends now."""
    samples: tuple[Sample, ...]


@dataclass(frozen=True)
class Recovered:
    """Loss or weights went astray: the last good state is back, and the rate is lower."""

    step: int
    text: str


@dataclass(frozen=True)
class Proof:
    """Base and new model on the held-out photos that had no part in any choice."""

    metric: str
    higher_is_better: bool
    base: float
    tuned: float
    gain: float
    """Positive where the new model is better, whatever the metric."""
    margin: float
    """Standard error of the gain over the photos; 0 for a single one."""
    photos: tuple[tuple[str, float, float], ...]
    """Name, base, tuned."""
    samples: tuple[Sample, ...]
    sheet: Path | None
    """Before and after as one picture, if it was written."""


@dataclass(frozen=True)
class Checkpoint:
    """A state of the model that can be had back."""

    step: int
    minutes: float
    score: float
    path: Path


@dataclass(frozen=True)
class Verdict:
    """How it ended; the last event, and what `finetune` returns."""

    better: bool
    text: str
    """In plain words, for the user."""
    model: Path | None
    """The weights in the user's folder; None where there is nothing to keep yet."""
    draft: bool
    """Kept, but not better than its base: only used when named."""
    stopped: bool
    """It was stopped before its time was up; the same request goes on."""
    proof: Proof | None
    checkpoints: tuple[Checkpoint, ...] = ()


Event = Examined | Stage | Progress | Validated | Recovered | Proof | Verdict
