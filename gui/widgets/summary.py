"""What is said of a batch at its end, and of one that never came to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from restore.gui.jobs import Jobs
from restore.gui.texts import duration, translate
from restore.gui.training import Training
from restore.gui.unfinished import Unfinished
from restore.gui.widgets.message_bar import MessageBar

NAMED = 5
"""More failed files than this are counted, not named: the list of files has them all."""


def show(bar: MessageBar, jobs: Jobs) -> None:
    done, failed = jobs.count("done"), jobs.count("failed")
    text = f"{jobs.tally()}  ({duration(jobs.seconds)})"
    told = [
        result.message or jobs.work[result.index].job.source.name
        for result in jobs.results
        if result.status == "failed"
    ]
    reasons = list(dict.fromkeys([jobs.failure, *told] if jobs.failure else told))
    text = "\n".join([text, *reasons[:NAMED], *(["…"] if len(reasons) > NAMED else [])])
    actions: list[tuple[str, Callable[[], None]]] = []
    if failed:
        actions.append((translate("Summary", "Retry failed files"), jobs.retry_failed))
    if done:
        folder = jobs.work[0].job.root or jobs.work[0].job.target.parent
        actions.append((translate("Summary", "Open the folder"), lambda: open_folder(folder)))
    bar.show_message("bad" if reasons else "good", text, tuple(actions))


def offer_to_resume(bar: MessageBar, jobs: Jobs) -> None:
    """Ask, without a dialog, whether a batch that was cut short is to go on."""

    def offer(left: Unfinished) -> None:
        text = translate(
            "Summary", "The last export was cut short: {done} of {total} files are done."
        )
        bar.show_message(
            "info",
            text.format(done=left.done, total=left.total),
            (
                (translate("Summary", "Resume"), lambda: jobs.resume(left)),
                (translate("Summary", "Not now"), jobs.dismiss),
            ),
        )

    jobs.look_back(offer)


def offer_to_go_on(bar: MessageBar, training: Training) -> None:
    """The same for a training, which goes on exactly where it was."""
    if training.under_way:
        text = translate("Summary", "The training of {name} was cut short.")
        bar.show_message(
            "info",
            text.format(name=training.form.name),
            ((translate("Summary", "Go on"), training.start),
             (translate("Summary", "Not now"), lambda: None)),
        )  # fmt: skip


def open_folder(folder: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
