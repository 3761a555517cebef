"""A fine-tuning from its request to its verdict."""

from __future__ import annotations

from collections.abc import Callable

from restore.finetune.events import Event, Examined, Verdict
from restore.finetune.request import Request


def examine(request: Request) -> Examined:
    """The data check alone: reads all photos, trains nothing, writes nothing.

    Raises:
        UnreadableImage: the folder is not there or holds no pictures.
        UnknownModel, BadWeights: see `restore.zoo.find_model`.
    """
    raise NotImplementedError


def finetune(
    request: Request,
    observe: Callable[[Event], None] = lambda event: None,
    stop: Callable[[], bool] = lambda: False,
    pause: Callable[[], bool] = lambda: False,
) -> Verdict:
    """Fine-tune a model on a user's photos and prove what it is worth.

    Everything that has been reached is in the user's folder at any moment: after a stop, a crash or
    a kill the same request goes on from there, exactly.

    Args:
        observe: called with each event, in the thread that trains; it should return soon.
        stop: asked before each step; once it says True, the best so far is kept, and that is it.
        pause: asked before each step; nothing is done, and no time is used up, while it says True.

    Raises:
        TrainingError: the check refuses the photos (`Examined` has been told before), or the name
            is that of another run.
    """
    raise NotImplementedError
