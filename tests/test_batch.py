from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from restore.errors import UnreadableImage, UnwritableOutput
from restore.pipeline import Pipeline
from restore.plan import Job, plan
from restore.run import run
from restore.tasks.denoise import Denoiser
from restore.tasks.options import DenoiseOptions


def places(jobs: list[Job], output: Path) -> set[str]:
    return {job.target.relative_to(output).as_posix() for job in jobs}


def test_mirrors_the_tree(folder: Path, tmp_path: Path) -> None:
    jobs = plan([folder], tmp_path / "out")
    assert places(jobs, tmp_path / "out") == {"a.jpg", "b.png", "deeper/c.jpg"}
    flat = plan([folder], tmp_path / "out", recursive=False)
    assert places(flat, tmp_path / "out") == {"a.jpg", "b.png"}


def test_output_inside_the_input_is_no_input(folder: Path) -> None:
    output = folder / "cleaned"
    output.mkdir()
    Image.new("RGB", (4, 4)).save(output / "old.png")
    assert places(plan([folder], output), output) == {"a.jpg", "b.png", "deeper/c.jpg"}


def test_hidden_and_foreign_files_are_passed_by(folder: Path, tmp_path: Path) -> None:
    for name in ("._a.jpg", ".hidden.png", "notes.txt"):
        (folder / name).touch()
    (folder / ".cache").mkdir()
    Image.new("RGB", (4, 4)).save(folder / ".cache" / "thumb.png")
    assert len(plan([folder], tmp_path / "out")) == 3


def test_names_never_collide(folder: Path, tmp_path: Path) -> None:
    image = Image.new("RGB", (4, 4))
    image.save(folder / "a.png")
    image.save(folder / "A_jpg.png")
    targets = places(plan([folder], tmp_path, suffix=".png"), tmp_path)
    assert len({name.lower() for name in targets}) == 5
    assert "a_png.png" in targets


def test_same_names_of_two_folders_do_not_collide(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        Image.new("RGB", (4, 4)).save(tmp_path / name / "a.png")
    jobs = plan([tmp_path / "one", tmp_path / "two"], tmp_path / "out")
    assert len({job.target for job in jobs}) == 2


def test_a_file_to_a_file(folder: Path, tmp_path: Path) -> None:
    (job,) = plan([folder / "a.jpg"], tmp_path / "clean.png")
    assert job.target == tmp_path / "clean.png"
    (job,) = plan([folder / "a.jpg"], tmp_path / "v1.2")
    assert job.target == tmp_path / "v1.2" / "a.jpg"
    with pytest.raises(UnwritableOutput, match="disagree"):
        plan([folder / "a.jpg"], tmp_path / "clean.png", suffix=".jpg")


def test_patterns_are_expanded(folder: Path, tmp_path: Path) -> None:
    assert len(plan([str(folder / "*.jpg")], tmp_path / "out")) == 1
    with pytest.raises(UnreadableImage, match="no such file"):
        plan([folder / "*.gif"], tmp_path / "out")


def test_originals_are_never_overwritten(folder: Path) -> None:
    with pytest.raises(UnwritableOutput, match="never overwritten"):
        plan([folder], folder)
    with pytest.raises(UnwritableOutput, match="never overwritten"):
        plan([folder / "a.jpg"], folder / "a.jpg")


def test_link_loops_end(folder: Path, tmp_path: Path) -> None:
    try:
        (folder / "loop").symlink_to(folder, target_is_directory=True)
    except OSError:
        return  # a system without links has no loops
    assert len(plan([folder], tmp_path / "out")) == 3


def test_one_bad_file_stops_nothing(denoiser: Denoiser, folder: Path, tmp_path: Path) -> None:
    (folder / "aa.jpg").write_bytes(b"\xff\xd8 broken")
    before = {path: path.read_bytes() for path in folder.rglob("*.*")}
    output = tmp_path / "out"
    results = list(run(plan([folder], output), [Pipeline([(denoiser, DenoiseOptions())])]))
    assert [result.status for result in results].count("done") == 3
    (failed,) = [result for result in results if result.status == "failed"]
    assert "aa.jpg" in failed.message
    assert sorted(path.name for path in output.rglob("[!.]*.*")) == ["a.jpg", "b.png", "c.jpg"]
    assert before == {path: path.read_bytes() for path in folder.rglob("*.*")}


def test_finished_work_is_not_redone(denoiser: Denoiser, folder: Path, tmp_path: Path) -> None:
    jobs = plan([folder], tmp_path / "out")
    pipelines = [Pipeline([(denoiser, DenoiseOptions())])]
    list(run(jobs[:2], pipelines))
    assert [result.status for result in run(jobs, pipelines)] == ["skipped", "skipped", "done"]
    again = run(jobs, pipelines, overwrite=True)
    assert [result.status for result in again] == ["done", "done", "done"]


def test_a_picture_passes_through_whole(
    denoiser: Denoiser, photo: NDArray[np.uint8], tmp_path: Path
) -> None:
    """What is written is what the denoiser gives for what was read."""
    Image.fromarray(photo).save(tmp_path / "a.png")
    (result,) = run(
        [Job(tmp_path / "a.png", tmp_path / "b.png")],
        [Pipeline([(denoiser, DenoiseOptions(sigma=20))])],
    )
    assert result.status == "done"
    assert result.facts == {"sigma": 20}
    np.testing.assert_array_equal(
        np.asarray(Image.open(tmp_path / "b.png")), denoiser(photo, sigma=20)
    )
