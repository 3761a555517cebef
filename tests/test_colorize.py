"""Colorize with a network of chance: what holds whatever it has learned."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from typer.testing import CliRunner

import restore
from restore.arrays import to_unit
from restore.autoencoder import AutoencoderConfig
from restore.bench.colorize import bench, cases, colour_sheet, gray_of, random_hints
from restore.bench.measure import measure
from restore.cli.main import app
from restore.colour import ciede2000, lab_from_srgb
from restore.engine import Engine
from restore.metadata import Metadata
from restore.picture import Picture
from restore.plan import Job, numbered
from restore.tasks.colorize import Colorizer, beyond_toning
from restore.tasks.colorize_network import ColorizeNet, bin_table
from restore.tasks.hint_files import read_hints
from restore.tasks.options import ColorizeOptions, Hint
from restore.zoo import Card
from tests.hostile import NO_TEXT

CONFIG = AutoencoderConfig(
    in_channels=1,
    condition_channels=3,
    out_channels=len(bin_table()[0]),
    widths=(8, 16),
    code_channels=16,
    blocks=1,
    patch=4,
    residual=False,
    bias=True,
    full_size=False,
)


@pytest.fixture(scope="module")
def colorizer() -> Colorizer:
    torch.manual_seed(0)
    card = Card("chance", "colorize", "", {}, 0, 0, "", "", "", {})
    return Colorizer(card, Engine(ColorizeNet(CONFIG), torch.device("cpu")))


@pytest.fixture
def gray(photo: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return gray_of(photo)


def _lab(picture: NDArray[Any]) -> torch.Tensor:
    unit = to_unit(picture)
    if unit.ndim == 2:
        unit = np.repeat(unit[..., None], 3, 2)
    return lab_from_srgb(torch.from_numpy(unit).permute(2, 0, 1))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_keeps_the_lightness(colorizer: Colorizer, dtype: type, gray: NDArray[np.uint8]) -> None:
    picture = gray.astype(dtype) * (257 if dtype == np.uint16 else 1)
    if dtype == np.float32:
        picture /= 255
    result = colorizer(picture, saturation=2.0)
    assert result.shape == (*gray.shape, 3)
    assert result.dtype == dtype
    assert float(_lab(result)[1:].norm(dim=0).mean()) > 3
    off = (_lab(result)[0] - _lab(picture)[0]).abs()
    # In eight bits a channel can only be as near as that.
    assert float(off.max()) < (0.6 if dtype == np.uint8 else 0.06)
    assert float(off.mean()) < (0.1 if dtype == np.uint8 else 0.003)


def test_hints_are_met(colorizer: Colorizer, gray: NDArray[np.uint8]) -> None:
    places = [(x, y) for x in (20, 80, 130) for y in (30, 95)]
    colours = [(150, 120, 90), (90, 130, 160), (120, 140, 90), (160, 110, 110), (110, 110, 150)]
    hints: list[Hint] = [
        (x, y, colours[number % len(colours)]) for number, (x, y) in enumerate(places)
    ]
    hints.append((20.4, 31.0, (150, 122, 92)))  # almost the same place, almost the same colour
    for saturation in (1.0, 0.0):
        result = _lab(colorizer(gray, hints, saturation))
        for x, y, colour in hints:
            wanted = _lab(np.array([[colour]], np.uint8))
            got = result[:, int(y), int(x)].view(3, 1, 1)
            wanted[0] = got[0]  # lightness is the picture's
            assert float(ciede2000(got, wanted)) < 2.5
    plain = _lab(colorizer(gray, saturation=0.0))
    assert float(plain[1:].abs().max()) < 2
    # What a hint says holds around it too, but not on the other side of the picture.
    one = _lab(colorizer(gray, [(40, 60, (200, 90, 90))], 0.0))
    assert float(one[1, 58:63, 38:43].mean()) > 10
    assert float(one[1, :, 140:].abs().mean()) < 2


def test_hints_that_contradict_each_other(colorizer: Colorizer, gray: NDArray[np.uint8]) -> None:
    result = colorizer(gray, [(40, 60, (200, 90, 90)), (40, 60, (90, 200, 90))], 0.0)
    alone = colorizer(gray, [(40, 60, (200, 90, 90))], 0.0)
    near = slice(55, 66), slice(35, 46)
    assert float(_lab(result)[1][near].abs().mean()) < float(_lab(alone)[1][near].mean())
    assert float(_lab(result)[1:].norm(dim=0).max()) < 80


def test_strength(colorizer: Colorizer, gray: NDArray[np.uint8]) -> None:
    np.testing.assert_array_equal(colorizer(gray, strength=0), gray)
    # Pale, for where sRGB lacks the full colour it may have half of it.
    full, half = (_lab(colorizer(gray, saturation=0.2, strength=strength)) for strength in (1, 0.5))
    off = (half[1:] - full[1:] / 2).abs().flatten()
    assert float(off.quantile(0.99)) < 1.5
    wild, calm = _lab(colorizer(gray, saturation=2.0)), _lab(colorizer(gray, saturation=0.5))
    assert float(wild[1:].norm(dim=0).mean()) > 2.5 * float(calm[1:].norm(dim=0).mean())


def test_alpha_and_kinds_of_image(colorizer: Colorizer, gray: NDArray[np.uint8]) -> None:
    alpha = np.random.default_rng(0).integers(0, 256, gray.shape, np.uint8)
    result = colorizer(np.dstack([gray, alpha]))
    np.testing.assert_array_equal(result[..., 3], alpha)
    np.testing.assert_array_equal(result[..., :3], colorizer(gray))
    small = Image.fromarray(gray[:40, :50])
    for mode, wanted in {
        "L": "RGB",
        "LA": "RGBA",
        "RGB": "RGB",
        "RGBA": "RGBA",
        "1": "RGB",
    }.items():
        image = colorizer(small.convert(mode))
        assert (image.mode, image.size) == (wanted, small.size)
    deep = Image.fromarray(gray[:40, :50].astype(np.uint16) * 257)
    assert colorizer(deep).mode == "RGB"


@pytest.mark.parametrize("shape", [(1, 1), (1, 90), (3, 700), (33, 31), (700, 2)])
def test_any_shape(colorizer: Colorizer, shape: tuple[int, int]) -> None:
    picture = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    assert colorizer(picture).shape == (*shape, 3)
    assert colorizer.uncertainty(picture).shape == shape


def _sepia(gray: NDArray[np.uint8]) -> NDArray[np.uint8]:
    toned = gray[..., None] / 255.0 * np.array([255, 232, 190]) + np.array([5, 2, 0])
    noise = np.random.default_rng(0).normal(0, 2, toned.shape)
    return np.clip(np.rint(toned + noise), 0, 255).astype(np.uint8)


def test_toned_pictures_become_gray_first(colorizer: Colorizer, gray: NDArray[np.uint8]) -> None:
    sepia = _sepia(gray)
    outcome = colorizer.restore(sepia, ColorizeOptions(saturation=0.0))
    assert outcome.changed
    assert "tone" in outcome.note
    assert float(_lab(outcome.array)[1:].norm(dim=0).mean()) < 1
    assert float((_lab(outcome.array)[0] - _lab(sepia)[0]).abs().mean()) < 0.2
    half = _lab(colorizer(sepia, saturation=0.0, strength=0.5))
    torch.testing.assert_close(half[1:].mean(), _lab(sepia)[1:].mean() / 2, atol=0.5, rtol=0)


def test_colour_photos_are_left_alone(colorizer: Colorizer, photo: NDArray[np.uint8]) -> None:
    outcome = colorizer.restore(photo, ColorizeOptions())
    assert not outcome.changed
    assert "force" in outcome.note
    np.testing.assert_array_equal(outcome.array, photo)
    forced = colorizer(photo, force=True)
    assert not np.array_equal(forced, photo)
    assert float((_lab(forced)[0] - _lab(photo)[0]).abs().mean()) < 0.2


def test_what_counts_as_colour(photo: NDArray[np.uint8]) -> None:
    gray = gray_of(photo)
    assert beyond_toning(_lab(gray)) < 0.1
    assert beyond_toning(_lab(_sepia(gray))) < 3
    assert beyond_toning(_lab(photo)) > 7


def test_variants_differ_and_can_be_had_again(
    colorizer: Colorizer, gray: NDArray[np.uint8]
) -> None:
    pictures = [colorizer(gray, variant=number) for number in range(3)]
    np.testing.assert_array_equal(pictures[0], colorizer(gray))
    np.testing.assert_array_equal(pictures[2], colorizer(gray, variant=2))
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert float(ciede2000(_lab(pictures[one]), _lab(pictures[other])).mean()) > 0.05


def test_uncertainty(colorizer: Colorizer, gray: NDArray[np.uint8]) -> None:
    found = colorizer.uncertainty(gray)
    assert found.shape == gray.shape
    assert found.dtype == np.float32
    assert found.min() >= 0 and found.max() <= 1
    assert found.max() > 0


def test_progress_ends_at_one(colorizer: Colorizer, gray: NDArray[np.uint8]) -> None:
    shares: list[float] = []
    colorizer(np.tile(gray, (5, 1)), on_progress=shares.append)
    assert shares == sorted(shares)
    assert len(shares) > 1
    assert shares[-1] == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"saturation": -0.1}, "saturation"),
        ({"saturation": 3.5}, "saturation"),
        ({"strength": 2}, "strength"),
        ({"variant": -1}, "variant"),
        ({"hints": [(1, 2, (3, 4, 256))]}, "hint 1"),
        ({"hints": [(1, 2, (3, 4, 5)), (1, 2)]}, "hint 2"),
        ({"hints": [(float("nan"), 2, (3, 4, 5))]}, "hint 1"),
        ({"hints": [(160, 2, (3, 4, 5))]}, "outside of the picture of 160 x 128"),
        ({"hints": [(1, 128, (3, 4, 5))]}, "outside"),
    ],
)
def test_bad_arguments(
    colorizer: Colorizer, gray: NDArray[np.uint8], arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        colorizer(gray, **arguments)


def test_hint_files(tmp_path: Path) -> None:
    path = tmp_path / "hints.json"
    path.write_text('[[1, 2.5, [3, 4, 5]], [6, 7, "#08090a"]]')
    assert read_hints(path) == ((1, 2.5, (3, 4, 5)), (6, 7, (8, 9, 10)))
    path.write_text('{"a.jpg": [[1, 2, [3, 4, 5]]], "b.jpg": []}')
    hints = read_hints(path)
    assert hints == {"a.jpg": ((1, 2, (3, 4, 5)),), "b.jpg": ()}
    options = ColorizeOptions(hints=hints)
    assert options.of(Path("folder/a.jpg")).hints == ((1, 2, (3, 4, 5)),)
    assert options.of(Path("c.jpg")).hints == ()


def test_hints_of_a_folder_are_for_one_picture_each() -> None:
    """By its name, however its accents are written, or by its place."""
    one, two = ((1, 2, (3, 4, 5)),), ((6, 7, (8, 9, 10)),)
    options = ColorizeOptions(hints={"Küche.jpg": one, "sub/a.jpg": two})
    places = [unicodedata.normalize("NFD", "deep/Küche.jpg"), "a.jpg", "sub/a.jpg"]
    pictures = [(Path("in") / place, place) for place in places]
    assert [options.of(*picture).hints for picture in pictures] == [one, (), two]
    assert options.check(pictures) == ""
    assert "'sub/a.jpg'" in options.check(pictures[:2])
    with pytest.raises(ValueError, match=r"'a\.jpg' fit 2 pictures: .*'sub/a\.jpg'"):
        ColorizeOptions(hints={"a.jpg": one}).check(pictures)
    assert ColorizeOptions(hints={"a.jpg": one, "sub/a.jpg": ()}).check(pictures) == ""


@pytest.mark.parametrize("given", ["--hints", "--step", "--recipe", "pattern", "watch"])
def test_hints_for_one_picture_are_not_for_many(folder: Path, tmp_path: Path, given: str) -> None:
    """Whichever way they come."""
    hints, recipe = tmp_path / "hints.json", tmp_path / "recipe.toml"
    hints.write_text("[[4, 5, [90, 60, 30]]]")
    recipe.write_text(f"[[step]]\ntask = 'colorize'\nhints = '{hints.as_posix()}'\n")
    step = ["--step", f"colorize:hints={hints}"]
    options = {
        "--hints": ["colorize", folder, "--hints", hints],
        "--step": ["run", folder, *step],
        "--recipe": ["run", folder, "--recipe", recipe],
        "pattern": ["colorize", folder / "*.*g", "--hints", hints],
        "watch": ["watch", folder, *step],
    }[given]
    arguments = [*map(str, options), "-o", str(tmp_path / "out"), "--device", "cpu"]
    told = CliRunner().invoke(app, arguments)
    assert told.exit_code == 2
    assert "these hints are for one picture" in told.stderr
    assert not (tmp_path / "out").exists()
    one = ["run", str(folder / "b.png"), "-o", str(tmp_path / "out"), *step, "--dry-run"]
    assert CliRunner().invoke(app, one).exit_code == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[1, 2", "not JSON"),
        ("3", "give a list"),
        ('{"a.jpg": 3}', "'a.jpg': give a list"),
        ('{"a.jpg": [[1, 2, [3, 4, 5]], [1, 2, [3, 4]]]}', "'a.jpg': hint 2"),
        ('[[1, 2, "red"]]', "hint 1"),
        ('[["1", 2, [3, 4, 5]]]', "hint 1"),
        ("[[-1, 2, [3, 4, 5]]]", "hint 1"),
    ],
)
def test_bad_hint_files(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "hints.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=message) as caught:
        read_hints(path)
    assert str(path) in str(caught.value)


def test_targets_of_variants(tmp_path: Path) -> None:
    source = tmp_path / "a.png"
    source.touch()
    (job,) = numbered([Job(source, tmp_path / "out" / "a.png")], 3)
    assert job.target.name == "a_3.png"
    other = tmp_path / "a_1.png"
    other.touch()
    with pytest.raises(restore.UnwritableOutput, match="originals"):
        numbered([Job(source, tmp_path / "a.png"), Job(other, tmp_path / "b.png")], 1)


def test_a_gray_profile_is_not_given_to_a_colour_picture() -> None:
    header = b"\0" * 16 + b"GRAY" + b"\0" * 108
    picture = Picture(np.zeros((4, 4), np.uint8), "png", Metadata(icc=header))
    assert picture.with_array(np.zeros((4, 4, 3), np.uint8)).metadata.icc is None
    assert picture.with_array(np.ones((4, 4), np.uint8)).metadata.icc == header


def test_the_bench(colorizer: Colorizer, tmp_path: Path, photo: NDArray[np.uint8]) -> None:
    for number, name in enumerate(("0.png", NO_TEXT)):
        Image.fromarray(np.roll(photo, 40 * number, 1)).save(tmp_path / name)
    scores = measure(bench([colorizer], cases(tmp_path)), lambda *_: None)
    assert list(scores["chance"]) == ["automatic", "1 hint", "10 hints", "50 hints"]
    copy = scores["gray copy"]["automatic"]
    assert copy["colourfulness"] < 0.02
    assert copy["PSNR"] == pytest.approx(scores["gray copy"]["50 hints"]["PSNR"])
    # Even a network of chance is better the more it is told, as hints are met and spread.
    assert scores["chance"]["50 hints"]["PSNR"] > scores["chance"]["1 hint"]["PSNR"] + 2
    assert scores["chance"]["50 hints"]["CIEDE2000"] < scores["chance"]["1 hint"]["CIEDE2000"]
    sheet = colour_sheet(colorizer, [tmp_path / "0.png"])
    assert sheet.width == 4 * 246
    hints = random_hints(photo, 10, 3)
    assert hints[:2] == random_hints(photo, 2, 3)
