from __future__ import annotations

from io import BytesIO

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from restore.degradation.jpeg import YCC
from restore.tasks.dewatermark_fit import Solution, largest_layer, solve
from restore.tasks.dewatermark_layer import Ground, Layer

Coverage = NDArray[np.float32]


def text(size: tuple[int, int], where: tuple[int, int], words: str, large: float = 1.0) -> Coverage:
    """(H, W): letters with soft edges."""
    drawn = np.zeros((size[0] * 4, size[1] * 4), np.uint8)
    x, y = where
    thick = round(14 * large)
    cv2.putText(drawn, words, (4 * x, 4 * y), cv2.FONT_HERSHEY_DUPLEX, 4 * large, (255,), thick)
    small = cv2.resize(drawn, (size[1], size[0]), interpolation=cv2.INTER_AREA)
    return small.astype(np.float32) / 255


def laid(
    photo: NDArray[np.uint8], coverage: Coverage, opacity: float, colour: tuple[float, ...]
) -> NDArray[np.uint8]:
    matte = opacity * coverage[..., None]
    marked = photo * (1 - matte) + 255 * matte * np.array(colour)
    return np.rint(marked).astype(np.uint8)


def solved(marked: NDArray[np.uint8], coverage: Coverage) -> Solution:
    return solve(marked, coverage, coverage > 0)


def taken_off(marked: NDArray[np.uint8], coverage: Coverage) -> NDArray[np.float32]:
    solution = solved(marked, coverage)
    unit = marked.astype(np.float32) / 255
    whole = slice(0, marked.shape[0]), slice(0, marked.shape[1])
    clean, _ = solution.clean(unit, coverage, *whole)
    result: NDArray[np.float32] = np.where((coverage > 0)[..., None], clean, unit) * 255
    return result


def psnr(first: NDArray[np.float32], second: NDArray[np.uint8]) -> float:
    return float(10 * np.log10(255**2 / np.mean((first - second) ** 2)))


@pytest.mark.parametrize("opacity", [0.3, 0.5, 0.7])
@pytest.mark.parametrize("colour", [(1.0, 1.0, 1.0), (0.0, 0.0, 0.0), (0.9, 0.2, 0.1)])
def test_opacity_and_colour_follow_from_the_coverage(
    photo: NDArray[np.uint8], opacity: float, colour: tuple[float, ...]
) -> None:
    coverage = text(photo.shape[:2], (10, 60), "mine")
    marked = laid(photo, coverage, opacity, colour)
    solution = solved(marked, coverage)
    assert len(solution.layers) == 1
    layer = solution.layers[0]
    assert layer.opacity == pytest.approx(opacity, abs=0.08)
    assert layer.light / layer.opacity == pytest.approx(colour, abs=0.2)
    before = psnr(marked.astype(np.float32), photo)
    assert psnr(taken_off(marked, coverage), photo) > before + 9


def test_the_layer_of_a_part_tells_the_rest_of_the_mark(photo: NDArray[np.uint8]) -> None:
    """Taken off all of the picture, it gives back what lies below the mark, and elsewhere not."""
    coverage = text(photo.shape[:2], (10, 60), "mine")
    marked = laid(photo, coverage, 0.6, (1, 1, 1))
    part = coverage.copy()
    part[:, photo.shape[1] // 3 :] = 0
    layer = largest_layer(marked, part)
    assert layer is not None
    unit = marked.astype(np.float32) / 255
    error = np.abs(unit + layer.change(unit) - photo / 255).mean(2)
    assert error[coverage > 0.99].mean() < 0.05
    assert error[coverage == 0].mean() > 0.3
    assert np.abs(layer.change(unit)).max() <= 1.5


def test_on_even_ground_a_layer_in_doubt_shows_the_ground_all_the_same() -> None:
    ground = np.full((120, 200, 3), (90, 140, 70), np.uint8)
    coverage = text(ground.shape[:2], (10, 60), "mine")
    marked = laid(ground, coverage, 0.4, (0.9, 0.1, 0.1))
    layer = largest_layer(marked, coverage)
    assert layer is not None
    assert not layer.tells
    unit = marked.astype(np.float32) / 255
    error = np.abs(unit + layer.change(unit) - ground / 255).mean(2)
    assert error[coverage > 0.99].mean() < 0.05
    assert error[coverage == 0].mean() > 0.05


def test_what_has_the_colour_of_a_mark_that_hides_all_stands_out(photo: NDArray[np.uint8]) -> None:
    coverage = text(photo.shape[:2], (10, 60), "mine")
    marked = laid(photo, coverage, 1.0, (0.9, 0.1, 0.1))
    seen = coverage.copy()
    seen[:, 60:] = 0  # the rest is overlooked
    layer = largest_layer(marked, seen)
    assert layer is not None
    assert not layer.tells
    unit = marked.astype(np.float32) / 255
    change = np.abs(layer.change(unit)).mean(2)
    overlooked = coverage.copy()
    overlooked[:, :60] = 0
    assert 2 * change[overlooked > 0.99].mean() < change[coverage == 0].mean()


@pytest.mark.parametrize(("large", "quality"), [(0.4, 75), (0.6, 85), (0.8, 75)])
def test_thin_letters_hide_what_they_hid_before_jpeg(
    photo: NDArray[np.uint8], large: float, quality: int
) -> None:
    """With chroma halved they lose colour, as a thinner layer would."""
    coverage = text(photo.shape[:2], (10, 60), "12 8 '98", large=large)
    file = BytesIO()
    Image.fromarray(laid(photo, coverage, 1.0, (1, 0.55, 0.08))).save(file, "JPEG", quality=quality)
    (layer,) = solved(np.asarray(Image.open(file)), coverage).layers
    assert layer.hides
    assert layer.light == pytest.approx((1, 0.55, 0.08), abs=0.15)


@pytest.mark.parametrize("opacity", [0.4, 0.6])
def test_what_is_seen_too_wide_is_as_sharp_as_the_picture_says(
    photo: NDArray[np.uint8], opacity: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    coverage = text(photo.shape[:2], (10, 60), "12 8 '98", large=0.6)
    marked, wide = laid(photo, coverage, opacity, (1, 0.55, 0.08)), coverage**0.4
    exact, layer = largest_layer(marked, coverage), largest_layer(marked, wide)
    assert exact is not None
    assert layer is not None
    assert exact.sharper == 1
    assert layer.sharper > 1.4
    assert layer.opacity == pytest.approx(opacity, abs=0.08)
    clean = psnr(taken_off(marked, wide), photo)
    monkeypatch.setattr("restore.tasks.dewatermark_layer.SHARPER", (1.0,))
    assert clean > psnr(taken_off(marked, wide), photo) + 0.5


def test_luma_is_explained_as_all_of_the_colour_is() -> None:
    """It is what decides how sharp a mark was, and is told by itself, for it needs no blur."""
    marked, guess = np.random.default_rng(0).random((2, 20, 30, 3), np.float32)
    coverage = np.random.default_rng(1).random((20, 30), np.float32)
    distance = np.zeros_like(coverage)
    ground = Ground(marked, guess, distance, (coverage > 0.5).astype(np.uint8))
    layer = Layer(0.4, np.array([0.1, 0.4, 0.2]), doubt=0.1, sharper=1.5)
    whole = ground.unexplained(layer, coverage)
    luma = ground.unexplained_luma(layer, coverage)
    np.testing.assert_allclose(luma, whole[..., 0], atol=1e-5)
    below = marked - coverage[..., None] ** 1.5 * (layer.light - 0.4 * guess) - guess
    gray = below @ (np.sqrt(3) * np.array(YCC).T)[:, 0]
    np.testing.assert_allclose(luma, gray, atol=1e-5)


def test_two_marks_have_their_own_layers(photo: NDArray[np.uint8]) -> None:
    white = text(photo.shape[:2], (8, 40), "one")
    black = text(photo.shape[:2], (50, 110), "two")
    marked = laid(laid(photo, white, 0.6, (1, 1, 1)), black, 0.5, (0, 0, 0))
    both = np.maximum(white, black)
    assert len(solved(marked, both).layers) == 2
    assert psnr(taken_off(marked, both), photo) > psnr(marked.astype(np.float32), photo) + 8


def test_a_large_picture_has_the_layer_of_a_small_one(photo: NDArray[np.uint8]) -> None:
    large = cv2.resize(photo, (2000, 1600), interpolation=cv2.INTER_CUBIC)
    coverage = cv2.resize(text(photo.shape[:2], (10, 60), "mine"), (2000, 1600))
    marked = laid(large, coverage, 0.5, (1, 1, 1))
    layer = solved(marked, coverage).layers[0]
    assert layer.opacity == pytest.approx(0.5, abs=0.08)
    assert psnr(taken_off(marked, coverage), large) > 35


def test_nothing_to_tell_a_layer_from(photo: NDArray[np.uint8]) -> None:
    nowhere = np.zeros(photo.shape[:2], np.float32)
    assert solved(photo, nowhere).layers == []
    assert solved(photo, nowhere + 1).layers == []
    speck = nowhere.copy()
    speck[5:7, 5:7] = 1
    assert solved(photo, speck).layers == []
    np.testing.assert_array_equal(taken_off(photo, nowhere + 1), photo)


def test_what_no_layer_fits_is_told_apart(photo: NDArray[np.uint8]) -> None:
    """A mark, and, far from it, too little to tell anything from."""
    mark = text(photo.shape[:2], (8, 40), "one")
    marked = laid(photo, mark, 0.6, (1, 1, 1))
    alone = np.zeros_like(mark)
    alone[120:123, 150:153] = 1
    solution = solved(marked, alone)
    assert not solution.explained(alone > 0).any()
    np.testing.assert_array_equal(solution.filled()[alone > 0], True)
    solution = solved(marked, mark)
    np.testing.assert_array_equal(solution.explained(mark > 0)[mark > 0.5], True)
    assert not solution.filled()[mark > 0.5].any()


@pytest.mark.parametrize("colour", [(1.0, 0.55, 0.08), (1.0, 1.0, 1.0), (0.2, 0.3, 0.25)])
@pytest.mark.parametrize("seen", [1.0, 0.8])
def test_what_hides_all_below_is_told_from_what_shows_half_of_it(
    photo: NDArray[np.uint8], colour: tuple[float, ...], seen: float
) -> None:
    """Also where the network is not sure of it."""
    coverage = text(photo.shape[:2], (10, 60), "mine")
    opacities = []
    for opacity in (0.5, 1.0):
        (layer,) = solve(
            laid(photo, coverage, opacity, colour), seen * coverage, coverage > 0
        ).layers
        opacities.append(layer.opacity)
    assert opacities[1] > 0.9 > opacities[0]


def test_roughness_tells_of_the_opacity_where_nothing_else_does() -> None:
    """Ground of one mean, whose pattern nobody can guess: below a mark there is less of it."""
    pattern = np.random.default_rng(0).normal(0, 20, (120, 200, 1))
    ground = np.broadcast_to(120 + pattern, (120, 200, 3)).astype(np.uint8)
    block = np.zeros(ground.shape[:2], np.float32)
    block[40:70, 40:160] = 1
    dense, solid = (
        solve(laid(ground, block, opacity, (0.8, 0.4, 0.4)), block, block > 0).layers[0].opacity
        for opacity in (0.7, 1.0)
    )
    assert dense == pytest.approx(0.7, abs=0.1)
    assert solid > 0.9


def test_opaque_marks_are_filled(photo: NDArray[np.uint8]) -> None:
    mark = text(photo.shape[:2], (10, 60), "mine")
    marked = laid(photo, mark, 1.0, (0.9, 0.1, 0.1))
    solution = solved(marked, mark)
    assert [layer.tells for layer in solution.layers] == [False]
    assert solution.filled()[mark > 0.5].all()
    assert solution.explained(mark > 0)[mark > 0.5].all()
    assert psnr(taken_off(marked, mark), photo) > psnr(marked.astype(np.float32), photo) + 3


@pytest.mark.parametrize("opacity", [0.5, 1.0])
@pytest.mark.parametrize(("times", "deep"), [(1, False), (1, True), (12, False)])
def test_a_rough_mask_spares_what_is_beside_the_mark(
    photo: NDArray[np.uint8], opacity: float, times: int, deep: bool
) -> None:
    """To the last bit, also on a large picture, which the filling is made from a reduced one of."""
    scale = np.ones((times, times), np.float32)
    mark = np.kron(text(photo.shape[:2], (10, 60), "mine"), scale)
    photo = np.kron(photo, scale[..., None].astype(np.uint8))
    if deep:
        photo = np.array(photo, np.uint16) * 257 + 100
    grain = np.random.default_rng(0).integers(0, 40, photo.shape).astype(photo.dtype)
    photo = np.minimum(photo, np.iinfo(photo.dtype).max - 40) + grain
    full = np.iinfo(photo.dtype).max
    matte = opacity * mark[..., None]
    marked = np.rint(photo * (1 - matte) + full * matte * (0.9, 0.1, 0.1)).astype(photo.dtype)
    rectangle, apart = np.zeros((2, *mark.shape), bool)
    rectangle[20 * times : 80 * times, 5 * times : 150 * times] = True
    apart[100 * times : 110 * times, 100 * times : 110 * times] = True
    speck = mark.copy()
    speck[105 * times, 105 * times] = 0.12  # that one pixel there is covered, is no mark
    solution = solve(marked, speck, rectangle | apart)
    reach = 8 * times + 1
    beside = rectangle & (cv2.dilate(mark, np.ones((reach, reach))) == 0)
    assert beside.sum() > 1000 * times**2
    assert not solution.filled()[beside].any()
    assert solution.filled()[apart].all()  # the user sees a mark there; the network does not
    unit = marked.astype(np.float32) / full
    whole = slice(0, marked.shape[0]), slice(0, marked.shape[1])
    clean, clear = solution.clean(unit, speck, *whole)
    np.testing.assert_array_equal(clean[beside], unit[beside])
    assert (clear[beside] == 1).all()
    assert np.abs(clean - unit)[apart].max() > 2 / 255
    before, after = (((each - photo / full)[mark > 0.5] ** 2).mean() for each in (unit, clean))
    assert after < before / 2


def test_a_mask_over_all_of_a_picture_leaves_nothing_to_fill_from(
    photo: NDArray[np.uint8],
) -> None:
    everywhere = np.ones(photo.shape[:2], bool)
    assert not solve(photo, np.zeros(photo.shape[:2], np.float32), everywhere).filled().any()


def test_rims_go_with_the_nearest_mark(photo: NDArray[np.uint8]) -> None:
    solid, half = np.zeros((2, *photo.shape[:2]), np.float32)
    solid[10:50, 10:60] = half[80:110, 90:150] = 1
    marked = laid(laid(photo, solid, 1.0, (0.1, 0.9, 0.1)), half, 0.5, (1, 1, 1))
    coverage = cv2.GaussianBlur(solid + half, (0, 0), 1)
    solution = solve(marked, coverage, coverage > 0.01)
    assert sorted(layer.tells for layer in solution.layers) == [False, True]
    rim = (coverage > 0.01) & (coverage < 0.1)
    rows = np.arange(len(photo))[:, None] > 65
    assert len(np.unique(solution.index[rim & rows])) == 1
    assert not solution.filled()[rim & rows].any()
    assert solution.filled()[rim & ~rows].any()


def test_a_thick_mark_is_not_filled_unasked_for_a_whisker(photo: NDArray[np.uint8]) -> None:
    block = np.zeros(photo.shape[:2], np.float32)
    block[30:70, 30:90] = 1
    marked = laid(photo, block, 1.0, (0.1, 0.9, 0.1))
    for whisker in (0, 0.35):
        block[50, 90:110] = whisker
        solution = solved(marked, block)
        assert [layer.tells for layer in solution.layers] == [False]
        assert not solution.explained(block > 0).any()


def test_a_mark_whose_opacity_nobody_can_know_is_filled(photo: NDArray[np.uint8]) -> None:
    """On even ground a thin layer of a strong colour looks like a thick one of a faint one."""
    noise = np.random.default_rng(0).normal(0, 1, photo.shape)
    even = (120 + noise).round().astype(np.uint8)
    mark = text(photo.shape[:2], (10, 60), "mine")
    marked = laid(even, mark, 0.8, (1, 0.5, 0))
    solution = solved(marked, mark)
    assert [layer.tells for layer in solution.layers] == [False]
    assert solution.filled()[mark > 0.5].all()
    assert psnr(taken_off(marked, mark), even) > 40
    assert all(layer.tells for layer in solved(laid(photo, mark, 0.8, (1, 0.5, 0)), mark).layers)


def test_what_hides_all_below_is_filled_unasked_where_it_is_thin(photo: NDArray[np.uint8]) -> None:
    line, block = np.zeros((2, *photo.shape[:2]), np.float32)
    line[40:44, 30:120] = 1
    block[30:60, 30:60] = 1
    for mark, share in ((line, 1), (block, 0)):
        solution = solved(laid(photo, mark, 1.0, (0.1, 0.9, 0.1)), mark)
        assert [layer.tells for layer in solution.layers] == [False]
        assert solution.explained(mark > 0)[mark > 0].mean() == share


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_turned_picture_is_solved_alike(photo: NDArray[np.uint8], quarters: int) -> None:
    coverage = text(photo.shape[:2], (10, 60), "mine")
    marked = laid(photo, coverage, 0.5, (1.0, 1.0, 1.0))
    solution = solved(marked, coverage)

    def known(turns: int) -> NDArray[np.float32]:
        picture, shape = np.rot90(marked, turns), np.rot90(coverage, turns)
        rows, columns = slice(0, picture.shape[0]), slice(0, picture.shape[1])
        unit = picture.astype(np.float32) / 255
        return solution.turned(turns).known(unit, shape, shape > 0, rows, columns)

    for maps in ("covered", "hole"):
        turned = getattr(solution.turned(quarters), maps)
        np.testing.assert_array_equal(np.rot90(turned, -quarters), getattr(solution, maps))
    straight = known(0)
    assert straight.shape == (*photo.shape[:2], 6)
    np.testing.assert_array_equal(straight[coverage == 0][:, :3] * 255, photo[coverage == 0])
    assert set(np.unique(straight[..., 5])) == {0, 1}
    np.testing.assert_allclose(np.rot90(known(quarters), -quarters), straight, atol=1e-5)
