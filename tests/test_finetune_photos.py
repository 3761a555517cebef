"""The check of the photos says in plain words what is wrong with them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from skimage import data

import restore
from restore.finetune import Examined, Request, examine, finetune
from restore.finetune.run import _examine
from restore.finetune.store import Store
from tests.conftest import with_noise
from tests.fakes import Inverter
from tests.hostile import NO_TEXT


@pytest.fixture
def wide(photo: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(256, 320, 3)"""
    tall = np.concatenate([photo, photo[::-1]], 0)
    return np.concatenate([tall, tall[:, ::-1]], 1)


def saved(folder: Path, wide: NDArray[np.uint8], count: int, sigma: float = 0) -> Path:
    folder.mkdir(exist_ok=True)
    for number in range(count):
        part = np.roll(wide, (17 * number, 29 * number), (0, 1))[:176, :192]
        part = with_noise(part, sigma, number) if sigma else part
        Image.fromarray(part).save(folder / f"{number}.png")
    return folder


def said(examined: Examined) -> str:
    return "\n".join(f"{found.level}: {found.text}" for found in examined.findings)


def test_odd_files_are_left_out_by_name(tmp_path: Path, wide: NDArray[np.uint8]) -> None:
    photos = saved(tmp_path / "photos", wide, 5)
    (photos / "broken.jpg").write_bytes((photos / "0.png").read_bytes()[:200])
    (photos / "again.png").write_bytes((photos / "1.png").read_bytes())
    Image.fromarray(wide[:100, :100]).save(photos / "small.png")
    Image.new("RGB", (200, 200), (9, 9, 9)).save(photos / "black.png")
    text = said(examine(Request("denoise", photos, "x")))
    assert "warning: 1 left out, they can't be read: broken.jpg" in text
    assert "the same as others: again.png" in text
    assert "smaller than 160 pixels: small.png" in text
    assert "they show nothing: black.png" in text
    assert "5 photos, " in text
    assert "5 photos are few" in text


def test_photos_without_noise_are_refused(tmp_path: Path, wide: NDArray[np.uint8]) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    image = Image.fromarray(wide).resize((900, 720), Image.Resampling.BICUBIC)
    image = image.filter(ImageFilter.GaussianBlur(4))
    for number in range(5):
        image.crop((100 * number, 50, 100 * number + 300, 350)).save(photos / f"{number}.png")
    examined = examine(Request("denoise", photos, "x"))
    assert not examined.usable
    assert "refusal: these photos are not noisy" in said(examined)
    with pytest.raises(restore.TrainingError, match="not noisy"):
        finetune(Request("denoise", photos, "x"))


@pytest.mark.parametrize("way", ["noisy", "clean"])
def test_held_out_photos_may_lack_smooth_parts(
    tmp_path: Path, wide: NDArray[np.uint8], way: str
) -> None:
    """Then they are judged by under the noise of the others; those themselves are learned from."""
    photos = saved(tmp_path / "photos", wide, 5, sigma=12)
    request = Request("denoise", photos, "x")
    held_out = examine(request).held_out
    chance = np.random.default_rng(0)
    for name in held_out:
        dots = chance.integers(0, 2, (60, 60, 1), np.uint8) * 255
        Image.fromarray(dots.repeat(3, 0).repeat(3, 1).repeat(3, 2)).save(photos / name)
    if way == "clean":
        request = replace(request, photos_clean=saved(tmp_path / "clean", wide, 5))
    examined, material = _examine(request, restore.load("denoise", "fast", "cpu"), lambda: False)
    assert examined.usable
    assert material is not None
    if way == "noisy":
        assert {item.photo for item in material.items} == set(held_out)


def test_texture_is_not_taken_for_noise(tmp_path: Path) -> None:
    brick = np.repeat(data.brick()[..., None], 3, 2)
    examined = examine(Request("denoise", saved(tmp_path / "photos", brick, 5), "x"))
    assert "refusal: these photos are not noisy" in said(examined)


def test_noise_is_told_in_figures(tmp_path: Path, wide: NDArray[np.uint8]) -> None:
    photos = saved(tmp_path / "photos", wide, 5, sigma=12)
    examined = examine(Request("denoise", photos, "x"))
    assert examined.usable
    assert examined.way == "noisy"
    level = float(said(examined).split("mostly ")[1].split()[0])
    assert level == pytest.approx(12, rel=0.25)


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 usable photos"), (1, "1 usable photos"), (3, "at least 4")]
)
def test_too_few(tmp_path: Path, wide: NDArray[np.uint8], count: int, words: str) -> None:
    photos = saved(tmp_path / "photos", wide, count, sigma=10)
    assert words in said(examine(Request("denoise", photos, "x")))


def test_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(restore.UnreadableImage, match="no such folder"):
        examine(Request("denoise", tmp_path / "nothing", "x"))


def test_pairs_are_checked(tmp_path: Path, wide: NDArray[np.uint8]) -> None:
    noisy = saved(tmp_path / "noisy", wide, 9, sigma=10)
    clean = saved(tmp_path / "clean", wide, 9)
    (clean / "0.png").unlink()
    Image.fromarray(np.roll(np.asarray(Image.open(clean / "1.png")), 3, 1)).save(clean / "1.png")
    Image.open(clean / "2.png").resize((180, 180)).save(clean / "2.png")
    (clean / "3.png").write_bytes((noisy / "3.png").read_bytes())
    Image.fromarray(np.asarray(Image.open(clean / "4.png"))[::-1]).save(clean / "4.png")
    examined = examine(Request("denoise", noisy, "x", pairs=clean))
    text = said(examined)
    assert "no clean photo has their name: 0.png" in text
    assert "shifted against them: 1.png" in text
    assert "has another size: 2.png" in text
    assert "the same picture: 3.png" in text
    assert "4.png" in text
    assert examined.usable
    assert examined.photos + len(examined.held_out) == 4


def test_gray_photos_teach_no_colours(tmp_path: Path, wide: NDArray[np.uint8]) -> None:
    photos = saved(tmp_path / "photos", wide, 6)
    for number in range(4):
        Image.open(photos / f"{number}.png").convert("L").save(photos / f"{number}.png")
    examined = examine(Request("colorize", photos, "x"))
    assert "4 left out, they are black and white, or toned" in said(examined)
    assert not examined.usable


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"task": "sharpen"}, "no task 'sharpen'"),
        ({"task": "colorize", "pairs": Path("x")}, "colorize takes no --pairs"),
        ({"task": "denoise", "marks": (Path("x"),)}, "denoise takes no --mark"),
        ({"pairs": Path("x"), "photos_clean": Path("y")}, "not both"),
        ({"minutes": 0}, "must be more than 0"),
    ],
)
def test_requests_that_contradict_themselves(asked: dict[str, object], words: str) -> None:
    given: dict[str, object] = {"task": "denoise", "photos": Path("p"), "name": "n"} | asked
    with pytest.raises(restore.TrainingError, match=words):
        Request(**given)  # type: ignore[arg-type]


def test_held_out_photos_are_not_learned_from(tmp_path: Path, wide: NDArray[np.uint8]) -> None:
    """Which ones they are depends on their names alone."""
    photos = saved(tmp_path / "photos", wide, 10)
    (photos / "0.png").rename(photos / NO_TEXT)
    request = Request("colorize", photos, "x")
    Store("x").open(request, Inverter().card)
    first = examine(request)
    assert first.photos == 7
    assert len(first.held_out) == 3
    for path in photos.iterdir():
        path.touch()
    assert examine(request).held_out == first.held_out
