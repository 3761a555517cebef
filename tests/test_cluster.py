"""On a real Ray cluster of two node processes: the same bytes as here, and nothing is ever lost."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from PIL import Image

from restore.cluster import Share
from restore.journal import NAME
from restore.storage import location
from tests.clusters import Cluster, kill
from tests.test_kill import contents

FILES = 500
STEP = ("--step", "denoise:model=fast")


@pytest.fixture(scope="module")
def cluster(store: dict[str, str]) -> Iterator[Cluster]:
    with (
        tempfile.TemporaryDirectory(prefix="ray", ignore_cleanup_errors=True) as folder,
        Cluster(Path(folder), environment=store) as started,
    ):
        yield started


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
def expected(photos: Path, cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the local run makes of them."""
    output = tmp_path_factory.mktemp("expected")
    with start(cluster, photos, output) as going:
        assert sum(1 for _ in results(going)) == FILES
    return output


def start(
    cluster: Cluster, source: Path | str, output: Path | str, *options: str
) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "restore.cli.main", "run", str(source), "-o", str(output)]
    return subprocess.Popen(
        [*command, *STEP, "--json", *options],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=cluster.environment,
    )  # fmt: skip


def on_ray(
    cluster: Cluster, source: Path | str, output: Path | str, *options: str
) -> subprocess.Popen[str]:
    return start(cluster, source, output, "--engine", "ray", "--address", cluster.address, *options)


def results(going: subprocess.Popen[str]) -> Iterator[dict[str, str]]:
    """One of each file, as they come; at the end, that all was well."""
    assert going.stdout is not None and going.stderr is not None
    patience = threading.Timer(300, going.kill)
    patience.start()
    for line in going.stdout:
        found = json.loads(line)
        if "summary" not in found:
            yield found
    told = going.stderr.read()
    patience.cancel()
    assert going.wait() == 0, told


def names(folder: Path) -> Counter[str]:
    """What the journal of a folder or bucket tells of, and how often."""
    (journal,) = folder.glob(f"{NAME}*")
    return Counter(json.loads(line)["target"] for line in journal.read_text().splitlines())


def test_same_bytes_as_here(cluster: Cluster, photos: Path, expected: Path, tmp_path: Path) -> None:
    at_work = set()
    with on_ray(cluster, photos, tmp_path) as going:
        for found in results(going):
            assert found["status"] == "done"
            if len(at_work) < 2:
                at_work |= {node for node in (0, 1) if cluster.workers(node)}
    assert at_work == {0, 1}
    assert contents(tmp_path) == contents(expected)
    assert names(tmp_path) == Counter(contents(expected).keys())
    with on_ray(cluster, photos, tmp_path) as again:
        assert all(found["status"] == "skipped" for found in results(again))


def test_from_bucket_to_bucket(
    cluster: Cluster, photos: Path, expected: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in cluster.environment.items():
        monkeypatch.setenv(name, value)
    bucket: Any = location("s3://museum")
    bucket.fs.mkdir("museum")
    few = sorted((photos / "3").iterdir())[:12]
    for path in few:
        (bucket / "in" / path.name).write_bytes(path.read_bytes())
    report = ("--report", "s3://museum/report.json")
    with on_ray(cluster, "s3://museum/in", "s3://museum/out", *report) as going:
        assert {found["status"] for found in results(going)} == {"done"}
    wanted = {path.name: (expected / "3" / path.name).read_bytes() for path in few}
    made = {name: (bucket / "out" / name).read_bytes() for name in wanted}
    assert made == wanted
    assert names(bucket / "out") == Counter(wanted.keys())
    told = json.loads((bucket / "report.json").read_bytes())
    assert told["summary"]["done"] == len(wanted)
    assert not [key for key in bucket.fs.find("museum/out") if key.endswith(".part")]


def test_lost_workers_lose_nothing(
    cluster: Cluster, photos: Path, expected: Path, tmp_path: Path
) -> None:
    """A worker is killed, which Ray starts again, and later a whole node, which is no more."""
    killed: list[psutil.Process] = []
    told = []
    with on_ray(cluster, photos, tmp_path) as going:
        for number, found in enumerate(results(going)):
            told.append(found["target"])
            assert found["status"] == "done", found
            if number == FILES // 5:
                killed += cluster.workers(0)
                killed[0].kill()
            if number == FILES // 2:
                end = time.monotonic() + 60
                while not (again := cluster.workers(0)) and time.monotonic() < end:
                    time.sleep(0.1)
                assert again and again[0].pid != killed[0].pid
                killed += cluster.workers(1)
                kill(cluster.nodes[1])
    assert len(killed) == 2 and not any(process.is_running() for process in killed)
    assert len(told) == len(set(told)) == FILES
    assert names(tmp_path) == Counter(contents(expected).keys())
    written = contents(tmp_path)
    left = {name for name in written if name.endswith(".part")}
    assert {name: written[name] for name in written.keys() - left} == contents(expected)


def test_no_cluster_is_one_line(photos: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "restore.cli.main", "run", str(photos), "-o", str(tmp_path)]
    done = subprocess.run(
        [*command, *STEP, "--engine", "ray", "--address", "127.0.0.1:1"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 4
    assert done.stderr.startswith("error: no Ray cluster at") and done.stderr.count("\n") == 1


def test_shares_of_a_cluster() -> None:
    gpus = [{"CPU": 32.0, "GPU": 4.0}, {"CPU": 64.0, "GPU": 8.0}, {"CPU": 16.0}]
    assert Share.of(gpus, "auto") == Share(12, 4, 1)
    assert Share.of(gpus, "auto", cpus=16) == Share(6, 16, 1)
    assert Share.of(gpus, "cpu") == Share(28, 4, 0)
    assert Share.of([{"CPU": 2.0}, {"CPU": 1.0}, {}], "auto") == Share(3, 1, 0)
    assert Share.of([{}], "auto").workers == 0
