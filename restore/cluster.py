"""Many machines: the executor on a Ray cluster.

Each worker is a Ray actor that holds the models and works as `Local` does; paths go out to it, and
a few hundred bytes on what was made come back. Ray places the workers, watches them, and starts
them again where there is room. A call is made at most once; what a lost worker had in its hands is
given to another one, as often as need be, since nothing has its name before this process has
written the journal. Ray's own retries, and those of `ray.data`, wait for the very worker that was
lost, which may be for ever where its machine does not come back.
"""

from __future__ import annotations

import logging
import queue
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from restore.cluster_connection import Share, connect, import_ray, in_short
from restore.cluster_worker import Worker
from restore.errors import ClusterUnavailable, RestoreError, UnwritableOutput
from restore.executor import Made, lanes_of
from restore.pipeline import Saving
from restore.plan import Job
from restore.recipe import Recipe, record
from restore.storage import is_remote, is_there
from restore.tiles import OnProgress
from restore.zoo import find_model

if TYPE_CHECKING:
    from ray.actor import ActorHandle

log = logging.getLogger(__name__)

_TRIES = 4
"""Workers that one file may take with it before it is the file that is to blame."""


class OnRay:
    """Workers on the machines of a Ray cluster. Used with `with`."""

    def __init__(
        self,
        recipe: Recipe,
        saving: Saving,
        *,
        address: str = "auto",
        device: str = "auto",
        tile: int | None = None,
        workers: int | None = None,
        cpus: int | None = None,
        io_threads: int = 2,
    ) -> None:
        """Returns once the first worker is there.

        Args:
            address: of the cluster: `auto` (the one this machine belongs to), `host:port`,
                `ray://host:port`, or `local` for one that is started here and ends with this run.
            workers: how many; None takes as many as the cluster has room for now. More of them
                ask a cluster that can grow to do so.
            cpus: see `Share.of`.
            io_threads: see `Local`; of each worker.

        Raises:
            MissingExtra: Ray is not installed.
            ClusterUnavailable: no cluster is there, it has no room, or its workers can't start.
            UnknownModel, BadWeights: see `restore.zoo.find_model`.
        """
        self._ray = import_ray()
        self._actors: list[ActorHandle[Worker]] = []
        self._free: queue.SimpleQueue[_Life] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._refused: list[RestoreError] = []
        self._arrived = threading.Event()
        self._connected = not self._ray.is_initialized()
        if self._connected:
            connect(self._ray, address)
        try:
            nodes = [node["Resources"] for node in self._ray.nodes() if node["Alive"]]
            share = Share.of(nodes, device, cpus)
            count = workers or share.workers
            if count < 1:
                raise ClusterUnavailable(
                    f"no machine of the cluster has {share.cpus} processors for a worker; "
                    "choose fewer with --cpus-per-worker"
                )
            found = [(find_model(step.task, step.model), step) for step in recipe.steps]
            self._cards = [(model.card, step.options) for model, step in found]
            self.saving = saving
            self.record = record(self._cards)
            models = ", ".join(card.name for card, _ in self._cards)
            each = "a GPU" if share.gpus else f"{share.cpus} CPU{'s' * (share.cpus > 1)}"
            self.about = f"{models} on {count} workers of {each} each"
            self._seats = lanes_of("cuda" if share.gpus else "cpu") + io_threads
            self.slots = count * self._seats
            # Every machine is to take the same model, whatever `auto` would mean there.
            chosen = tuple(
                replace(step, model=step.model if Path(step.model).suffix else model.card.name)
                for model, step in found
            )
            self._start(share, count, (Recipe(chosen), saving, device, tile, io_threads))
        except BaseException:
            self.close()
            raise

    def _start(self, share: Share, count: int, what: tuple[Any, ...]) -> None:
        """Start workers, and wait for the first."""
        actor = self._ray.remote(
            num_cpus=share.cpus,
            num_gpus=share.gpus,
            max_restarts=-1,
            max_concurrency=self._seats,
        )(Worker)
        self._actors += [actor.remote(*what, Path.cwd()) for _ in range(count)]
        for handle in self._actors:
            self._await(handle)
        while not self._arrived.wait(0.5):  # Ctrl-C gets through between waits
            self._check_refusals()

    def __enter__(self) -> OnRay:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        if self._refused and self._arrived.is_set():
            log.warning(
                "%d of %d workers took no part: %s",
                len(self._refused), len(self._actors), self._refused[0],
            )  # fmt: skip
        if self._connected:  # the workers end with the connection
            self._ray.shutdown()
            return
        for handle in self._actors:
            self._ray.kill(handle)

    def key(self, job: Job) -> str:
        return self.saving.key(self._cards, job)

    def make(self, job: Job, source: Path, thumbnails: bool, on_progress: OnProgress) -> Made:
        for _ in range(_TRIES):
            life = self._take(on_progress)
            try:
                made = self._result(life, job, source, thumbnails, on_progress)
            except self._ray.exceptions.RayError:  # the worker, its machine, or the way to it
                self._lost(life)
                continue
            self._free.put(life)
            if isinstance(made, Made):
                return seen_here(made)
            raise made
        raise ClusterUnavailable(
            f"{job.source}: {_TRIES} workers were lost over it, perhaps for lack of memory; "
            "try it alone, with a smaller --tile"
        )

    def _take(self, on_progress: OnProgress) -> _Life:
        """A free place at a worker that is alive, as soon as there is one."""
        while True:
            try:
                life = self._free.get(timeout=0.5)
            except queue.Empty:
                on_progress(0.0)
                self._check_refusals()
                continue
            if life.alive:
                return life

    def _result(
        self, life: _Life, job: Job, source: Path, thumbnails: bool, on_progress: OnProgress
    ) -> Made | RestoreError:
        going: Any = life.handle.make.remote(job, source, thumbnails)
        while not self._ray.wait([going], timeout=0.5)[0]:
            on_progress(0.0)
        made: Made | RestoreError = self._ray.get(going)
        return made

    def _await(self, handle: ActorHandle[Worker]) -> None:
        """Offer the places of a worker once Ray has started it, for the first time or again."""

        def arrived(future: Any) -> None:
            try:
                answer = future.result()
            except Exception as error:
                answer = ClusterUnavailable(f"a worker can't be started: {in_short(error)}")
            if not isinstance(answer, RestoreError) and answer != self.record:
                answer = ClusterUnavailable(
                    "a worker has another version of restore-studio, or other weights, than this "
                    "machine: install the same everywhere"
                )
            if isinstance(answer, RestoreError):
                self._refused.append(answer)
                return
            life = _Life(handle)
            for _ in range(self._seats):
                self._free.put(life)
            self._arrived.set()

        # This call may wait as long as Ray takes to find a place for the worker.
        handle.ready.options(max_task_retries=-1).remote().future().add_done_callback(arrived)

    def _lost(self, life: _Life) -> None:
        with self._lock:
            known, life.alive = not life.alive, False
        if not known:
            log.warning("a worker was lost; what it had in its hands is done by others")
            self._await(life.handle)

    def _check_refusals(self) -> None:
        if len(self._refused) == len(self._actors):
            raise self._refused[0]


@dataclass(eq=False)
class _Life:
    """A worker, from one start of it to its loss."""

    handle: ActorHandle[Worker]
    alive: bool = True


def seen_here(made: Made) -> Made:
    """What a worker has made, if this machine sees it.

    Raises:
        UnwritableOutput: it is on a disk of the worker.
    """
    temporary = made.written.staged.temporary
    if is_remote(temporary) or is_there(temporary):
        return made
    raise UnwritableOutput(
        f"{made.written.staged.path}: was written by {made.result.details['worker']} and is not "
        "here: choose an output folder that all machines of the cluster share, or an URL"
    )
