"""The folder of a run: all that it needs to go on, and to have its checkpoints back.

request.json          what was asked for, of which photos, from which base
examined.json         what the check has said
material.safetensors  what is learned from and judged by
checkpoint.safetensors, best.safetensors  see `restore.training.state`
states/000120.safetensors  the averaged weights at each validation
history.json          the validations so far
base.npz, best.npz    what base and best model made of the held-out pictures
verdict.json          once it has run to its end
proof.png             before and after
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from restore.atomic import sweep, write_bytes
from restore.errors import TrainingError, UnreadableImage
from restore.finetune.events import Checkpoint, Examined, Finding
from restore.finetune.judge import Answer
from restore.finetune.request import Request
from restore.home import run_folder
from restore.plan import pictures_below
from restore.zoo import Card

MOST_STATES = 12


@dataclass(frozen=True)
class Validation:
    """One row of the history."""

    step: int
    seconds: float
    score: float
    """In units of the metric."""


class Store:
    """The run of one model's name."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._wanted: dict[str, Any] = {}
        self.folder = run_folder(name)
        self.material = self.folder / "material.safetensors"
        self.sheet = self.folder / "proof.png"

    def open(self, request: Request, base: Card) -> None:
        """Find that the folder is this request's, or nobody's; what it holds doesn't matter where
        it is to be begun afresh.

        Raises:
            TrainingError: it is that of another request, photos or base.
        """
        wanted = {
            "request": json.loads(request.to_json()),
            "photos": _listing(request),
            "base": {"name": base.name, "sha256": base.sha256},
        }
        found = None if request.afresh else self._read("request.json")
        if found is not None and found != wanted:
            changed = next(
                (
                    words
                    for key, words in (
                        ("request", "was asked for with other options"),
                        ("photos", "was begun on other photos; some have come, gone or changed"),
                        ("base", "was begun from another base model"),
                    )
                    if found.get(key) != wanted[key]
                ),
                "is of another version",
            )
            raise TrainingError(
                f"the run {self.name!r} {changed}: choose another --name, or start it --afresh"
            )
        sweep(self.folder)
        self._wanted = wanted

    def base_of(self, request: Request) -> str:
        """The base model that a request means; where it goes on, the one that it was begun from,
        whatever `auto` stands for by now: perhaps for what this very run has made."""
        found = None if request.afresh else self._read("request.json")
        if request.base != "auto" or not found:
            return request.base
        same = found.get("request") == json.loads(request.to_json())
        return str(found["base"]["name"]) if same else request.base

    def clear(self) -> None:
        if self.folder.exists():
            shutil.rmtree(self.folder)

    @property
    def done(self) -> dict[str, Any] | None:
        """What was said at the end, if it has come to one."""
        return self._read("verdict.json")

    def finish(self, verdict: dict[str, Any]) -> None:
        self._write("verdict.json", verdict)

    def examined(self) -> tuple[Examined, float] | None:
        """What the check said, and the seconds of the budget that were left after it."""
        values = self._read("examined.json")
        if values is None or not self.material.is_file():
            return None
        left = values.pop("left")
        findings = tuple(
            Finding(**(entry | {"files": tuple(entry["files"])}))
            for entry in values.pop("findings")
        )
        held_out = tuple(values.pop("held_out"))
        return Examined(**values, findings=findings, held_out=held_out), left

    def keep_examined(self, examined: Examined, left: float) -> None:
        """Keep what the check said; from here on the name is that of the request.

        Not before, or photos that are refused would have to be given under another name.
        """
        self._write("request.json", self._wanted)
        self._write("examined.json", asdict(examined) | {"left": left})

    def history(self) -> list[Validation]:
        values: Any = self._read("history.json") or {"rows": []}
        return [Validation(**row) for row in values["rows"]]

    def keep_history(self, rows: Sequence[Validation]) -> None:
        self._write("history.json", {"rows": [asdict(row) for row in rows]})

    def state(self, step: int) -> Path:
        return self.folder / "states" / f"{step:06}.safetensors"

    def checkpoints(self) -> tuple[Checkpoint, ...]:
        """Those that can be had back, in order."""
        return tuple(
            Checkpoint(row.step, row.seconds / 60, row.score, self.state(row.step))
            for row in self.history()
            if self.state(row.step).is_file()
        )

    def thin_states(self, keep: int) -> None:
        """Remove every other state if there are too many, never that of the step `keep`."""
        states = sorted(self.state(0).parent.glob("*.safetensors"))
        if len(states) > MOST_STATES:
            for path in states[1:-1:2]:
                if path != self.state(keep):
                    path.unlink(missing_ok=True)

    def keep_answers(self, which: str, step: int, answers: Sequence[Answer]) -> None:
        """What a model, `base` or `best`, made of the held-out pictures."""
        nothing = float("nan")
        scores = [nothing if answer.score is None else answer.score for answer in answers]
        arrays = {str(number): answer.result for number, answer in enumerate(answers)}
        file = io.BytesIO()
        np.savez(file, step=step, scores=scores, allow_pickle=False, **arrays)
        write_bytes(self.folder / f"{which}.npz", file.getvalue())

    def answers(self, which: str) -> tuple[int, list[Answer]] | None:
        """The step of that model, and its answers."""
        try:
            with np.load(self.folder / f"{which}.npz") as file:
                found = [
                    Answer(file[str(number)], None if score != score else score)
                    for number, score in enumerate(file["scores"].tolist())
                ]
                return int(file["step"]), found
        except (OSError, KeyError, ValueError):
            return None

    def _read(self, name: str) -> dict[str, Any] | None:
        try:
            values = json.loads((self.folder / name).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise TrainingError(
                f"{self.folder / name} can't be read ({error}): start the run --afresh"
            ) from error
        return values if isinstance(values, dict) else None

    def _write(self, name: str, values: dict[str, Any]) -> None:
        write_bytes(self.folder / name, (json.dumps(values, indent=1) + "\n").encode())


def _listing(request: Request) -> str:
    """A hash of which files there are, how large and how old."""
    digest = hashlib.sha256()
    for folder in (request.photos, request.pairs, request.photos_clean):
        for path, name in pictures_below(folder) if folder else ():
            stat = path.stat()
            digest.update(_bytes(f"{name}\0{stat.st_size}\0{stat.st_mtime_ns}\n"))
    for mark in request.marks:
        if not mark.exists():
            raise UnreadableImage(f"{mark}: no such file or folder")
        for path in sorted(mark.iterdir()) if mark.is_dir() else [mark]:
            digest.update(_bytes(f"{path.name}\0{path.stat().st_size}\n"))
    return digest.hexdigest()


def _bytes(text: str) -> bytes:
    """Of a name too that is no UTF-8."""
    return text.encode(errors="surrogatepass")
