"""What becomes of the files of a folder: one result each, whatever happens to any of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from restore.errors import RestoreError
from restore.plan import Job

Status = Literal["done", "skipped", "failed"]


@dataclass(frozen=True)
class Result:
    """What became of a job."""

    job: Job
    status: Status
    message: str = ""
    """Why it failed or was skipped, or what is worth knowing of how it went."""
    already: bool = False
    """Skipped because an earlier run has made it, by the same recipe: nothing to talk about."""
    seconds: float = 0.0
    """Of work on this file; waiting for its turn is not counted."""
    megapixels: float = 0.0
    facts: dict[str, Any] = field(default_factory=dict)
    """What the tasks found out, for instance the noise level."""
    details: dict[str, Any] = field(default_factory=dict)
    """How it was done: size, device, models, tile, changed share of pixels."""
    thumbnails: tuple[bytes, bytes] | None = field(default=None, repr=False)
    """Before and after, small, as JPEG, where they were asked for."""

    def to_dict(self) -> dict[str, Any]:
        return {
            "source": str(self.job.source),
            "target": str(self.job.target),
            "status": self.status,
            "message": self.message,
            "seconds": round(self.seconds, 3),
            "megapixels": round(self.megapixels, 3),
            **self.details,
            **self.facts,
        }


def failure(job: Job, error: Exception, seconds: float) -> Result:
    """The result of a job that went wrong, with a message that names the file."""
    message = str(error)
    if not isinstance(error, RestoreError):
        message = f"{job.source}: {type(error).__name__}: {error}"
    return Result(job, "failed", message, seconds=seconds)
