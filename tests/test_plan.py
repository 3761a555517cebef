from __future__ import annotations

import itertools
import os
import unicodedata
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from restore.errors import UnwritableOutput
from restore.journal import NAME
from restore.plan import ORIGINALS, plan, shard_of, share_of
from restore.run import run
from tests.fakes import pipeline

STEMS = st.sampled_from(
    ["a", "A", "b", "ä", unicodedata.normalize("NFD", "ä"), "con", "NUL", "com1.old", "a_jpg",
     "a_png", "a b", "家族", "a_jpg_2", "x.png", "..a", "a."]
)  # fmt: skip
SUFFIXES = st.sampled_from([".jpg", ".JPG", ".png", ".gif", ".bmp", ".tif", ".dng", ".jpeg"])
NAMES = st.builds(lambda stem, suffix: stem + suffix, STEMS, SUFFIXES)
FOLDERS = st.sampled_from(["", "a.png/", "A/", "a/", "deeper/still/", "aux/"])
PLACES = st.sets(st.builds(lambda folder, name: folder + name, FOLDERS, NAMES), max_size=25)
CONVERTED = st.sampled_from([None, ".png", ".jpg"])


def key(place: Path) -> str:
    return unicodedata.normalize("NFC", place.as_posix()).casefold()


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(places=PLACES, suffix=CONVERTED)
def test_every_file_has_a_place_of_its_own(
    tmp_path_factory: pytest.TempPathFactory, places: set[str], suffix: str | None
) -> None:
    """On every file system, whatever it thinks of case, accents and devices."""
    root = tmp_path_factory.mktemp("plan")
    made = set()
    for place in places:
        path = root / "in" / place
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        except OSError:  # a file is where the folder would be, or the name is not allowed here
            continue
        if path.is_file():  # not a folder of the same name
            made.add(path)
    (root / "in").mkdir(exist_ok=True)
    jobs = plan([root / "in"], root / "out", suffix=suffix)
    visible = {path for path in made if not path.name.startswith(".")}
    assert len({job.source for job in jobs}) == len(jobs)
    assert len(jobs) == len({path.resolve() for path in visible})
    targets = [job.target.relative_to(root / "out") for job in jobs]
    assert max(Counter(map(key, targets)).values(), default=1) == 1
    folders = {key(parent) for target in targets for parent in target.parents}
    assert not folders & set(map(key, targets))
    for target in targets:
        for part in target.parts:
            assert part.split(".")[0].casefold() not in {"con", "nul", "aux", "com1"}
    # The same again, and from whatever order: names do not hang on chance.
    assert jobs == plan([root / "in"], root / "out", suffix=suffix)


@given(places=st.sets(st.text(max_size=30), max_size=40), shares=st.integers(1, 9))
def test_every_file_is_in_just_one_shard(places: set[str], shares: int) -> None:
    for place in places:
        found = shard_of(place, shares)
        assert 1 <= found <= shares
        # However a disk spells an accent, the file stays in its share.
        assert found == shard_of(unicodedata.normalize("NFD", place), shares)


def test_shards_add_up_to_the_whole(folder: Path, tmp_path: Path) -> None:
    whole = plan([folder], tmp_path / "out")
    shards = [share_of(plan([folder], tmp_path / "out"), (index, 3)) for index in (1, 2, 3)]
    assert sorted(itertools.chain(*shards), key=str) == sorted(whole, key=str)


def test_shards_are_the_same_for_ever() -> None:
    """A job array whose parts run different versions must not leave files out."""
    assert shard_of("photos/1.jpg", 1000) == 211


def test_earlier_results_are_no_input(folder: Path, tmp_path: Path) -> None:
    for _ in run(plan([folder], folder / "first"), [pipeline()]):
        pass
    assert len(plan([folder], folder / "second")) == 3
    assert len(plan([folder / "first"], folder / "second")) == 3  # unless they are asked for


def test_in_place(folder: Path) -> None:
    (folder / "d.gif").touch()
    jobs = plan([folder], None)
    assert all(job.target == job.source for job in jobs)
    assert [job.source.name for job in jobs if job.problem] == ["d.gif"]
    with pytest.raises(UnwritableOutput, match="format"):
        plan([folder], None, suffix=".png")


@pytest.mark.parametrize(
    ("names", "output", "word"),
    [
        (["a.jpg", "b.png"], "clean.png", "may be several: give a folder"),
        ([""], "clean.PNG", "may be several"),
        (["b.png"], "clean.gif", r"can't be written: choose another suffix, \.png"),
        (["b.png"], "clean.dng", "can't be written"),
    ],
)
def test_a_name_of_a_picture_is_no_folder(
    folder: Path, tmp_path: Path, names: list[str], output: str, word: str
) -> None:
    inputs = [folder / name for name in names]
    with pytest.raises(UnwritableOutput, match=word):
        plan(inputs, tmp_path / output)
    (tmp_path / output).mkdir()  # unless there is one
    assert all(job.root == tmp_path / output for job in plan(inputs, tmp_path / output))
    assert plan(inputs, tmp_path / "v1.2")


def test_originals_are_refused_by_whatever_name(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    os.link(folder / "b.png", tmp_path / "out" / "b.png")
    with pytest.raises(UnwritableOutput, match="one of the originals"):
        plan([folder], tmp_path / "out")
    with pytest.raises(UnwritableOutput, match="one of the originals"):
        plan([folder / "b.png"], tmp_path / "out" / "b.png")


def test_a_disk_may_tell_no_cases_apart(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As macOS and Windows have them: `-o photos` for the folder Photos."""
    stat = Path.stat

    def any_case(path: Path, **options: bool) -> os.stat_result:
        shouted = str(path).replace(str(tmp_path / "PHOTOS"), str(folder))
        return stat(Path(shouted), **options)

    monkeypatch.setattr(Path, "stat", any_case)
    with pytest.raises(UnwritableOutput, match="one of the originals"):
        plan([folder], tmp_path / "PHOTOS")
    assert len(plan([folder], tmp_path / "PHOTOS" / "deeper")) == 2
    for _ in run(plan([folder], folder, suffix=".tif"), [pipeline()]):
        pass
    # Its results there are known as such, too.
    assert len(plan([folder], tmp_path / "PHOTOS", suffix=".tif")) == 3


def test_files_given_one_by_one_keep_their_place_in_a_tree(folder: Path, tmp_path: Path) -> None:
    """As results of the whole folder are placed, so that they share its journal."""
    out = tmp_path / "out"
    whole = plan([folder], out)
    given = sorted(path for path in folder.rglob("*") if path.is_file())
    assert plan(given, out, relative_to=[folder]) == whole
    assert plan([folder / "deeper" / ".." / "deeper"], out, relative_to=[folder])[0].target == (
        out / "deeper" / "c.jpg"
    )
    (one,) = plan([folder / "deeper" / "c.jpg"], out, relative_to=[folder, folder / "deeper"])
    assert (one.target, one.journal) == (out / "c.jpg", out)  # the nearest counts
    (one,) = plan([folder / "deeper" / "c.jpg"], None, relative_to=[folder])
    assert one.backup == folder / ORIGINALS / "deeper" / "c.jpg"
    with pytest.raises(UnwritableOutput, match="in none of the folders"):
        plan([folder / "a.jpg"], out, relative_to=[folder / "deeper"])


def test_a_folder_that_is_passed_by_is_named_once(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """However often it is looked through: `restore watch` does so all the time."""
    (folder / "restored").mkdir()
    (folder / "restored" / f"{NAME}.jsonl").write_text("")
    for _ in range(3):
        assert len(plan([folder], folder / "elsewhere")) == 3
    assert sum("passed by" in record.message for record in caplog.records) == 1
