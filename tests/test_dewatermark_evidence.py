"""A mark that was one leaves no trace once it is off; what was none shows that it is missing."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from restore.tasks.dewatermark_evidence import HIDDEN, convincing, evidence_of
from restore.tasks.dewatermark_fit import solve
from restore.tasks.dewatermark_mask import separate_marks
from tests.test_dewatermark_fit import laid, text

Bytes = NDArray[np.uint8]


def block(shape: tuple[int, ...]) -> NDArray[np.float32]:
    coverage = np.zeros(shape[:2], np.float32)
    coverage[30:70, 20:120] = 1
    return coverage


def patched(photo: Bytes) -> Bytes:
    """A piece of something else in it, rougher and of another colour, which no layer explains."""
    rough = np.random.default_rng(0).integers(0, 256, (40, 100, 3))
    picture = photo.copy()
    picture[30:70, 20:120] = 0.5 * rough + 0.5 * np.array([200, 40, 90])
    return picture


def kept(
    picture: Bytes, coverage: NDArray[np.float32], sensitivity: float, likely: float = 0.9
) -> float:
    """The share of a mark that is kept, if it seemed so likely at first."""
    mask = coverage > 0.1
    first = likely * coverage
    return float(convincing(picture, first, 0.9 * coverage, mask, sensitivity)[0][mask].mean())


@pytest.mark.parametrize("shape", ["text", "block"])
@pytest.mark.parametrize("opacity", [0.4, 0.7])
def test_marks_convince(photo: Bytes, shape: str, opacity: float) -> None:
    mark = block(photo.shape) if shape == "block" else text(photo.shape[:2], (10, 60), "mine")
    assert kept(laid(photo, mark, opacity, (1, 1, 1)), mark, 0.5) == 1


def test_what_no_layer_explains_does_not(photo: Bytes) -> None:
    mark = block(photo.shape)
    assert kept(patched(photo), mark, 0.5, likely=0.4) == 0
    assert kept(laid(photo, mark, 0.5, (1, 1, 1)), mark, 0.5, likely=0.4) == 1


def test_what_is_rougher_below_than_around_does_not(photo: Bytes) -> None:
    """Unless the network was surer of it at first."""
    mark, rough = block(photo.shape), photo.astype(np.float64)
    rough[30:70, 20:120] += np.random.default_rng(0).normal(0, 70, (40, 100, 1))
    smooth, rougher = (
        laid(np.clip(each, 0, 255).astype(np.uint8), mark, 0.5, (1, 1, 1))
        for each in (photo, rough)
    )
    assert kept(smooth, mark, 0.5, likely=0.45) == 1
    assert kept(rougher, mark, 0.5, likely=0.45) == 0
    assert kept(rougher, mark, 0.5, likely=0.8) == 1


def test_the_user_has_a_say(photo: Bytes) -> None:
    """At a sensitivity of 1 there is nothing that is not believed, and at 0 nothing that is."""
    mark = block(photo.shape)
    marked = laid(photo, mark, 0.5, (1, 1, 1))
    assert kept(marked, mark, 1.0, likely=0.01) == 1
    assert kept(marked, mark, 0.5, likely=0.01) == 0
    assert kept(marked, mark, 0.0) == 0


def test_what_is_no_mark_does_not_mislead_about_what_is_one(
    photo: Bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One layer for both fits neither; that of the mark alone does, and has to fit well."""
    lines, other = text(photo.shape[:2], (10, 60), "mine"), block(photo.shape)
    picture = np.vstack([laid(photo, lines, 0.5, (1, 1, 1)), laid(photo, other, 0.25, (0.6,) * 3)])
    found = 0.9 * np.vstack([lines, other]).astype(np.float32)
    first = np.vstack([0.45 * lines, 0.02 * other]).astype(np.float32)
    (both,) = solve(picture, found, found > 0.1).layers
    mask, solution = convincing(picture, first, found, found > 0.1, 0.5)
    assert mask[: len(photo)].sum() == (found[: len(photo)] > 0.1).sum()
    assert not mask[len(photo) :].any()
    assert both.light.max() < 0.4
    assert solution.layers[0].light == pytest.approx([0.5] * 3, abs=0.03)
    monkeypatch.setattr("restore.tasks.dewatermark_evidence.AGAIN", 5.0)
    assert not convincing(picture, first, found, found > 0.1, 0.5)[0].any()


def test_each_part_is_judged_by_itself(photo: Bytes) -> None:
    picture = np.vstack([patched(photo), laid(photo, block(photo.shape), 0.5, (1, 1, 1))])
    coverage = np.vstack([block(photo.shape), block(photo.shape)])
    mask = coverage > 0.1
    solution = solve(picture, coverage, mask)
    parts, count = separate_marks(mask)
    assert count == 3
    evidence = evidence_of(picture, 0.9 * coverage, coverage, parts, count, solution)
    assert evidence.certainty[1:] == pytest.approx(np.log(9), abs=1e-3)
    assert evidence.mismatch[2] < np.log(0.1)
    assert evidence.roughness[1] > evidence.roughness[2] + 0.5
    assert evidence.doubt[1] > evidence.doubt[2] + 0.1


def test_contrast_is_how_far_a_part_is_from_what_is_around_it(photo: Bytes) -> None:
    mark, told = block(photo.shape), []
    parts, count = separate_marks(mark > 0.1)
    for opacity in (0.2, 0.5, 0.9):
        picture = laid(photo, mark, opacity, (0, 0, 1))
        solution = solve(picture, mark, mark > 0.1)
        evidence = evidence_of(picture, mark, mark, parts, count, solution)
        told.append(float(np.exp(evidence.contrast[1])))
    assert told[1] / told[0] == pytest.approx(2, abs=0.6)
    assert told[2] / told[1] == pytest.approx(1.8, abs=0.3)


def test_what_hides_all_is_not_in_doubt_for_that(photo: Bytes) -> None:
    """The guess can't tell half of nothing from all of it, and dates of cameras are opaque."""
    photo = np.hstack([photo, photo])
    mark = text(photo.shape[:2], (10, 60), "12 8 '98")
    hidden, thin = (laid(photo, mark, opacity, (1, 0.55, 0.08)) for opacity in (1, 0.5))
    masked = mark > 0.1
    parts, count = separate_marks(masked)
    for picture, opaque in ((hidden, True), (thin, False)):
        solution = solve(picture, mark, masked)
        (layer,) = solution.layers
        assert layer.hides == opaque
        assert layer.doubt > 0.05
        evidence = evidence_of(picture, mark, mark, parts, count, solution)
        doubt = HIDDEN if opaque else layer.doubt
        assert evidence.doubt[1:] == pytest.approx(doubt, abs=1e-6)
    assert kept(hidden, mark, 0.5, likely=0.6) == 1


def test_a_large_picture_is_judged_as_a_small_one(photo: Bytes) -> None:
    large, mark = np.kron(photo, np.ones((8, 8, 1), np.uint8)), block(photo.shape)
    marked = laid(large, np.kron(mark, np.ones((8, 8), np.float32)), 0.5, (1, 1, 1))
    assert max(large.shape) > 1024
    assert kept(marked, np.kron(mark, np.ones((8, 8), np.float32)), 0.5) == 1
