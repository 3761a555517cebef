"""What the window and the computing process say to each other.

Pixels travel as .npy files in a folder that both know: the receiver deletes them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from restore import finetune
from restore.pipeline import Saving
from restore.plan import Job
from restore.recipe import Step

Box = tuple[int, int, int, int]
"""top, bottom, left, right in pixels of the picture."""


@dataclass(frozen=True)
class StepCall(Step):
    """A step of the recipe as it applies to one picture."""

    key: str = ""
    """Equal for two calls that compute the same, whatever their strength."""
    computed: float = 1.0
    """The strength it is computed at as the last step. Where all of it, what is seen is mixed as it
    is drawn; colours are not, for they are mixed at equal lightness."""


# Requests


@dataclass(frozen=True)
class Setup:
    """Where to compute from now on."""

    device: str = "auto"
    tile: int | None = None


@dataclass(frozen=True)
class Render:
    """The picture after all steps, the last of them at the strength it is computed at."""

    id: int
    source: Path
    steps: tuple[StepCall, ...]
    window: Box | None = None
    """Only this part, if the last step can be computed in parts; else nothing is sent. Such a
    request interrupts a whole picture, as a picture interrupts a batch."""


@dataclass(frozen=True)
class Look:
    """What a step sees in a picture: its mask, or how uncertain it is."""

    id: int
    source: Path
    before: tuple[StepCall, ...]
    step: StepCall
    what: Literal["detect", "uncertainty"]


@dataclass(frozen=True)
class Work:
    """One file of a batch."""

    job: Job
    steps: tuple[StepCall, ...]


@dataclass(frozen=True)
class Batch:
    id: int
    files: tuple[Work, ...]
    saving: Saving
    overwrite: bool = False


@dataclass(frozen=True)
class Train:
    """A fine-tuning; it gives way to all other requests, and goes on after them."""

    id: int
    request: finetune.Request
    check: bool = False
    """Only look at the photos."""


@dataclass(frozen=True)
class Keep:
    """Make the model of a fine-tuning from one of its checkpoints; None: the best."""

    id: int
    name: str
    step: int | None = None


@dataclass(frozen=True)
class Export:
    """Write a model of the user's to a file, as safetensors or ONNX by its suffix."""

    id: int
    name: str
    path: Path


@dataclass(frozen=True)
class Control:
    what: Literal["cancel", "pause", "go", "quit"]
    id: int = 0
    """Of the request that it is about."""


# Replies


@dataclass(frozen=True)
class Hello:
    """What this machine and this installation have."""

    devices: tuple[str, ...]
    device: str
    cards: tuple[dict[str, Any], ...]
    defaults: dict[str, str] = field(default_factory=dict)
    """The user's own models that `auto` stands for, by task."""


@dataclass(frozen=True)
class PictureProgress:
    id: int
    share: float
    """Of the picture, in [0, 1]."""
    stage: str = ""


@dataclass(frozen=True)
class Pixels:
    id: int
    what: Literal["window", "full", "base", "detect", "uncertainty"]
    """`base` is what the last step was given, where that is not the file itself."""
    file: Path
    box: Box
    facts: dict[str, Any] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True)
class FileProgress:
    """How far a file of a batch is; 0 as the device begins with it. Several may be under way."""

    id: int
    index: int
    share: float


@dataclass(frozen=True)
class FileDone:
    id: int
    index: int
    status: Literal["done", "skipped", "failed"]
    message: str
    seconds: float
    megapixels: float
    facts: dict[str, Any]
    already: bool = False
    """Skipped because an earlier run has made it."""


@dataclass(frozen=True)
class Learned:
    """What a fine-tuning has to tell."""

    id: int
    event: finetune.Event


@dataclass(frozen=True)
class Ended:
    id: int
    how: Literal["finished", "cancelled", "failed"]
    message: str = ""
    error: str = ""
    """Name of the error's class, where it failed."""


@dataclass(frozen=True)
class Told:
    """A warning of the engine, for instance that it went on with smaller tiles."""

    id: int
    text: str


Reply = Hello | PictureProgress | Pixels | FileProgress | FileDone | Learned | Ended | Told
Task = Render | Look | Batch | Train | Keep | Export
"""What the engine is at for a while, until it says that it has ended."""
Request = Setup | Task | Control
