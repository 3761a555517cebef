"""Folders in an object store: a server with the protocol of S3, started here."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from restore.cli.main import app
from restore.errors import OutputFailure, UnreadableImage
from restore.journal import NAME, Journal
from restore.lines import ObjectLines
from restore.plan import plan
from restore.run import run
from restore.storage import location
from tests.fakes import Inverter, pipeline
from tests.test_kill import contents


@pytest.fixture
def bucket(
    store: dict[str, str], folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Any:
    """A bucket with the tree of `folder` below `in`."""
    for name, value in store.items():
        monkeypatch.setenv(name, value)
    place: Any = location(f"s3://{tmp_path.name.replace('_', '-').lower()}")
    place.fs.mkdir(place.path)
    for path in folder.rglob("*.*"):
        (place / "in" / path.relative_to(folder).as_posix()).write_bytes(path.read_bytes())
    return place


def objects(place: Any) -> dict[str, bytes]:
    """All below a place, but journals."""
    place.fs.invalidate_cache()
    root = place.path.rstrip("/") + "/"
    return {
        key.removeprefix(root): place.fs.cat_file(key)
        for key in place.fs.find(root)
        if not key.rpartition("/")[2].startswith(NAME)
    }


def targets(place: Any) -> Counter[str]:
    """What the journal tells of, and how often."""
    lines = [line for path in place.glob(f"{NAME}*") for line in path.read_bytes().splitlines()]
    return Counter(json.loads(line)["target"] for line in lines)


def test_bucket_to_bucket(bucket: Any, folder: Path, tmp_path: Path) -> None:
    for result in run(plan([folder], tmp_path / "here"), [pipeline()]):
        assert result.status == "done"
    results = list(run(plan([bucket / "in"], bucket / "out"), [pipeline()]))
    assert [result.job.place for result in results] == ["a.jpg", "b.png", "deeper/c.jpg"]
    assert objects(bucket / "out") == contents(tmp_path / "here")
    assert targets(bucket / "out") == Counter(objects(bucket / "out").keys())


def test_only_what_must_be_is_made_again(bucket: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = plan([bucket / "in"], bucket / "out")
    assert len(list(run(jobs, [pipeline()]))) == 3
    (bucket / "out" / "b.png").unlink()
    (bucket / "in" / "a.jpg").write_bytes((bucket / "in" / "deeper" / "c.jpg").read_bytes() + b" ")
    bucket.fs.invalidate_cache()
    read = Inverter()
    statuses = [result.status for result in run(jobs, [pipeline(read)])]
    assert statuses == ["done", "done", "skipped"] and read.calls == 2

    bucket.fs.invalidate_cache()
    monkeypatch.setattr(type(bucket), "open", None)  # times of objects spare reading them
    assert [result.status for result in run(jobs, [pipeline()])] == ["skipped"] * 3


def test_what_others_have_put_there_is_left_alone(bucket: Any) -> None:
    (bucket / "out" / "b.png").write_bytes(b"theirs")
    results = list(run(plan([bucket / "in"], bucket / "out"), [pipeline()]))
    assert [result.status for result in results] == ["done", "skipped", "done"]
    assert (bucket / "out" / "b.png").read_bytes() == b"theirs"


def test_killed_between_line_and_name(bucket: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line tells of contents that are not there: made again, and what was staged is swept."""
    jobs = plan([bucket / "in"], bucket / "out")

    class Killed(BaseException):
        pass

    def killed(*arguments: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("restore.atomic.move", killed)
        patch.setattr("restore.executor.Made.discard", lambda self: None)
        with pytest.raises(Killed):
            list(run(jobs, [pipeline()]))
    assert any(name.endswith(".part") for name in objects(bucket / "out"))
    assert [result.status for result in run(jobs, [pipeline()])] == ["done"] * 3
    assert set(targets(bucket / "out")) == {"a.jpg", "b.png", "deeper/c.jpg"}


def test_lines_share_objects(bucket: Any) -> None:
    path = bucket / f"{NAME}.jsonl"
    lines = ObjectLines(path, limit=4)
    for number in range(10):
        lines.append(str(number), f"{number}\n".encode())
        assert f"{number}\n".encode() in b"".join(each.read_bytes() for each in bucket.glob(".r*"))
    lines.amend("7", b"seven\n")
    lines.close()
    stored = [each.read_bytes() for each in sorted(bucket.glob(".r*"), key=str)]
    assert stored == [b"0\n1\n2\n3\n", b"4\n5\n6\nseven\n", b"8\n9\n"]


def test_nothing_is_left_where_nothing_was_done(bucket: Any) -> None:
    journal = Journal(bucket / "out")
    journal.open()
    assert list(bucket.glob("out/.r*"))
    journal.close()
    bucket.fs.invalidate_cache()
    assert not list(bucket.glob("out/.r*"))


def test_patterns_and_places(bucket: Any, folder: Path) -> None:
    url = str(bucket).rstrip("/")
    (job,) = plan([f"{url}/in/**/c.*"], bucket / "out")
    assert str(job.target) == f"{url}/out/c.jpg"
    assert location(folder.as_uri()) == folder
    assert location("s3://bucket/a/") == location("s3://bucket/a")
    jobs = plan([folder.as_uri()], bucket / "out")
    assert [str(job.target) for job in jobs][-1] == f"{url}/out/deeper/c.jpg"
    (job,) = plan([bucket / "in" / "a.jpg"], None)
    assert "choose an output folder" in job.problem


def test_places_and_times_on_the_command_line(folder: Path) -> None:
    """In a store that lives in this process."""
    museum = location("memory://museum")
    for path in folder.rglob("*.*"):
        (museum / path.relative_to(folder).as_posix()).write_bytes(path.read_bytes())
    where = ["-o", "memory://clean", "--relative-to", "memory://museum", "--dry-run"]
    arguments = ["denoise", "memory://museum/deeper", str(folder), *where]
    result = CliRunner().invoke(app, [*arguments, "--relative-to", str(folder)])
    assert result.exit_code == 0, result.output
    assert "memory://clean/deeper/c_jpg.jpg" in result.stdout
    assert "memory://clean/b.png" in result.stdout
    refused = CliRunner().invoke(app, [*arguments, "--keep-times"])
    assert refused.exit_code == 2
    assert "memory://clean has times of its own" in refused.stderr


def test_errors_name_the_place(bucket: Any) -> None:
    with pytest.raises(UnreadableImage, match="s3://nobody-has-this/in: no such"):
        plan(["s3://nobody-has-this/in"], bucket / "out")
    jobs = plan([bucket / "in"], location("s3://nobody-has-this/out"))
    with pytest.raises(OutputFailure, match=r"s3://nobody-has-this/out/.*can't be written"):
        list(run(jobs, [pipeline()]))
