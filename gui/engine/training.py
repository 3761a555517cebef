"""Fine-tuning, in the process that computes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from restore import finetune
from restore.gui.engine.messages import Export, Keep, Learned, Train

if TYPE_CHECKING:
    from restore.gui.engine.process import Server


def train(server: Server, request: Train) -> None:
    """Look at the photos, or learn from them; between two steps everything else has its turn."""

    def tell(event: finetune.Event) -> None:
        server.reply(Learned(request.id, event))

    def stop() -> bool:
        server.give_way()  # asked for during validations as well, which take seconds
        return request.id in server.cancelled

    def pause() -> bool:
        # No time is used up while this says yes, and so none by what it gives way to.
        return server.give_way() or request.id in server.paused

    # Where the preferences say; the form does not ask for it again.
    wanted = replace(request.request, device=server.chain.where.device)
    if request.check:
        tell(finetune.examine(wanted, stop))
        return
    try:
        finetune.finetune(wanted, tell, stop, pause)
    finally:
        server.chain.forget()
    server.say_hello()


def export(request: Export) -> None:
    """Write a model to a file."""
    from restore.exchange import export_model
    from restore.zoo import named_model

    export_model(named_model(request.name), request.path)


def keep(server: Server, request: Keep) -> None:
    """Make a model from a checkpoint."""
    finetune.keep(request.name, request.step)
    server.chain.forget()
    server.say_hello()
