"""Fine-tuning on a user's own photos, with proof.

    from restore.finetune import Request, finetune
    outcome = finetune(Request("denoise", Path("scans"), "my-scanner"), observe=print)

Read in this order: `request` (what is asked for), `events` (what is told meanwhile), `material`
(the photos, checked), `ways` (how each kind of material teaches), `run` (one page), `proof`.
The training loop is that of `restore.training`; the models end up in the user's folder, where
`restore.zoo` finds them by name.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from restore.finetune.events import (
    Checkpoint,
    Event,
    Examined,
    Finding,
    Progress,
    Proof,
    Recovered,
    Sample,
    Stage,
    Validated,
    Verdict,
)
from restore.finetune.request import Request, Way

if TYPE_CHECKING:
    from restore.finetune.publish import keep
    from restore.finetune.run import examine, finetune

__all__ = [
    "Checkpoint",
    "Event",
    "Examined",
    "Finding",
    "Progress",
    "Proof",
    "Recovered",
    "Request",
    "Sample",
    "Stage",
    "Validated",
    "Verdict",
    "Way",
    "examine",
    "finetune",
    "keep",
]

_HEAVY = {"examine": "run", "finetune": "run", "keep": "publish"}


def __getattr__(name: str) -> Any:
    # Windows hold requests and events without torch; who computes imports it then.
    if name in _HEAVY:
        return getattr(import_module(f"restore.finetune.{_HEAVY[name]}"), name)
    raise AttributeError(f"module 'restore.finetune' has no attribute {name!r}")
