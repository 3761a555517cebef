"""The way to a Ray cluster, and what room there is on it."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from restore.errors import ClusterUnavailable, MissingExtra

_CPUS = 4
"""Of a worker without a GPU, unless told: more share the work on one picture less well."""

_NO_SERVER = ("Starting Ray client server failed", "Proxy failed to Connect to backend")
"""What a head says whose process for this client did not come up. One that is busy, or has just
lost a node, fails so now and then, and does well the next time."""

_ATTEMPTS, _BETWEEN_ATTEMPTS = 3, 2.0
"""How often, and the seconds between."""


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


def import_ray() -> Any:
    """Raises MissingExtra where it is not installed."""
    try:
        import ray
    except ModuleNotFoundError as error:
        raise MissingExtra('Ray is not installed: pip install "restore-studio[ray]"') from error
    return ray


def connect(ray: Any, address: str) -> None:
    """Make this process part of a cluster, see `restore.cluster.OnRay`.

    Raises:
        ClusterUnavailable: there is none, or it lets nobody in without its token.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # a cluster of ours tells nobody
    host, _, port = _leading_to(address).rpartition("/")[2].rpartition(":")
    try:
        if host and port.isdigit():  # where nobody answers Ray itself would try for minutes
            socket.create_connection((host.strip("[]"), int(port)), timeout=10).close()
        _join(ray, address)
    except (OSError, RuntimeError, ValueError, ImportError, ray.exceptions.RayError) as error:
        raise ClusterUnavailable(
            f"no Ray cluster at {address!r} ({in_short(error)}): start one with `ray start "
            "--head`, or give --address local for one on this machine alone; one that asks for a "
            "token wants the same RAY_AUTH_TOKEN here"
        ) from error


def _join(ray: Any, address: str) -> None:
    for attempts_left in reversed(range(_ATTEMPTS)):
        try:
            ray.init(address, namespace="restore", log_to_driver=False, logging_level="ERROR")
            return
        except ConnectionAbortedError as error:
            if not attempts_left or not any(told in str(error) for told in _NO_SERVER):
                raise
        time.sleep(_BETWEEN_ATTEMPTS)


def _leading_to(address: str) -> str:
    """The address that `auto` means: a variable, or what `ray start` has noted on this machine."""
    if address != "auto":
        return address
    noted = Path(os.environ.get("RAY_TMPDIR", "/tmp"), "ray", "ray_current_cluster")
    with contextlib.suppress(OSError):
        return os.environ.get("RAY_ADDRESS") or noted.read_text().strip()
    return address


def in_short(error: Exception) -> str:
    """Ray explains at length: the first line, or where it quotes a traceback, the last."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    quoted = any(line.startswith("Traceback ") for line in lines)
    return lines[-1 if quoted else 0]
