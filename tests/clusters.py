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


class Cluster:
    """Started by `ray start`, as on real machines: one node is the head, the others join it.

    Used with `with`; at its end its processes, and no others, are killed.
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
        self.environment = (
            os.environ
            | (environment or {})
            | {
                "OMP_NUM_THREADS": "1",
                "PYTHONWARNINGS": "ignore",
                "RAY_AUTH_MODE": "token",
                "RAY_AUTH_TOKEN": secrets.token_hex(32),
                "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "1",
                "RAY_USAGE_STATS_ENABLED": "0",
            }
        )
        self._count, self._cpus = nodes, cpus
        self.nodes: list[psutil.Process] = []

    def __enter__(self) -> Cluster:
        port = self.address.rpartition(":")[2]
        head = [
            "--head",
            f"--port={port}",
            "--include-dashboard=false",
            f"--temp-dir={self.folder}",
        ]
        try:
            for number in range(self._count):
                self._start(*(head if number == 0 else [f"--address={self.address}"]))
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

    def _start(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "ray.scripts.scripts", "start", "--block", *arguments]
        command += [f"--num-cpus={self._cpus}", f"--node-ip-address={LOCALHOST}"]
        with (self.folder / f"node-{len(self.nodes)}.log").open("wb") as log:
            process = psutil.Popen(
                command, env=self.environment, stdout=log, stderr=subprocess.STDOUT
            )
        self.nodes.append(process)
        end = time.monotonic() + 120
        while "Ray runtime started" not in Path(log.name).read_text(errors="replace"):
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"no node: {Path(log.name).read_text(errors='replace')}")
            time.sleep(0.1)

    def workers(self, node: int) -> list[psutil.Process]:
        """The workers of a node that restore pictures."""
        return [process for process in below(self.nodes[node]) if "_Worker" in title(process)]


def below(process: psutil.Process) -> list[psutil.Process]:
    try:
        found: list[psutil.Process] = process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []
    return found


def title(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def kill(process: psutil.Process) -> None:
    """Kill a process and all below it at once, as a power cut would."""
    for each in [process, *below(process)]:
        try:
            each.kill()
        except psutil.NoSuchProcess:
            continue
    try:
        process.wait(30)
    except psutil.NoSuchProcess:
        return


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOCALHOST, 0))
        port: int = probe.getsockname()[1]
        return port
