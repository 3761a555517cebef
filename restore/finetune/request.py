"""What a fine-tuning can be asked for."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from restore.errors import TrainingError
from restore.tasks import TASKS

Way = Literal["noisy", "pairs", "clean", "marks", "colours"]
"""How it is learned: `noisy` photos alone; `pairs` of noisy and clean; `clean` photos, made noisy
as the noisy ones are; `marks` laid over photos without any; `colours` of colour photos."""

WORDS: dict[Way, str] = {
    "noisy": "from noisy photos alone: their noise is measured where they are smooth, and laid "
    "anew over what the base model makes of them",
    "pairs": "from pairs: each noisy photo beside its clean one",
    "clean": "from clean photos, made noisy the way the noisy ones are",
    "marks": "from photos without a mark, under the given marks at any place, size and opacity",
    "colours": "from the colours of the photos, given their gray copies",
}
"""Each way, as it is said aloud."""


@dataclass(frozen=True)
class Request:
    """One fine-tuning. The same request again goes on where it was stopped, or killed."""

    task: str
    """`denoise`, `dewatermark` or `colorize`."""
    photos: Path
    """Folder of the user's photos: noisy ones; photos without a mark; photos in colour."""
    name: str
    """What the new model will be called."""
    pairs: Path | None = None
    """denoise: folder of clean photos that are named as the noisy ones are."""
    photos_clean: Path | None = None
    """denoise: folder of clean photos of anything, to be made noisy as the noisy ones are."""
    marks: tuple[Path, ...] = ()
    """dewatermark: pictures of marks with transparency, or folders of them. None: those of the
    base recipe, text in any font."""
    base: str = "auto"
    """The model to start from: `fast`, `best`, `auto`, a name, or the path of a weights file."""
    minutes: float = 20.0
    """Time for all of it, check and proof included."""
    steps: int = 0
    """Train for this many steps instead, if positive: a run that can be repeated exactly."""
    device: str = "auto"
    threads: int = 0
    """CPU threads; 0 leaves it to torch."""
    afresh: bool = False
    """Forget what an earlier run of this name has done."""
    seed: int = 0

    def __post_init__(self) -> None:
        """
        Raises:
            TrainingError: the parts of the request contradict each other.
        """
        if self.task not in TASKS:
            raise TrainingError(f"no task {self.task!r}: there is {', '.join(TASKS)}")
        wrong = [
            option
            for option, given, task in (
                ("--pairs", self.pairs, "denoise"),
                ("--photos-clean", self.photos_clean, "denoise"),
                ("--mark", self.marks, "dewatermark"),
            )
            if given and task != self.task
        ]
        if wrong:
            raise TrainingError(f"{self.task} takes no {wrong[0]}: leave it out")
        if self.pairs and self.photos_clean:
            raise TrainingError("give --pairs or --photos-clean, not both")
        if self.minutes <= 0:
            raise TrainingError(f"--minutes must be more than 0, got {self.minutes:g}")

    @property
    def way(self) -> Way:
        """The way of learning that what is given allows; the most certain one."""
        if self.task == "dewatermark":
            return "marks"
        if self.task == "colorize":
            return "colours"
        return "pairs" if self.pairs else "clean" if self.photos_clean else "noisy"

    def to_json(self) -> str:
        """What decides on the result, to tell whether a run that is there is this one's."""
        values = asdict(self)
        for name in ("afresh", "device", "threads"):
            del values[name]
        return json.dumps(values, default=lambda path: str(Path(path).resolve()), sort_keys=True)
