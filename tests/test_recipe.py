from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from restore import xmp
from restore.errors import BadRecipe
from restore.pipeline import Saving
from restore.plan import Job
from restore.recipe import (
    Recipe,
    canonical,
    make_step,
    painted,
    parse_step,
    read_recipe,
    recipe_of,
    record,
)
from restore.tasks.hint_files import read_hints
from restore.tasks.options import ColorizeOptions, DenoiseOptions, DewatermarkOptions
from tests.fakes import pipeline
from tests.hostile import XMP


def test_steps_as_they_are_typed() -> None:
    step = parse_step("denoise:strength=0.8,sigma=12,model=best")
    assert step.options == DenoiseOptions(0.8, 12)
    assert step.model == "best"
    assert parse_step("denoise:sigma=auto").options == DenoiseOptions()
    masked = parse_step("dewatermark:mask=masks").options
    assert isinstance(masked, DewatermarkOptions)
    assert masked.mask == Path("masks")
    assert parse_step("colorize").task == "colorize"
    for name in ("2020", "2020-01-01", "1e3", "true"):  # folders may be called so
        masked = parse_step(f"dewatermark:mask={name}").options
        assert isinstance(masked, DewatermarkOptions)
        assert masked.mask == Path(name)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("sharpen", "no task 'sharpen'"),
        ("denoise:sigmas=3", "no option 'sigmas'"),
        ("denoise:strength=2", "between 0 and 1"),
        ("denoise:strength=much", "strength is a number"),
        ("denoise:strength=auto", "strength is a number"),
        ("denoise:sigma=true", "sigma is a number"),
        ("colorize:hints=missing.json", r"missing\.json: can't be read"),
        ("denoise:strength", "name=value"),
        ("denoise:model=3", "model"),
        ("colorize:force=perhaps", "either true or false"),
        ("colorize:variant=1.5", "a whole number"),
        ("dewatermark:mask=sha256:12ab", "painted by hand"),
    ],
)
def test_what_is_wrong_with_a_step_is_said(text: str, word: str) -> None:
    with pytest.raises(BadRecipe, match=word):
        parse_step(text)


@pytest.mark.parametrize("word", ["true", "True"])
def test_switches_as_they_are_typed(word: str) -> None:
    assert parse_step(f"colorize:force={word}").options == ColorizeOptions(force=True)


def test_hints_of_a_folder_are_a_recipe_too(tmp_path: Path) -> None:
    """File names have dots and spaces; each result is told of its own hints alone."""
    hints = {"grand ma.jpg": ((4.0, 5.0, (90, 60, 30)),), "\U0001f642\x7f.png": ()}
    recipe = Recipe((make_step("colorize", {"hints": hints}),))
    (tmp_path / "a.toml").write_text(recipe.to_toml(), encoding="utf-8")
    assert read_recipe(tmp_path / "a.toml") == recipe
    recorded = ColorizeOptions(hints=hints).recorded(Path("x/grand ma.jpg"))
    assert recorded.hints == hints["grand ma.jpg"]


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be"])
def test_files_may_be_coded_as_windows_does(tmp_path: Path, coding: str) -> None:
    """By Notepad and PowerShell, with a mark at the start and lines that end in two characters."""
    mark = "\ufeff" if coding.startswith("utf-16") else ""
    hints, recipe = tmp_path / "hints.json", tmp_path / "a.toml"
    hints.write_bytes(f'{mark}{{"Küche.jpg":\r\n[[4, 5, "#5a3c1e"]]}}'.encode(coding))
    assert read_hints(hints) == {"Küche.jpg": ((4, 5, (90, 60, 30)),)}
    toml = f"{mark}# ä\r\n[[step]]\r\ntask = 'denoise'\r\nsigma = 12\r\n"
    recipe.write_bytes(toml.encode(coding))
    assert read_recipe(recipe).steps[0].options == DenoiseOptions(sigma=12)
    for path in (hints, recipe):
        path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match=r"hints\.json: not JSON"):
        read_hints(hints)
    with pytest.raises(BadRecipe, match=r"a\.toml: not a TOML file"):
        read_recipe(recipe)


def test_hints_may_be_a_file_in_a_step(tmp_path: Path) -> None:
    path = tmp_path / "hints.json"
    path.write_text('[[4, 5, "#5a3c1e"]]')
    assert parse_step(f"colorize:hints={path}").options == ColorizeOptions(
        hints=((4, 5, (90, 60, 30)),)
    )


def test_what_was_painted_is_named_and_left_out() -> None:
    options = DewatermarkOptions(mask=np.ones((4, 4), np.uint8))
    done = record([(pipeline().steps[0][0].card, options)])
    done["steps"][0]["task"] = "dewatermark"
    assert painted(done) == ["dewatermark: mask"]
    (step,) = recipe_of(done).steps
    assert isinstance(step.options, DewatermarkOptions)
    assert step.options.mask is None


def test_recipes_in_files(tmp_path: Path) -> None:
    path = tmp_path / "family.toml"
    path.write_text('[[step]]\ntask = "denoise"\nstrength = 0.8\n\n[[step]]\ntask = "colorize"\n')
    recipe = read_recipe(path)
    assert [step.task for step in recipe.steps] == ["denoise", "colorize"]
    path.write_text(recipe.to_toml())
    assert read_recipe(path) == recipe
    path.write_text('[[step]]\ntask = "colorize"\nhints = [[4, 5, [90, 60, 30]]]\n')
    (step,) = read_recipe(path).steps
    assert step.options == ColorizeOptions(hints=((4, 5, (90, 60, 30)),))
    path.write_text(Recipe((step,)).to_toml())
    assert read_recipe(path).steps == (step,)
    for wrong in (
        "step = 3",
        "step = []",
        "[[steps]]\n",
        "task = 'denoise'\n[[step]]\ntask='denoise'",
        "[[",
        "[[step]]\ntask = 'dewatermark'\nmask = 2020",
        "[[step]]\ntask = 'dewatermark'\nmask = 2020-01-01",
        "[[step]]\ntask = 'dewatermark'\nmask = ['a']",
    ):
        path.write_text(wrong)
        with pytest.raises(BadRecipe, match=r"family\.toml"):
            read_recipe(path)
    with pytest.raises(BadRecipe, match="can't be read"):
        read_recipe(tmp_path / "missing.toml")


@given(strength=st.floats(0, 1), sigma=st.none() | st.floats(0, 255))
def test_a_record_leads_back_to_its_recipe(strength: float, sigma: float | None) -> None:
    done = pipeline(strength=strength, sigma=sigma).record
    (step,) = recipe_of(done).steps
    assert step.options == DenoiseOptions(strength, sigma)
    toml = Recipe((make_step("denoise", {"strength": strength, "sigma": sigma}),)).to_toml()
    assert "[[step]]" in toml


def test_keys_differ_where_results_would() -> None:
    def key(name: str = "a.png", saving: Saving | None = None, **options: float) -> str:
        return pipeline(saving=saving, **options).key(Job(Path("in.png"), Path(name)))

    keys = {
        key(),
        key(strength=0.9),
        key("a.jpg"),
        key(saving=Saving(quality=80)),
        key(saving=Saving(metadata="strip")),
    }
    assert len(keys) == 5
    assert key() == key("other/b.PNG") == key(saving=Saving(max_pixels=10))


def test_the_packet_of_the_source_stays() -> None:
    recipe = canonical({"steps": ["<&>\"'"], "restore": "1"})
    packet = xmp.with_recipe(XMP, recipe)
    assert packet is not None
    assert xmp.recipe_in(packet) == recipe
    start = packet.index(b'<rdf:Description rdf:about="" xmlns:restore')
    length = len(packet) - len(XMP)
    assert packet[:start] + packet[start + length :] == XMP
    # Another one takes its place.
    twice = xmp.with_recipe(packet, "{}")
    assert twice is not None
    assert twice.count(b"xmlns:restore") == 1
    assert xmp.recipe_in(twice) == "{}"


def test_packets_that_are_no_rdf_stay_as_they_are() -> None:
    for packet in (
        b"junk",
        b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>",
        XMP.decode().encode("utf-16"),
        XMP.replace(b"</dc:title>", b""),
        b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + XMP,
    ):
        assert xmp.with_recipe(packet, "{}") is None
    fresh = xmp.with_recipe(None, "{}")
    assert fresh is not None
    assert xmp.recipe_in(fresh) == "{}"


def test_places_are_taken_out_of_packets() -> None:
    packet = XMP.replace(b"<dc:title>", b"<exif:GPSLongitude>13,2E</exif:GPSLongitude><dc:title>")
    left = xmp.without_gps(packet)
    assert b"GPS" not in left
    assert b"Grandma" in left
