"""A fine-tuning from its request to its verdict."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import nn

from restore.autoencoder import AutoencoderConfig
from restore.errors import TrainingError
from restore.finetune.events import Event, Examined, Progress, Recovered, Stage, Validated, Verdict
from restore.finetune.gather import gather
from restore.finetune.judge import Answer, Judge
from restore.finetune.material import Material, load_material
from restore.finetune.proof import is_better, prove, verdict_words, write_sheet
from restore.finetune.publish import publish
from restore.finetune.request import WORDS, Request
from restore.finetune.store import Store, Validation
from restore.finetune.ways import LESSONS
from restore.home import checked_name
from restore.restorer import Restorer, load
from restore.tasks.learning import Learning
from restore.training import checkpoint
from restore.training.checkpoint import CHECKPOINT
from restore.training.config import TrainingConfig
from restore.training.loop import Watch, learn
from restore.training.photos import PhotoStack
from restore.zoo import Model, find_model, read_weights, shipped_models, user_models

log = logging.getLogger(__name__)

Observe = Callable[[Event], None]
Ask = Callable[[], bool]
VALIDATIONS = 12
"""About so many in a run."""
OFTEN = 0.25
"""Minutes between them, at least."""
TOLD_EVERY = 0.25
"""Seconds between two reports of progress."""


def examine(request: Request, stop: Ask = lambda: False) -> Examined:
    """The data check alone: reads all photos, trains nothing, writes nothing.

    Raises:
        UnreadableImage: the folder is not there.
        UnknownModel, BadWeights: see `restore.zoo.find_model`.
        Cancelled: `stop` said so.
    """
    return _examine(request, load(request.task, request.base, request.device), stop)[0]


def finetune(
    request: Request,
    observe: Observe = lambda event: None,
    stop: Ask = lambda: False,
    pause: Ask = lambda: False,
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
        Cancelled: stopped before there was anything to keep.
    """
    started, stop = time.monotonic(), _Timed(stop)
    if request.threads:
        torch.set_num_threads(request.threads)
    name = checked_name(request.name)
    if name in {model.card.name for model in shipped_models()}:
        raise TrainingError(f"{name} is the name of a model that ships: choose another --name")
    store = Store(name)
    if _published(name) is not None and not store.folder.exists():
        raise TrainingError(
            f"{name} is the name of a model of yours that no run here has made: choose another "
            f"--name, or first restore models remove {name}"
        )
    # What `auto` means is settled here, once.
    model = find_model(request.task, store.base_of(request))
    base = load(request.task, str(model.path), request.device)
    store.open(request, base.card)
    if not request.afresh and store.done and not store.done["stopped"]:
        raise TrainingError(
            f"the run {name!r} is done: {store.done['text']} Use it with --model {name}, choose "
            "another --name, or start it --afresh"
        )
    known = None if request.afresh else store.examined()
    if known is None:
        observe(Stage("looking at the photos"))
        examined, material = _examine(request, base, stop)
        left = 60 * request.minutes - (time.monotonic() - started - stop.seconds)
        if material is not None:
            if request.afresh:  # not before: what there is would be lost for nothing
                store.clear()
            material.save(store.material)
            store.keep_examined(examined, max(left, 0.5 * 60 * request.minutes))
    else:
        examined, material = known[0], load_material(store.material)
    observe(examined)
    if material is None:
        refusal = next(found for found in examined.findings if found.level == "refusal")
        raise TrainingError(refusal.text)
    run = _Run(request, model, base, store, examined, material, observe, stop, pause)
    return run.to_its_end()


class _Timed:
    """A question, and how long the answers have taken: who is asked may do other things first."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self.seconds = 0.0

    def __call__(self) -> bool:
        asked = time.perf_counter()
        try:
            return self._ask()
        finally:
            self.seconds += time.perf_counter() - asked


class _Run:
    """A run whose material is there."""

    def __init__(
        self,
        request: Request,
        model: Model,
        base: Restorer,
        store: Store,
        examined: Examined,
        material: Material,
        observe: Observe,
        stop: _Timed,
        pause: Ask,
    ) -> None:
        self.request = request
        self.model = model
        self.base = base
        self.store = store
        self.examined = examined
        self.material = material
        self.observe = observe
        self.stop = stop
        self.pause = pause
        self.judge = Judge(base.card, material.items, base.device)
        # What was measured after the last checkpoint will be measured again.
        reached = checkpoint.read_progress(store.folder / CHECKPOINT)
        self.history = [row for row in store.history() if reached and row.step <= reached.step]
        self._measured: nn.Module | None = None
        self._answers: list[Answer] = []
        self._told = 0.0
        self._losses: list[float] = []

    def to_its_end(self) -> Verdict:
        for row in self.history:  # curves of a run that goes on begin where they began
            self._tell(row, ())
        self.observe(Stage("training"))
        watch = Watch(
            report=self._report,
            report_every=1,
            validated=self._validated,
            recovered=lambda progress, why: self.observe(Recovered(progress.step, why)),
            stop=self.stop,
            pause=self.pause,
            elsewhere=lambda: self.stop.seconds,
        )
        held_out = self.material.training  # the judge has pictures of its own
        progress = learn(
            self._learning(), self.config(), self.material.training, held_out, self.store.folder,
            device=self.base.device, watch=watch, start=self._start(),
        )  # fmt: skip
        return self._conclude(stopped=not self._complete(progress))

    def config(self) -> TrainingConfig:
        known = self.store.examined()
        left = known[1] if known else 60 * self.request.minutes
        return TrainingConfig(
            task=self.request.task,
            name=self.request.name,
            network=AutoencoderConfig.from_dict(self.base.card.architecture),
            minutes=left / 60,
            steps=self.request.steps,
            late_share=0,
            checkpoint_minutes=max(self.request.minutes / VALIDATIONS, OFTEN),
            checkpoint_steps=-(-self.request.steps // VALIDATIONS),
            seed=self.request.seed,
            **LESSONS[self.request.way].settings,
        )

    def _complete(self, progress: checkpoint.Progress) -> bool:
        config = self.config()
        if config.steps:
            return progress.step >= config.steps
        return progress.seconds >= 60 * config.minutes

    def _start(self) -> checkpoint.Average:
        """The weights of the base model, and what the card is to say of them."""
        _, tensors = read_weights(self.model)
        whole = {name: value.float() for name, value in tensors.items()}
        return checkpoint.Average(whole, {}, checkpoint.Progress(), [self._facts()])

    def _facts(self) -> dict[str, Any]:
        return {
            "base": self.base.card.name,
            "base_sha256": self.base.card.sha256,
            "way": self.request.way,
            "photos": self.examined.photos,
        }

    def _learning(self) -> Learning:
        learning = LESSONS[self.request.way].learning(self.material)
        return replace(learning, validate=self._validate)

    def _validate(
        self, network: nn.Module, photos: PhotoStack, dtype: torch.dtype, config: TrainingConfig
    ) -> dict[str, float]:
        self._measured, self._answers = network, self.judge.answers(network, self.stop)
        return {"score": self.judge.score(self._answers)}

    def _validated(self, progress: checkpoint.Progress, scores: dict[str, float]) -> None:
        """Keep the weights, the figures and, of base and best, the pictures."""
        score = scores["score"] * (1 if self.judge.higher_is_better else -1)
        row = Validation(progress.step, progress.seconds, score)
        best = scores["score"] == progress.best
        assert self._measured is not None
        facts = self.config().to_dict() | {"before": [self._facts()]}
        checkpoint.save_average(
            self.store.state(row.step), self._measured, progress, facts, half=True
        )
        self.store.thin_states(self._best_step(row, best))
        if row.step == 0:
            self.store.keep_answers("base", 0, self._answers)
        if best:
            self.store.keep_answers("best", row.step, self._answers)
        self.history.append(row)
        self.store.keep_history(self.history)
        self._tell(row, self._answers, best=best)

    def _best_step(self, row: Validation, best: bool) -> int:
        known = self.store.answers("best")
        return row.step if best or known is None else known[0]

    def _tell(self, row: Validation, answers: Any, *, best: bool = False) -> None:
        found = self.store.answers("base")
        samples = self.judge.samples(found[1], answers) if found and answers else ()
        base = self.history[0].score
        self.observe(Validated(row.step, row.seconds, row.score, base, best, samples))

    def _report(self, progress: checkpoint.Progress, terms: dict[str, float]) -> None:
        """Told each step; tells now and then."""
        self._losses.append(
            sum(value for name, value in terms.items() if not name.endswith(" norm"))
        )
        now = time.monotonic()
        if now - self._told < TOLD_EVERY:
            return
        self._told = now
        config = self.config()
        if config.steps:
            left = progress.seconds / progress.step * (config.steps - progress.step)
        else:
            left = 60 * config.minutes - progress.seconds
        loss = sum(self._losses) / len(self._losses)
        self._losses.clear()
        self.observe(Progress(progress.step, progress.seconds, max(left, 0), loss))

    def _conclude(self, *, stopped: bool) -> Verdict:
        """The proof, and the model in the user's folder."""
        base, best = self.store.answers("base"), self.store.answers("best")
        if base is None or best is None or best[0] == 0:
            return self._nothing_learned(stopped)
        proof = prove(self.judge, base[1], best[1])
        proof = write_sheet(proof, self.store.sheet)
        self.observe(proof)
        better = is_better(proof)
        facts = {
            "criterion": self.examined.criterion,
            "metric": proof.metric,
            "base": round(proof.base, 4),
            "tuned": round(proof.tuned, 4),
            "gain": round(proof.gain, 4),
            "margin": round(proof.margin, 4),
            "photos": len(proof.photos),
        }
        name, kept = self.request.name, ""
        earlier = _published(name)
        if better or earlier is None or earlier.card.draft:
            model = publish(self.store, None, facts, draft=not better)
        else:  # proven once, and perhaps the default
            model = earlier
            kept = (
                f"The earlier {name}, which was better, stays; `restore models keep {name} --step "
                f"{best[0]}` puts this one in its place."
            )
        text = verdict_words(proof, name, self.base.card.name, stopped, kept)
        verdict = Verdict(
            better, text, model.path, model.card.draft, stopped, proof, self.store.checkpoints()
        )
        self._finish(verdict, facts)
        return verdict

    def _nothing_learned(self, stopped: bool) -> Verdict:
        text = (
            f"Stopped before {self.request.name} was better than {self.base.card.name} even once; "
            "the same command goes on from here."
            if stopped
            else f"{self.request.name} was never better than {self.base.card.name} on your "
            "photos, so there is no new model. More photos, or others, may help."
        )
        verdict = Verdict(False, text, None, True, stopped, None, self.store.checkpoints())
        self._finish(verdict, {})
        return verdict

    def _finish(self, verdict: Verdict, proof: dict[str, Any]) -> None:
        said = {"better": verdict.better, "text": verdict.text, "stopped": verdict.stopped}
        self.store.finish(said | {"proof": proof})
        self.observe(verdict)


def _published(name: str) -> Model | None:
    """The user's model of this name, if there is one."""
    return next((model for model in user_models() if model.card.name == name), None)


def _examine(request: Request, base: Restorer, stop: Ask) -> tuple[Examined, Material | None]:
    """What is said of the photos, and what there is to learn from them, unless it is refused."""
    lesson = LESSONS[request.way]
    gathered = gather(request, stop)
    material = lesson.prepare(request, gathered, base, stop) if gathered.usable else None
    judge = Judge(base.card, (), base.device)
    examined = Examined(
        way=request.way,
        words=WORDS[request.way],
        findings=tuple(gathered.findings),
        photos=len(gathered.learn),
        held_out=tuple(photo.name for photo in gathered.held_out),
        criterion=lesson.criterion,
        metric=judge.metric,
        higher_is_better=judge.higher_is_better,
    )
    return examined, material if gathered.usable else None
