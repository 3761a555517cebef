"""What is to be learned from which photos: the form of a fine-tuning, as it is filled in."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from restore.finetune import Request, Way

WAYS: tuple[Way, ...] = ("noisy", "clean", "pairs", "marks", "colours")
TASK_OF_WAY = {
    "noisy": "denoise",
    "clean": "denoise",
    "pairs": "denoise",
    "marks": "dewatermark",
    "colours": "colorize",
}
MINUTES = (1, 600)

Field = Literal["photos", "beside", "name"]


@dataclass(frozen=True)
class TrainingForm:
    """Everything is kept, also what the way that is chosen does not ask for."""

    way: Way = "noisy"
    photos: str = ""
    beside: str = ""
    """The folder of clean photos, or the picture of a mark or a folder of them."""
    name: str = ""
    base: str = "auto"
    minutes: int = 20

    @property
    def task(self) -> str:
        return TASK_OF_WAY[self.way]

    @property
    def missing(self) -> Field | None:
        """What has to be filled in first, if anything."""
        if not self.photos.strip():
            return "photos"
        if self.way in {"clean", "pairs"} and not self.beside.strip():
            return "beside"
        return None if self.name.strip() else "name"

    def request(self, *, afresh: bool = False) -> Request:
        """
        Raises:
            TrainingError: the form contradicts itself.
        """
        beside = _path(self.beside) if self.beside.strip() else None
        return Request(
            self.task,
            _path(self.photos),
            self.name.strip(),
            pairs=beside if self.way == "pairs" else None,
            photos_clean=beside if self.way == "clean" else None,
            marks=(beside,) if beside and self.way == "marks" else (),
            base=self.base,
            minutes=float(self.minutes),
            afresh=afresh,
        )

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def _path(text: str) -> Path:
    return Path(text.strip()).expanduser()
