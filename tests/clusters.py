"""A Ray cluster of several node processes on this machine, for tests and measurements."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

import psutil

LOCALHOST = "127.0.0.1"
_MEMORY = 80_000_000
"""Bytes of a node's store of objects, about the least that Ray allows: only paths travel."""


class Cluster:
    """Started by `ray start`, as on real machines: one node is the head, the others join it.

    Used with `with`; at its end its processes, and no others, are killed. Nobody gets in without
    its token, which is in `environment`.
    """

    def __init__(
        self, folder: Path, nodes: int = 2, cpus: int = 1, environment: dict[str, str] | None = None
    ) -> None:
        """
        Args:
            folder: for logs and sockets. Its path has to be short: sockets allow 107 bytes.
            cpus: processors that each node claims to have.
            environment: variables for all its processes.
        """
        self.folder = folder
        self.address = f"{LOCALHOST}:{free_port()}"
        self.client_address = f"ray://{LOCALHOST}:{free_port()}"
        self.environment = (
            os.environ
            | (environment or {})
            | {
                "OMP_NUM_THREADS": "1",
                "PYTHONWARNINGS": "ignore",
                "RAY_AUTH_MODE": "token",
                "RAY_AUTH_TOKEN": secrets.token_hex(32),
                # A machine that is busy takes longer than the half minute of patience they have.
                "RAY_CLIENT_INITIAL_CONNECTION_TIMEOUT_S": "120",
                "RAY_CLIENT_MAX_CONNECTION_TIMEOUT_S": "120",
                "RAY_CLIENT_SERVER_CHECK_CHANNEL_TIMEOUT_S": "120",
                "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "1",
                "RAY_USAGE_STATS_ENABLED": "0",
            }
        )
        self._count, self._cpus = nodes, cpus
        self.nodes: list[psutil.Process] = []
        """The first is the head."""

    def __enter__(self) -> Cluster:
        try:
            self.complete()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for node in reversed(self.nodes):
            kill(node)

    def complete(self) -> None:
        """Start the nodes that are missing, at first or because they were killed."""
        self.nodes = [node for node in self.nodes if node.is_running()]
        while len(self.nodes) < self._count:
            self._start_node()

    def _start_node(self) -> None:
        joins = [f"--address={self.address}"]
        leads = [
            "--head",
            f"--port={_port(self.address)}",
            f"--ray-client-server-port={_port(self.client_address)}",
            "--include-dashboard=false",
            f"--temp-dir={self.folder}",
        ]
        command = [
            *(sys.executable, "-m", "ray.scripts.scripts", "start", "--block"),
            *(joins if self.nodes else leads),
            f"--num-cpus={self._cpus}",
            "--num-gpus=0",
            f"--object-store-memory={_MEMORY}",
            f"--node-ip-address={LOCALHOST}",
        ]
        path = self.folder / f"node-{time.time_ns()}.log"
        with path.open("wb") as log:
            node = psutil.Popen(command, env=self.environment, stdout=log, stderr=subprocess.STDOUT)
        self.nodes.append(node)
        end = time.monotonic() + 120
        while "Ray runtime started" not in path.read_text(errors="replace"):
            if node.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"no node: {path.read_text(errors='replace')}")
            time.sleep(0.1)

    def node_of(self, process: int) -> int:
        """Which node a process belongs to."""
        for number, node in enumerate(self.nodes):
            if process in {each.pid for each in below(node)}:
                return number
        raise LookupError(f"no process {process} in this cluster")


def below(process: psutil.Process) -> list[psutil.Process]:
    try:
        found: list[psutil.Process] = process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []
    return found


def kill(process: psutil.Process) -> None:
    """Kill a process and all below it at once, as a power cut would."""
    lost = [process, *below(process)]
    for each in lost:
        try:
            each.kill()
        except psutil.NoSuchProcess:
            continue
    _, alive = psutil.wait_procs(lost, timeout=30)
    assert not alive, f"left behind: {alive}"


def _port(address: str) -> str:
    return address.rpartition(":")[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOCALHOST, 0))
        port: int = probe.getsockname()[1]
        return port
