"""On a real Ray cluster of two node processes: the same bytes as here, and nothing is ever lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
from PIL import Image

from restore.cluster import OnRay, seen_here
from restore.cluster_connection import Share, connect, in_short
from restore.cluster_worker import Worker
from restore.errors import (
    ClusterUnavailable,
    MissingExtra,
    RestoreError,
    UnreadableImage,
    UnwritableOutput,
)
from restore.executor import Made
from restore.journal import NAME
from restore.pipeline import Saving
from restore.plan import plan
from restore.recipe import Recipe, parse_step
from restore.storage import location
from tests.clusters import Cluster, free_port, kill
from tests.test_kill import contents

FILES = 500
STEP = "denoise:model=fast"


@pytest.fixture(scope="module")
def started(store: dict[str, str]) -> Iterator[Cluster]:
    with (
        tempfile.TemporaryDirectory(prefix="ray", ignore_cleanup_errors=True) as folder,
        Cluster(Path(folder), environment=store) as cluster,
    ):
        yield cluster


@pytest.fixture
def cluster(started: Cluster) -> Cluster:
    """Two nodes, whatever the test before has killed."""
    started.complete()
    return started


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 500 small photos, parts of a real one, in three formats."""
    from skimage import data

    photo, folder = data.astronaut(), tmp_path_factory.mktemp("photos")
    for number in range(FILES):
        path = folder / f"{number % 7}" / f"{number}.{('jpg', 'png', 'tif')[number % 3]}"
        path.parent.mkdir(exist_ok=True)
        top, left = divmod(17 * number, 400)
        Image.fromarray(photo[top : top + 32, left : left + 48]).save(path)
    return folder


@pytest.fixture(scope="module")
def expected(photos: Path, started: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the local run makes of them."""
    output = tmp_path_factory.mktemp("expected")
    with restoring(started, photos, output) as results:
        assert sum(1 for _ in results) == FILES
    return output


@contextmanager
def restoring(
    cluster: Cluster,
    source: Path | str,
    output: Path | str,
    *options: str,
    folder: Path | None = None,
) -> Iterator[Iterator[dict[str, Any]]]:
    """Run the command: what becomes of each file, as it comes; at the end, that all was well.

    The command can get ahead of its reader by a few files only: so much its pipe holds.
    """
    command = [sys.executable, "-m", "restore.cli.main", "run", str(source), "-o", str(output)]
    with (
        tempfile.TemporaryFile("w+") as told,
        subprocess.Popen(
            [*command, "--step", STEP, "--json", *options],
            stdout=subprocess.PIPE, stderr=told, text=True, env=cluster.environment, cwd=folder,
            pipesize=4096,
        ) as going,
    ):  # fmt: skip
        assert going.stdout is not None
        patience = threading.Timer(300, going.kill)
        patience.start()
        try:
            lines = map(json.loads, going.stdout)
            yield (found for found in lines if "summary" not in found)
            assert going.wait() == 0
        finally:
            patience.cancel()
            going.kill()
            told.seek(0)
            sys.stderr.write(told.read())  # which is shown where a test has failed


def on_ray(cluster: Cluster) -> tuple[str, ...]:
    return ("--engine", "ray", "--address", cluster.address)


def until_seen(workers: int, results: Iterator[dict[str, Any]], seen: dict[str, str]) -> list[int]:
    """Go on until that many workers have made something; returns their process numbers.

    A slow machine may need a while to start them, so that they are waited for, not hoped for.

    Args:
        seen: filled with targets, and who made each.
    """
    for found in results:
        assert found["status"] == "done", found
        assert found["target"] not in seen
        seen[found["target"]] = found["worker"]
        names = list(dict.fromkeys(seen.values()))
        if len(names) == workers:
            return [int(name.rpartition(":")[2]) for name in names]
        time.sleep(0.4)  # so that there is something left to do for those who come late
    raise AssertionError(f"no {workers} workers: {Counter(seen.values())}")


def names(folder: Path) -> Counter[str]:
    """What the journal of a folder or bucket tells of, and how often."""
    (journal,) = folder.glob(f"{NAME}*")
    return Counter(json.loads(line)["target"] for line in journal.read_text().splitlines())


def test_same_bytes_as_here(cluster: Cluster, photos: Path, expected: Path, tmp_path: Path) -> None:
    seen: dict[str, str] = {}
    relative = ("--address", cluster.address, "--engine", "ray")
    with restoring(cluster, photos.name, tmp_path, *relative, folder=photos.parent) as results:
        processes = until_seen(2, results, seen)
        assert {cluster.node_of(process) for process in processes} == {0, 1}
        seen |= {found["target"]: found["worker"] for found in results}
    assert len(seen) == FILES
    assert contents(tmp_path) == contents(expected)
    assert names(tmp_path) == Counter(contents(expected).keys())
    with restoring(cluster, photos, tmp_path) as here:  # which takes the same journal for its own
        assert Counter(found["status"] for found in here) == {"skipped": FILES}


def test_lost_workers_lose_nothing(
    cluster: Cluster, photos: Path, expected: Path, tmp_path: Path
) -> None:
    """A worker is killed, which Ray starts again, and then a whole node, which is no more."""
    seen: dict[str, str] = {}
    with restoring(cluster, photos, tmp_path, *on_ray(cluster)) as results:
        first = {cluster.node_of(pid): pid for pid in until_seen(2, results, seen)}
        psutil.Process(first[0]).kill()
        again = until_seen(3, results, seen)[-1]
        assert cluster.node_of(again) == 0
        kill(cluster.nodes[1])
        assert len(seen) < FILES * 3 // 4
        for found in results:
            assert found["status"] == "done", found
            assert found["target"] not in seen
            seen[found["target"]] = found["worker"]
    assert len(seen) == FILES
    assert not psutil.pid_exists(first[1])
    assert names(tmp_path) == Counter(contents(expected).keys())
    written = contents(tmp_path)
    left = {name for name in written if name.endswith(".part")}
    assert {name: written[name] for name in written.keys() - left} == contents(expected)


def test_from_bucket_to_bucket(
    cluster: Cluster, photos: Path, expected: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And by the address for those who are not on the cluster."""
    for name, value in cluster.environment.items():
        monkeypatch.setenv(name, value)
    bucket: Any = location("s3://museum")
    bucket.fs.mkdir("museum")
    few = sorted((photos / "3").iterdir())[:12]
    for path in few:
        (bucket / "in" / path.name).write_bytes(path.read_bytes())
    options = ("--engine", "ray", "--address", cluster.client_address)
    report = ("--report", "s3://museum/report.json")
    with restoring(cluster, "s3://museum/in", "s3://museum/out", *options, *report) as results:
        assert [found["status"] for found in results] == ["done"] * len(few)
    wanted = {path.name: (expected / "3" / path.name).read_bytes() for path in few}
    made = {name: (bucket / "out" / name).read_bytes() for name in wanted}
    assert made == wanted
    assert names(bucket / "out") == Counter(wanted.keys())
    told = json.loads((bucket / "report.json").read_bytes())
    assert told["summary"]["done"] == len(wanted)
    assert not [key for key in bucket.fs.find("museum/out") if key.endswith(".part")]


class BusyHead:
    """Ray whose first attempts to join fail, each with its message."""

    exceptions = SimpleNamespace(RayError=OSError)

    def __init__(self, *failures: str) -> None:
        self.failures, self.attempts = list(failures), 0

    def init(self, address: str, **options: object) -> None:
        self.attempts += 1
        if self.failures:
            raise ConnectionAbortedError(self.failures.pop(0))


def test_a_head_that_starts_no_server_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("restore.cluster_connection._BETWEEN_ATTEMPTS", 0)
    no_server = "Starting Ray client server failed. See ray_client_server_23000.err for logs."
    head = BusyHead(no_server, no_server)
    connect(head, "local")
    assert head.attempts == 3
    head = BusyHead(no_server, no_server, no_server)
    with pytest.raises(ClusterUnavailable, match="server failed"):
        connect(head, "local")
    head = BusyHead("wrong token")
    with pytest.raises(ClusterUnavailable, match="wrong token"):
        connect(head, "local")
    assert head.attempts == 1


@pytest.mark.parametrize("address", ["127.0.0.1:{port}", "auto"])
def test_no_cluster_is_one_line(photos: Path, tmp_path: Path, address: str) -> None:
    command = [sys.executable, "-m", "restore.cli.main", "run", str(photos), "-o", str(tmp_path)]
    address = address.format(port=free_port())
    environment = os.environ | {"RAY_ADDRESS": f"127.0.0.1:{free_port()}"}
    done = subprocess.run(
        [*command, "--step", STEP, "--engine", "ray", "--address", address],
        capture_output=True, text=True, check=False, timeout=100, env=environment,
    )  # fmt: skip
    assert done.returncode == 4, done.stderr
    assert done.stderr.startswith(f"error: no Ray cluster at '{address}'"), done.stderr
    assert done.stderr.count("\n") == 1


def test_places_that_not_all_machines_see(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)  # workers go where the command was given
    worker = Worker(Recipe((parse_step(STEP),)), Saving(), "cpu", None, 1, folder)
    assert not isinstance(worker.ready(), RestoreError)
    (job,) = plan([Path("a.jpg")], Path("out"))
    made = worker.make(job, job.source, False)
    assert isinstance(made, Made) and seen_here(made) is made
    made.discard()
    with pytest.raises(UnwritableOutput, match=r"a\.jpg: was written by .*all machines"):
        seen_here(made)
    (folder / "a.jpg").unlink()
    refused = worker.make(job, job.source, False)
    assert isinstance(refused, UnreadableImage)
    assert str(refused).startswith("a.jpg: ") and "all machines" in str(refused)


def test_what_ray_quotes_is_told_by_its_last_line() -> None:
    quoted = "Initialization failure from server:\nTraceback (most recent call last):\n  x\nWhy: so"
    assert in_short(RuntimeError(quoted)) == "Why: so"
    assert in_short(RuntimeError("No room.\nAt length.")) == "No room."
    assert in_short(TimeoutError()) == "TimeoutError"


def test_without_ray(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtra, match=r"restore-studio\[ray\]"):
        OnRay(Recipe((parse_step(STEP),)), Saving())


def test_shares_of_a_cluster() -> None:
    gpus = [{"CPU": 32.0, "GPU": 4.0}, {"CPU": 64.0, "GPU": 8.0}, {"CPU": 16.0}]
    assert Share.of(gpus, "auto") == Share(12, 4, 1)
    assert Share.of(gpus, "auto", cpus=16) == Share(6, 16, 1)
    assert Share.of(gpus, "cpu") == Share(28, 4, 0)
    assert Share.of([{"CPU": 2.0}, {"CPU": 1.0}, {}], "auto") == Share(3, 1, 0)
    assert Share.of([{}], "auto").workers == 0
