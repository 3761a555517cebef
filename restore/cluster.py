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
import os
import queue
import socket
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from restore.errors import ClusterUnavailable, MissingExtra, RestoreError
from restore.executor import Local, Made, Progress, lanes_of, load_pipelines
from restore.pipeline import Saving
from restore.plan import Job
from restore.recipe import Recipe, record
from restore.zoo import find_model

if TYPE_CHECKING:
    from ray.actor import ActorHandle

log = logging.getLogger(__name__)

_TRIES = 4
"""Workers that one file may take with it before it is the file that is to blame."""
_CPUS = 4
"""Of a worker without a GPU, unless told: one computes, the others decode and encode."""


@dataclass(frozen=True)
class Share:
    """What of a cluster each worker has, and how many workers that makes."""

    workers: int
    cpus: int
    gpus: int

    @classmethod
    def of(cls, nodes: Sequence[dict[str, float]], device: str, cpus: int | None = None) -> Share:
        """A worker per GPU, if there are any and they are wanted; else one per few processors.

        Args:
            nodes: resources of each machine, as Ray names them.
            device: see `restore.device.choose_device`.
            cpus: processors of each worker; None takes 4, or an even share beside GPUs, or what
                the smallest machine has.
        """
        with_gpu = [node for node in nodes if node.get("GPU", 0) >= 1]
        gpus = 1 if with_gpu and device != "cpu" else 0
        chosen = with_gpu if gpus else [node for node in nodes if node.get("CPU", 0) >= 1]
        if cpus is None:
            each = [node.get("CPU", 0) // (node["GPU"] if gpus else 1) for node in chosen]
            cpus = max(1, min([_CPUS, *map(int, each)]))
        fitting = [node.get("CPU", 0) // cpus for node in chosen]
        if gpus:
            fitting = [min(n, node["GPU"]) for n, node in zip(fitting, chosen, strict=True)]
        return cls(int(sum(fitting)), cpus, gpus)


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
        self._ray = ray = _ray()
        self._connected = not ray.is_initialized() and _connect(ray, address)
        nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
        share = Share.of(nodes, device, cpus)
        count = workers or share.workers
        if count < 1:
            raise ClusterUnavailable(
                f"no machine of the cluster has {share.cpus} processors for a worker; "
                "choose fewer with --cpus-per-worker"
            )
        found = [
            (find_model(step.task, step.model, accelerator=bool(share.gpus)), step)
            for step in recipe.steps
        ]
        self._cards = [(model.card, step.options) for model, step in found]
        self._saving = saving
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
        self._free: queue.SimpleQueue[_Life] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._refused: list[RestoreError] = []
        self._arrived = threading.Event()
        actor = ray.remote(
            num_cpus=share.cpus,
            num_gpus=share.gpus,
            max_restarts=-1,
            max_concurrency=self._seats,
        )(_Worker)
        self._actors = [
            actor.remote(Recipe(chosen), saving, device, tile, io_threads) for _ in range(count)
        ]
        for handle in self._actors:
            self._await(handle)
        try:
            while not self._arrived.wait(0.5):  # Ctrl-C gets through between waits
                self._check_refusals()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> OnRay:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        for handle in self._actors:
            self._ray.kill(handle)
        if self._connected:
            self._ray.shutdown()

    def key(self, job: Job) -> str:
        return self._saving.key(self._cards, job)

    def make(self, job: Job, source: Path, thumbnails: bool, on_progress: Progress) -> Made:
        for _ in range(_TRIES):
            life = self._take(on_progress)
            try:
                made = self._result(life, job, source, thumbnails, on_progress)
            except self._ray.exceptions.RayError:  # the worker, its machine, or the way to it
                self._lost(life)
                continue
            self._free.put(life)
            if isinstance(made, Made):
                return made
            raise made
        raise ClusterUnavailable(
            f"{job.source}: {_TRIES} workers were lost over it, perhaps for lack of memory; "
            "try it alone, with a smaller --tile"
        )

    def _take(self, on_progress: Progress) -> _Life:
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
        self, life: _Life, job: Job, source: Path, thumbnails: bool, on_progress: Progress
    ) -> Made | RestoreError:
        going: Any = life.handle.make.remote(job, source, thumbnails)
        while not self._ray.wait([going], timeout=0.5)[0]:
            on_progress(0.0)
        made: Made | RestoreError = self._ray.get(going)
        return made

    def _await(self, handle: ActorHandle[_Worker]) -> None:
        """Offer the places of a worker once Ray has started it, for the first time or again."""

        def arrived(future: Any) -> None:
            try:
                answer = future.result()
            except Exception as error:
                answer = ClusterUnavailable(f"a worker can't be started: {error}")
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

    handle: ActorHandle[_Worker]
    alive: bool = True


class _Worker:
    """What runs on the cluster. Errors are returned: Ray would wrap those that are raised."""

    def __init__(
        self, recipe: Recipe, saving: Saving, device: str, tile: int | None, io_threads: int
    ) -> None:
        self._what = recipe, saving, device, tile
        self._io_threads = io_threads
        self._local: Local | None = None

    def ready(self) -> dict[str, Any] | RestoreError:
        """Loads the models; returns the record of what this worker does."""
        try:
            self._local = Local(load_pipelines(*self._what), self._io_threads)
        except RestoreError as error:
            return error
        return self._local.record

    def make(self, job: Job, source: Path, thumbnails: bool) -> Made | RestoreError:
        assert self._local is not None
        try:
            return self._local.make(job, source, thumbnails, lambda share: None)
        except RestoreError as error:
            return error
        except Exception as error:  # may hold what can't travel
            return RestoreError(f"{job.source}: {type(error).__name__}: {error}")


def _ray() -> Any:
    try:
        import ray
    except ModuleNotFoundError as error:
        raise MissingExtra('Ray is not installed: pip install "restore-studio[ray]"') from error
    return ray


def _connect(ray: Any, address: str) -> bool:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # a cluster of ours tells nobody
    host, _, port = address.rpartition("/")[2].rpartition(":")
    try:
        if host and port.isdigit():  # where nobody answers Ray itself would try for minutes
            socket.create_connection((host.strip("[]"), int(port)), timeout=10).close()
        ray.init(address, namespace="restore", log_to_driver=False, logging_level="ERROR")
    except (OSError, RuntimeError, ValueError) as error:
        raise ClusterUnavailable(
            f"no Ray cluster at {address!r} ({error}); start one with `ray start --head`, or "
            "give --address local for one on this machine alone"
        ) from error
    return True
