"""The run: what is made, made again, left alone, and what happens when something breaks."""

from __future__ import annotations

import errno
import json
import os
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
import torch
from numpy.typing import NDArray
from PIL import Image, PngImagePlugin

from restore.atomic import stage, sweep, write_bytes
from restore.batch import Result
from restore.errors import OutputFailure
from restore.journal import Journal
from restore.picture import Picture
from restore.pipeline import Pipeline, Restored, Saving
from restore.plan import ORIGINALS, Job, plan, share_of
from restore.resume import ALREADY
from restore.run import run
from tests.fakes import Inverter, pipeline


def finish(jobs: list[Job], *pipelines: Pipeline, **options: object) -> list[Result]:
    return list(run(jobs, pipelines or [pipeline()], **options))  # type: ignore[arg-type]


def statuses(results: list[Result]) -> list[str]:
    return [result.status for result in results]


def opened(path: Path) -> Image.Image:
    with Image.open(path) as image:
        image.load()
        return image


def files(folder: Path) -> list[str]:
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


@pytest.mark.parametrize(("count", "threads"), [(1, 4), (3, 2)])
def test_a_single_picture_gets_all_the_cores(
    folder: Path, tmp_path: Path, count: int, threads: int
) -> None:
    seen = set()

    class Watched(Inverter):
        def restore(self, *args: Any, **options: Any) -> Any:
            seen.add(torch.get_num_threads())
            return super().restore(*args, **options)

    before = torch.get_num_threads()
    torch.set_num_threads(4)
    try:
        finish(plan([folder], tmp_path / "out")[:count], pipeline(Watched("cpu")))
    finally:
        torch.set_num_threads(before)
    assert seen == {threads}


def test_a_second_run_does_nothing(folder: Path, tmp_path: Path) -> None:
    inverter = Inverter()
    jobs = plan([folder], tmp_path / "out")
    first = finish(jobs, pipeline(inverter))
    assert statuses(first) == ["done"] * 3
    assert [result.job for result in first] == jobs
    again = finish(jobs, pipeline(inverter))
    assert [result.message for result in again] == [ALREADY] * 3
    assert all(result.already for result in again)
    assert inverter.calls == 3
    assert [result.facts for result in again] == [{"sigma": 1.5}] * 3
    assert statuses(finish(jobs, pipeline(inverter), overwrite=True)) == ["done"] * 3


def test_same_bytes_again(folder: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        finish(plan([folder], tmp_path / name))
    for name in ("a.jpg", "b.png", "deeper/c.jpg"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_only_what_must_be_is_made_again(folder: Path, tmp_path: Path) -> None:
    jobs = plan([folder], tmp_path / "out")
    finish(jobs)
    (tmp_path / "out" / "b.png").unlink()  # a result is gone
    Image.new("RGB", (9, 9)).save(folder / "a.jpg")  # a source is another one
    os.utime(folder / "deeper" / "c.jpg")  # this one was only touched
    assert statuses(finish(jobs)) == ["done", "done", "skipped"]
    assert statuses(finish(jobs)) == ["skipped"] * 3
    assert statuses(finish(jobs, pipeline(strength=0.5))) == ["done"] * 3
    assert statuses(finish(jobs, pipeline(saving=Saving(quality=50)))) == ["done"] * 3


def test_a_result_that_was_named_is_known_too(folder: Path) -> None:
    """Among the pictures, which stay pictures; an edit of it is not replaced unasked."""
    named = folder / "deeper" / "restored.png"
    assert statuses(finish(plan([folder / "b.png"], named))) == ["done"]
    jobs = plan([folder / "b.png"], named)
    assert [result.message for result in finish(jobs)] == [ALREADY]
    assert statuses(finish(jobs, pipeline(strength=0.5))) == ["done"]
    (failed,) = finish(plan([folder / "a.jpg"], named))
    assert f"is the result of {folder.resolve() / 'b.png'}" in failed.message
    assert folder / "deeper" / "c.jpg" in {job.source for job in plan([folder], folder / "out")}
    edited = opened(named)
    edited.putpixel((0, 0), (1, 2, 3))
    edited.save(named, pnginfo=PngImagePlugin.PngInfo())
    (kept,) = finish(jobs)
    assert "was changed since" in kept.message and "--overwrite" in kept.message
    assert opened(named).getpixel((0, 0)) == (1, 2, 3)
    assert statuses(finish(jobs, overwrite=True)) == ["done"]


def test_what_others_have_put_there_is_left_alone(folder: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    output.mkdir()
    (output / "a.jpg").write_text("somebody else's")
    jobs = plan([folder], output)
    first, *others = finish(jobs)
    assert first.status == "skipped"
    assert "from elsewhere" in first.message
    assert statuses(others) == ["done", "done"]
    assert (output / "a.jpg").read_text() == "somebody else's"
    assert statuses(finish(jobs, overwrite=True)) == ["done"] * 3


def test_results_that_were_edited_are_left_alone_and_broken_ones_mended(
    folder: Path, tmp_path: Path
) -> None:
    output = tmp_path / "out"
    jobs = plan([folder], output)
    finish(jobs)
    Image.new("RGB", (5, 5)).save(output / "a.jpg")
    whole = (output / "b.png").read_bytes()
    (output / "b.png").write_bytes(whole[:100])
    edited, mended, untouched = finish(jobs)
    assert "was changed" in edited.message
    assert opened(output / "a.jpg").size == (5, 5)
    assert mended.status == "done"
    assert (output / "b.png").read_bytes() == whole
    assert untouched.message == ALREADY


@pytest.mark.parametrize(
    ("size", "kind", "colours"), [(9, "f4", "rgb"), (9, "u2", "cielab"), (65, "u1", "rgb")]
)
def test_edits_that_cannot_be_read_are_left_alone(
    tmp_path: Path, size: int, kind: str, colours: str
) -> None:
    """Whatever an editor saves, or more pixels than are allowed; unless it was cut off."""
    Image.new("RGB", (9, 9)).save(tmp_path / "a.tif")
    jobs = plan([tmp_path], tmp_path / "out")
    small = pipeline(saving=Saving(max_pixels=4000))
    finish(jobs, small)
    edited = np.zeros((size, size, 3), kind)
    tifffile.imwrite(jobs[0].target, edited, photometric=colours)
    data = jobs[0].target.read_bytes()
    (kept,) = finish(jobs, small)
    assert "was changed since" in kept.message
    assert jobs[0].target.read_bytes() == data
    for broken in (data[:100], bytes(100)):
        jobs[0].target.write_bytes(broken)
        assert statuses(finish(jobs, small)) == ["done"]


def test_a_torn_journal_is_harmless(folder: Path, tmp_path: Path) -> None:
    jobs = plan([folder], tmp_path / "out")
    finish(jobs)
    path = tmp_path / "out" / ".restore-journal.jsonl"
    whole = path.read_bytes()
    # Files are finished in any order: take one to change that is not the torn line's.
    last = json.loads(whole.splitlines()[-1])["target"]
    other = "a.jpg" if last == "b.png" else "b.png"
    path.write_bytes(whole[:-40] + b"\xff\x00")
    assert statuses(finish(jobs)).count("skipped") == 3  # the third is there, whose is not known
    with path.open("ab") as file:
        file.write(b'{"target": "torn')
    Image.new("RGB", (9, 9)).save(folder / other)
    assert statuses(finish(jobs)).count("done") == 1
    assert statuses(finish(jobs)) == ["skipped"] * 3
    assert Journal(tmp_path / "out").knows(other)


def test_files_with_nothing_to_do_are_copied(folder: Path, tmp_path: Path) -> None:
    finish(plan([folder], tmp_path / "out"), pipeline(strength=0))
    for name in ("a.jpg", "b.png"):
        assert (tmp_path / "out" / name).read_bytes() == (folder / name).read_bytes()
    finish(plan([folder / "b.png"], tmp_path / "b.jpg"), pipeline(strength=0))
    assert opened(tmp_path / "b.jpg").format == "JPEG"


def test_what_stands_is_skipped_with_thumbnails_or_without(tmp_path: Path) -> None:
    """In place, the limit on pixels may be lower than it was, and the original damaged."""
    Image.new("RGB", (50, 40)).save(tmp_path / "a.png")
    jobs = plan([tmp_path], None)
    finish(jobs)
    (result,) = finish(jobs, thumbnails=True)
    assert result.thumbnails is not None
    low = pipeline(saving=Saving(max_pixels=1999))
    (tmp_path / ORIGINALS / "a.png").write_bytes(b"damaged")
    for results in (finish(jobs, low, thumbnails=True), finish(jobs, thumbnails=True)):
        assert [result.message for result in results] == [ALREADY]
        assert results[0].thumbnails is None


def test_results_may_keep_the_times_of_their_sources(folder: Path, tmp_path: Path) -> None:
    for path in folder.rglob("*.*"):
        os.utime(path, ns=(10**18, 10**18 + 123_456_000))
    jobs = plan([folder], tmp_path / "out")
    finish(jobs, pipeline(saving=Saving(keep_times=True)))
    assert {job.target.stat().st_mtime_ns for job in jobs} == {10**18 + 123_456_000}
    assert statuses(finish(jobs, pipeline())) == ["skipped"] * 3  # the same results, after all
    finish(plan([folder], tmp_path / "now"), pipeline())
    assert (tmp_path / "now" / "a.jpg").stat().st_mtime > 1.5e9


def test_what_cannot_be_finished_is_not_left_half(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "utime", refuse)
    results = finish(plan([folder], tmp_path / "out"), pipeline(saving=Saving(keep_times=True)))
    assert statuses(results) == ["failed"] * 3
    assert not list((tmp_path / "out").rglob("*.part"))


def test_in_place_keeps_the_originals(folder: Path) -> None:
    before = {name: (folder / name).read_bytes() for name in ("a.jpg", "b.png", "deeper/c.jpg")}
    jobs = plan([folder], None)
    assert statuses(finish(jobs)) == ["done"] * 3
    restored = (folder / "b.png").read_bytes()
    assert statuses(finish(jobs)) == ["skipped"] * 3
    (folder / "b.png").chmod(0o600)
    mode = (folder / "b.png").stat().st_mode
    # By another recipe it starts from the originals, not from its own results.
    assert statuses(finish(jobs, pipeline(Inverter(), strength=0.5))) == ["done"] * 3
    np.testing.assert_array_equal(
        np.asarray(opened(folder / "b.png")),
        255 - np.asarray(opened(folder / ORIGINALS / "b.png")),
    )
    assert (folder / "b.png").stat().st_mode == mode
    for name, data in before.items():
        assert (folder / ORIGINALS / name).read_bytes() == data
        assert (folder / name).read_bytes() != data
    assert len(plan([folder], None)) == 3
    # Somebody puts another picture there: its original has no place, so it is not touched.
    Image.new("RGB", (7, 7)).save(folder / "b.png")
    (failed,) = [result for result in finish(jobs) if result.status == "failed"]
    assert "original of another picture" in failed.message
    assert opened(folder / "b.png").size == (7, 7)
    assert restored != before["b.png"]


@pytest.mark.parametrize("order", [["deeper", ""], ["", "deeper"], ["deeper/c.jpg", "deeper", ""]])
def test_in_place_a_folder_and_one_below_it_know_each_others_results(
    folder: Path, monkeypatch: pytest.MonkeyPatch, order: list[str]
) -> None:
    original = (folder / "deeper" / "c.jpg").read_bytes()
    first, *others = order
    finish(plan([folder / first], None))
    restored = (folder / "deeper" / "c.jpg").read_bytes()
    for other in others:
        assert finish(plan([folder / other], None))[-1].message == ALREADY
    monkeypatch.chdir(folder / "deeper")
    (again,) = finish(plan(["."], None), pipeline(strength=0.5))
    assert again.status == "done"
    assert (folder / "deeper" / "c.jpg").read_bytes() != restored
    assert [path.read_bytes() for path in folder.rglob(f"{ORIGINALS}/**/c.jpg")] == [original]


def test_a_source_that_changes_or_vanishes(folder: Path, tmp_path: Path) -> None:
    """While it is being computed, which the progress of the task tells."""

    def meddle(job: Job, share: float) -> None:
        if share == 1 and job.source.name == "a.jpg":
            Image.new("RGB", (9, 9)).save(job.source)
        elif share == 1 and job.source.name == "b.png":
            job.source.unlink(missing_ok=True)

    jobs = plan([folder], tmp_path / "out")
    (folder / "deeper" / "c.jpg").unlink()  # after planning
    changed, gone, missing = finish(jobs, on_progress=meddle)
    assert "changed while" in changed.message
    assert "moved or deleted while" in gone.message
    assert missing.status == "failed"
    assert "is gone" in missing.message
    assert statuses(finish(jobs)) == ["done", "failed", "failed"]


def test_in_place_a_changed_source_is_not_replaced(folder: Path) -> None:
    def meddle(job: Job, share: float) -> None:
        if share == 1:
            Image.new("RGB", (9, 9)).save(job.source)

    (result,) = finish(plan([folder / "b.png"], None), on_progress=meddle)
    assert result.status == "failed"
    assert opened(folder / "b.png").size == (9, 9)


def test_a_full_disk_is_one_error(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = plan([folder], tmp_path / "out")
    assert statuses(finish(jobs[:1])) == ["done"]
    before = files(tmp_path / "out")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    results = []
    with monkeypatch.context() as patch, pytest.raises(OutputFailure, match="No space left"):
        patch.setattr(os, "fsync", full)
        results += list(_collected(run(jobs, [pipeline()]), results))
    assert statuses(results) == ["skipped", "failed"]
    assert files(tmp_path / "out") == before
    assert statuses(finish(jobs)) == ["skipped", "done", "done"]


def _collected(going: Iterator[Result], results: list[Result]) -> Iterator[Result]:
    for result in going:
        results.append(result)
    yield from ()


def test_a_folder_that_cannot_be_written_is_one_error(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    results: list[Result] = []
    with pytest.raises(OutputFailure, match="journal"):
        list(_collected(run(plan([folder], tmp_path / "file"), [pipeline()]), results))
    assert statuses(results) == ["failed"]


def test_stopping_rolls_back_what_is_not_done(folder: Path, tmp_path: Path) -> None:
    """What leaving the generator does, which is what Ctrl-C comes to."""
    jobs = plan([folder], tmp_path / "out")
    going = run(jobs, [pipeline(Inverter(seconds=0.2))])
    next(going)
    going.close()
    left = [name for name in files(tmp_path / "out") if "journal" not in name]
    assert "a.jpg" in left
    assert not [name for name in left if name.endswith(".part")]
    assert statuses(finish(jobs)).count("skipped") == len(left)


def test_leftovers_of_dead_processes_are_swept(tmp_path: Path) -> None:
    output = tmp_path / "out"
    alive = stage(output / "x.png", b"being written").temporary
    dead = alive.with_name(alive.name.replace(f"-{os.getpid()}-", "-999999999-"))
    # In a container that was started again: another process of the same number.
    before = alive.with_name(re.sub("-[0-9a-f]{8}-[0-9]+.part", "-00c0ffee-0.part", alive.name))
    for left in (dead, before):
        left.write_bytes(b"half")
    sweep(output)
    assert not dead.exists()
    assert not before.exists()
    assert alive.exists()


def test_devices_share_the_work_and_order_stays(tmp_path: Path) -> None:
    for number in range(12):
        Image.new("RGB", (8, 8)).save(tmp_path / f"{number:02}.png")
    inverters = [Inverter("one", 0.02), Inverter("two", 0.02)]
    jobs = plan([tmp_path], tmp_path / "out")
    results = finish(jobs, *map(pipeline, inverters))
    assert [result.job for result in results] == jobs
    assert sum(inverter.calls for inverter in inverters) == 12
    assert min(inverter.calls for inverter in inverters) >= 3
    assert {result.details["device"] for result in results} == {"one", "two"}


def test_few_pictures_are_in_memory_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(40):
        Image.new("RGB", (8, 8)).save(tmp_path / f"{number}.png")
    lock, now, most = threading.Lock(), 0, 0
    read, write = Pipeline.read, Pipeline.write

    def counted_read(self: Pipeline, *arguments: object) -> object:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        return read(self, *arguments)  # type: ignore[arg-type]

    def counted_write(self: Pipeline, *arguments: object) -> object:
        nonlocal now
        with lock:
            now -= 1
        return write(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Pipeline, "read", counted_read)
    monkeypatch.setattr(Pipeline, "write", counted_write)
    finish(plan([tmp_path], tmp_path / "out"), pipeline(Inverter(seconds=0.004)), io_threads=2)
    assert 2 <= most <= 3


def test_smaller_tiles_are_reported(tmp_path: Path, photo: NDArray[np.uint8]) -> None:
    inverter = Inverter()
    Image.fromarray(photo).save(tmp_path / "a.png")
    whole = pipeline(inverter)
    restore_ = inverter.restore

    def short_of_memory(*arguments: object) -> object:
        inverter.engine.tile = 256
        return restore_(*arguments)  # type: ignore[arg-type]

    inverter.restore = short_of_memory  # type: ignore[assignment, method-assign]
    (result,) = finish(plan([tmp_path], tmp_path / "out"), whole)
    assert "out of memory with tiles of 512: went on with 256" in result.message
    assert result.details["tile"] == 256


def test_maps_go_beside_results_but_over_nothing(folder: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    output.mkdir()
    (output / "a_mask.png").write_bytes(b"somebody else's")
    jobs = plan([folder], output)
    saving = Saving(save_maps=True)
    first, *_ = finish(jobs, pipeline(saving=saving))
    assert "a_mask.png is there already" in first.message
    assert (output / "a_mask.png").read_bytes() == b"somebody else's"
    with_maps = files(output)
    assert {"b_mask.png", "deeper/c_mask.png"} <= set(with_maps)
    again = finish(jobs, pipeline(saving=saving, strength=0.5))
    assert "a_mask.png" in again[0].message
    assert again[1].message == ""
    assert files(output) == with_maps


def test_share_of_changed_pixels(photo: NDArray[np.uint8]) -> None:
    def share(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> float:
        pages = (Picture(after, "png"),)
        return Restored(pages, before, True, (), {}, {}, 1.0, {}).changed_share()

    colours = photo.copy()
    colours[:32, :, 1] += 3  # a quarter of the rows
    assert share(photo, photo) == 0
    assert share(photo, colours) == 0.25
    gray = np.full((10, 10), 100, np.uint8)
    assert share(gray, np.dstack([gray, gray, gray + 9])) == 1
    assert share(np.dstack([gray, gray]), np.dstack([gray, gray + 1, gray + 2, gray])) == 0


def test_shards_write_journals_of_their_own(folder: Path, tmp_path: Path) -> None:
    for index in (1, 2, 3):
        jobs = share_of(plan([folder], tmp_path / "out"), (index, 3))
        finish(jobs, shard=f"{index}-of-3")
    assert statuses(finish(plan([folder], tmp_path / "out"))) == ["skipped"] * 3


def test_results_of_another_folder_are_not_replaced(folder: Path, tmp_path: Path) -> None:
    """Two memory cards with the same names, into the same folder."""
    other = tmp_path / "card2"
    other.mkdir()
    Image.new("RGB", (30, 20), "red").save(other / "b.png")
    output = tmp_path / "out"
    finish(plan([folder], output))
    before = (output / "b.png").read_bytes()
    (failed,) = finish(plan([other], output))
    assert failed.status == "failed"
    assert f"is the result of {folder.resolve() / 'b.png'}" in failed.message
    assert (output / "b.png").read_bytes() == before
    assert statuses(finish(plan([other], output), overwrite=True)) == ["done"]


def test_results_of_a_folder_that_is_away_are_not_replaced(folder: Path, tmp_path: Path) -> None:
    """The first card was taken out. What is the same, byte for byte, is known in any place."""
    output = tmp_path / "out"
    finish(plan([folder], output))
    moved = folder.rename(tmp_path / "moved")
    before = (output / "a.jpg").read_bytes()
    Image.new("RGB", (9, 9)).save(moved / "a.jpg")
    failed, *others = finish(plan([moved], output))
    assert [result.message for result in others] == [ALREADY] * 2
    assert failed.status == "failed"
    assert f"is the result of {folder.resolve() / 'a.jpg'}" in failed.message
    assert "delete that result, or give --overwrite" in failed.message
    assert (output / "a.jpg").read_bytes() == before
    (output / "a.jpg").unlink()
    assert statuses(finish(plan([moved], output)))[0] == "done"
    assert opened(output / "a.jpg").size == (9, 9)


def test_maps_of_pictures_that_share_a_stem(tmp_path: Path) -> None:
    folder, output = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    for name in ("a.jpg", "a.png"):
        Image.new("RGB", (20, 20), "white").save(folder / name)
    results = finish(plan([folder], output), pipeline(saving=Saving(save_maps=True)))
    notes = {note for result in results if (note := result.message)}  # whichever came second
    assert notes < {
        f"a_mask.png belongs to {name} and is left alone" for name in ("a.jpg", "a.png")
    }
    assert len(notes) == 1


@pytest.mark.parametrize("overwrite", [False, True])
def test_masks_that_a_user_has_painted_stay(tmp_path: Path, overwrite: bool) -> None:
    """Also those that were made here and corrected since, whatever is overwritten."""
    folder = tmp_path / "in"
    folder.mkdir()
    Image.new("RGB", (20, 20), "white").save(folder / "a.png")
    painted = tmp_path / "out" / "a_mask.png"
    saving = Saving(save_maps=True)
    finish(plan([folder], tmp_path / "out"), pipeline(saving=saving))
    Image.new("L", (20, 20), 255).save(painted)
    before = painted.read_bytes()
    (result,) = finish(
        plan([folder], tmp_path / "out"),
        pipeline(saving=saving, strength=0.5),
        overwrite=overwrite,
    )
    assert result.status == "done"
    assert "a_mask.png is there already" in result.message
    assert painted.read_bytes() == before
    # In the place of the pictures a mask would be a picture of the run itself.
    Image.new("L", (20, 20), 255).save(folder / "a_mask.png")
    (first, _) = finish(
        plan([folder], folder, suffix=".tif"), pipeline(saving=saving), overwrite=overwrite
    )
    assert "a_mask.png is the name of another picture" in first.message
    assert (folder / "a_mask.png").read_bytes() == before


def test_a_folder_without_a_journal_does_not_stop_the_others(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        Image.new("RGB", (20, 20), "white").save(tmp_path / name / "a.png")
    (tmp_path / "one" / ORIGINALS).write_bytes(b"a file of that name")
    results = finish(plan([tmp_path / "one", tmp_path / "two"], None), pipeline())
    assert statuses(results) == ["failed", "done"]


def test_maps_and_results_do_not_take_each_others_names(tmp_path: Path) -> None:
    folder, output = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    for name in ("a.png", "a_mask.png"):
        Image.new("RGB", (20, 20), "white").save(folder / name)
    first, second = finish(plan([folder], output), pipeline(saving=Saving(save_maps=True)))
    assert statuses([first, second]) == ["done"] * 2
    assert "a_mask.png is the name of another picture of this run" in first.message
    assert opened(output / "a_mask.png").mode == "RGB"
    assert files(output)[1:] == ["a.png", "a_mask.png", "a_mask_mask.png"]
    # The other way round: a map is there, and a picture of that name comes later.
    (folder / "a_mask.png").rename(tmp_path / "later.png")
    elsewhere = tmp_path / "elsewhere"
    finish(plan([folder], elsewhere), pipeline(saving=Saving(save_maps=True)))
    (tmp_path / "later.png").rename(folder / "a_mask.png")
    _, failed = finish(plan([folder], elsewhere), pipeline(saving=Saving(save_maps=True)))
    assert "is a map that goes with another" in failed.message
    assert opened(elsewhere / "a_mask.png").mode == "L"


def test_results_among_their_sources_are_no_sources(folder: Path) -> None:
    jobs = plan([folder], folder, suffix=".tif")
    assert statuses(finish(jobs)) == ["done"] * 3
    again = plan([folder], folder, suffix=".tif")
    assert again == jobs
    assert statuses(finish(again)) == ["skipped"] * 3


def test_in_place_a_result_that_was_tagged_is_left_alone(folder: Path) -> None:
    finish(plan([folder], None))
    tagged = opened(folder / "b.png")
    info = PngImagePlugin.PngInfo()
    for key, value in tagged.text.items():  # type: ignore[attr-defined]
        info.add_itxt(key, value)
    info.add_itxt("Title", "Grandma")
    tagged.save(folder / "b.png", pnginfo=info)
    data = (folder / "b.png").read_bytes()
    for overwrite, status in ((False, "skipped"), (True, "failed")):
        results = finish(plan([folder], None), overwrite=overwrite)
        (result,) = (each for each in results if "changed since" in each.message)
        assert result.status == status
        assert str(folder / ORIGINALS / "b.png") in result.message
        assert (folder / "b.png").read_bytes() == data


def test_in_place_a_second_task_says_that_it_undoes_the_first(folder: Path) -> None:
    """As it starts from the original; the same task with other options is no surprise."""
    colorizer = Inverter()
    colorizer.card = replace(colorizer.card, task="colorize")
    notes = []
    for each in (pipeline(), pipeline(strength=0.5), pipeline(colorizer), pipeline(colorizer)):
        notes.append({result.message for result in finish(plan([folder], None), each)})
    assert notes[:2] == [{""}, {""}]
    (said,) = notes[2]
    assert "made anew from its original, without the earlier denoise;" in said
    assert "`restore run`" in said
    assert notes[3] == {ALREADY}


@pytest.mark.parametrize("below", ["", "deeper"])
def test_in_place_maps_are_no_pictures(folder: Path, below: str) -> None:
    saving = Saving(save_maps=True)
    finish(plan([folder], None), pipeline(saving=saving))
    there = {path.name for path in folder.rglob("*_mask.png")}
    assert there == {"a_mask.png", "b_mask.png", "c_mask.png"}
    for given in ([folder / below], sorted((folder / below).glob("*.*g"))):
        again = finish(plan(given, None), pipeline(saving=saving))
        assert {result.message for result in again} == {ALREADY}


def test_originals_are_kept_on_disks_without_links(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []

    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    def watched(path: Path, data: bytes) -> None:
        synced.append(path.name)
        write_bytes(path, data)

    monkeypatch.setattr(os, "link", refuse)
    monkeypatch.setattr("restore.resume.write_bytes", watched)
    before = {path.name: path.read_bytes() for path in folder.rglob("*.*")}
    assert statuses(finish(plan([folder], None))) == ["done"] * 3
    kept = {path.name: path.read_bytes() for path in (folder / ORIGINALS).rglob("?.*")}
    assert kept == {name: data for name, data in before.items() if name in kept}
    assert sorted(synced) == ["a.jpg", "b.png", "c.jpg"]  # by the one way that is safe
