from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

import restore
from restore.autoencoder import AutoencoderConfig
from restore.bench.dewatermark import Answer, Sample, _metrics, cases
from restore.engine import Engine
from restore.errors import UnreadableImage
from restore.tasks.dewatermark import NOT_SURE, Dewatermarker
from restore.tasks.dewatermark_fit import Solution, enlarged, solve
from restore.tasks.dewatermark_layer import Layer
from restore.tasks.dewatermark_learning import damage, objective
from restore.tasks.dewatermark_mask import found_mask, within
from restore.tasks.dewatermark_network import DewatermarkNet
from restore.tasks.dewatermark_rows import steps_between
from restore.tasks.options import DewatermarkOptions
from restore.training.config import TrainingConfig
from restore.training.export import export
from restore.training.loop import train
from restore.zoo import Card
from tests.test_dewatermark_evidence import block
from tests.test_dewatermark_fit import laid
from tests.test_dewatermark_rows import laid as rows_of_words
from tests.test_training import silent

TINY = AutoencoderConfig(
    condition_channels=6, out_channels=1, widths=(4, 8), code_channels=8, blocks=1,
    residual=False, bias=True,
)  # fmt: skip


@pytest.fixture(scope="module")
def blind() -> Dewatermarker:
    """A network that has learned nothing: whatever it says, only what is marked may change."""
    torch.manual_seed(0)
    card = Card("x", "dewatermark", "", TINY.to_dict(), 0, 0, "", "", "", {})
    return Dewatermarker(card, Engine(DewatermarkNet(TINY), torch.device("cpu")))


@pytest.fixture
def mask(photo: NDArray[np.uint8]) -> NDArray[np.uint8]:
    painted = np.zeros(photo.shape[:2], np.uint8)
    painted[20:60, 30:110] = 255
    return painted


def kinds(photo: NDArray[np.uint8]) -> dict[str, NDArray[Any]]:
    alpha = np.arange(photo.shape[1], dtype=np.uint8) * np.ones(photo.shape[:2], np.uint8)
    return {
        "colour": photo,
        "gray": photo[..., 0],
        "alpha": np.dstack([photo, alpha]),
        "16 bits": photo.astype(np.uint16) * 257 + 3,
        "float": photo.astype(np.float32) / 255,
    }


@pytest.mark.parametrize("kind", ["colour", "gray", "alpha", "16 bits", "float"])
def test_a_mask_is_obeyed_there_and_only_there(
    blind: Dewatermarker, photo: NDArray[np.uint8], mask: NDArray[np.uint8], kind: str
) -> None:
    picture = kinds(photo)[kind]
    restored = blind(picture, mask)
    assert restored.dtype == picture.dtype
    assert restored.shape == picture.shape
    np.testing.assert_array_equal(restored[mask == 0], picture[mask == 0])
    changed = restored != picture
    if changed.ndim == 3:
        changed = changed[..., :3].any(2)
    assert changed[mask > 0].mean() > 0.9
    np.testing.assert_array_equal(blind(picture, mask, strength=0), picture)


def test_pil_images_come_back_as_such(
    blind: Dewatermarker, photo: NDArray[np.uint8], mask: NDArray[np.uint8]
) -> None:
    restored = blind(Image.fromarray(photo), mask)
    assert isinstance(restored, Image.Image)
    np.testing.assert_array_equal(np.asarray(restored), blind(photo, mask))


def test_a_large_picture_is_only_touched_where_it_is_marked(blind: Dewatermarker) -> None:
    """Several looks and several tiles."""
    picture = np.random.default_rng(0).integers(0, 255, (700, 1100, 3), np.uint8)
    painted = np.zeros(picture.shape[:2], bool)
    painted[300:420, 480:640] = True
    restored = blind(picture, painted)
    np.testing.assert_array_equal(restored[~painted], picture[~painted])
    assert (restored != picture).any(2)[painted].mean() > 0.9
    assert blind.detect(picture).shape == (700, 1100)


def test_masks_that_do_not_fit(blind: Dewatermarker, photo: NDArray[np.uint8]) -> None:
    with pytest.raises(ValueError, match="the mask is 10 x 20 pixels, the picture 160 x 128"):
        blind(photo, np.ones((20, 10), np.uint8))
    outcome = blind.restore(photo, DewatermarkOptions(mask=np.zeros(photo.shape[:2], np.uint8)))
    assert not outcome.changed
    assert outcome.note == "the mask is empty"


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "1", "P"])
def test_masks_with_a_needless_alpha_channel(
    blind: Dewatermarker,
    photo: NDArray[np.uint8],
    mask: NDArray[np.uint8],
    tmp_path: Path,
    mode: str,
) -> None:
    Image.fromarray(mask).convert(mode).save(tmp_path / "mask.png")
    options = DewatermarkOptions(mask=tmp_path / "mask.png").of(Path("a.png"))
    np.testing.assert_array_equal(blind.restore(photo, options).maps["mask"] > 0, mask > 0)


@pytest.mark.parametrize("colour", [255, 0])
def test_masks_painted_on_a_transparent_layer(
    blind: Dewatermarker, photo: NDArray[np.uint8], mask: NDArray[np.uint8], colour: int
) -> None:
    layer = np.dstack([np.full((*mask.shape, 3), colour, np.uint8), mask])
    outcome = blind.restore(photo, DewatermarkOptions(mask=layer))
    np.testing.assert_array_equal(outcome.maps["mask"] > 0, mask > 0)


def test_masks_come_from_files_and_folders(
    tmp_path: Path, photo: NDArray[np.uint8], mask: NDArray[np.uint8]
) -> None:
    Image.fromarray(mask).save(tmp_path / "a.png")
    for given in (tmp_path, tmp_path / "a.png"):
        options = DewatermarkOptions(mask=given).of(Path("somewhere/a.jpg"))
        np.testing.assert_array_equal(np.asarray(options.mask), mask)
    with pytest.raises(UnreadableImage, match=r"b\.jpg: no mask for it in .*b_mask\.png"):
        DewatermarkOptions(mask=tmp_path).of(Path("b.jpg"))
    limit = mask.size - 1
    with pytest.raises(UnreadableImage, match=f"--max-pixels allows .{limit}"):
        DewatermarkOptions(mask=tmp_path).of(Path("a.jpg"), max_pixels=limit)


def test_masks_that_were_saved_are_found_beside_the_results(tmp_path: Path) -> None:
    """Each in its folder, and not the result itself, which has the name of its source."""
    options = DewatermarkOptions(mask=tmp_path)
    for place, value in (("a.png", 1), ("sub/a.png", 2)):
        (tmp_path / place).parent.mkdir(exist_ok=True)
        Image.new("L", (4, 4), 200).save(tmp_path / place)
        Image.new("L", (4, 4), value).save((tmp_path / place).with_name("a_mask.png"))
    for place, value in (("a.png", 1), ("sub/a.png", 2), ("elsewhere/a.png", 1)):
        assert np.all(options.of(Path("in") / place, place).mask == value)


def test_specks_are_no_mark_and_faint_parts_are_if_they_touch_one() -> None:
    probability = np.zeros((100, 100), np.float32)
    probability[10:12, 10:12] = 0.99  # a speck
    probability[40:60, 40:60] = 0.6  # faint, alone
    probability[70:90, 10:30] = 0.55  # faint
    probability[75:85, 15:20] = 0.95  # with a certain part
    mask = found_mask(probability, 0.5, rim=False)
    assert not mask[:65].any()
    assert mask[70:90, 10:30].all()
    assert mask.sum() == 400
    assert found_mask(probability, 0.5).sum() > 400
    areas = [int(found_mask(probability, value).sum()) for value in (0, 0.3, 0.6, 1)]
    assert areas == sorted(areas)
    assert areas[0] == 0


def test_a_faint_letter_counts_next_to_a_certain_one() -> None:
    probability = np.zeros((100, 200), np.float32)
    probability[40:60, 40:50] = 0.95
    probability[40:60, 53:57] = 0.5  # a "1" after it
    probability[40:60, 90:94] = 0.5  # one far away
    mask = found_mask(probability, 0.5, rim=False)
    assert mask[40:60, 40:50].all()
    assert mask[40:60, 53:57].all()
    assert mask.sum() == 20 * 14
    probability[40:60, 53:57] = 0.35  # too faint for that, too
    assert not found_mask(probability, 0.5, rim=False)[:, 53:].any()


def test_a_look_is_the_same_through_any_tile() -> None:
    coverage = np.random.default_rng(0).random((32, 48), np.float32)
    whole = enlarged(coverage, slice(0, 128), slice(0, 192), (128, 192))
    part = enlarged(coverage, slice(64, 112), slice(32, 160), (128, 192))
    np.testing.assert_allclose(part, whole[64:112, 32:160], atol=1e-5)
    # Bilinear, pixel centres aligned: the middle of four is their mean.
    assert whole[2:6, 2:6].mean() == pytest.approx(coverage[:2, :2].mean(), abs=1e-3)


def test_all_views_see_a_thing_in_its_place(
    blind: Dewatermarker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Turned back and reduced, what they see lies where it is."""
    seen: set[tuple[int, ...]] = set()

    def bright(picture: NDArray[np.uint8], *_: object, **__: object) -> NDArray[np.float32]:
        seen.add(picture.shape[:2])
        return picture[..., :1].astype(np.float32) / 255

    monkeypatch.setattr(blind.engine, "run", bright)
    y, x = np.mgrid[:270, :391]
    there = np.exp(-((y - 60) ** 2 + (x - 300) ** 2) / 900)
    photo = (there * 255).round().astype(np.uint8)[..., None].repeat(3, 2)
    assert np.abs(blind.finder.look(photo, None) - there).max() < 0.01
    assert len(seen) == 8  # two looks, upright in two sizes and turned in two


def test_what_is_found_is_looked_at_again(
    blind: Dewatermarker, photo: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    """First by how it was laid, then told of it with a margin; elsewhere nothing counts any more,
    and the last two looks count alike."""
    first, second = np.full((2, *photo.shape[:2]), 0.05, np.float32)
    first[20:60, 30:70] = second[20:60, 30:110] = 0.8
    laid = np.full_like(first, 0.5)[..., None] * (first > 0.5)[..., None]
    marked = np.rint(photo * (1 - laid) + 255 * laid).astype(np.uint8)
    told: list[NDArray[np.bool_]] = []
    layers: list[Layer | None] = []

    def look(
        rgb: object,
        mask: NDArray[np.bool_] | None,
        found: tuple[NDArray[Any], Layer | None] | None = None,
        on_progress: object = None,
    ) -> NDArray[Any]:
        if found is None:
            return first.copy()
        layers.append(found[1])
        if mask is None:
            return second.copy()
        told.append(mask)
        return np.full_like(first, 0.9)

    monkeypatch.setattr(blind.finder, "look", look)
    coverage = blind.detect(marked)
    (mask,) = told
    assert [layer is not None for layer in layers] == [True, True]
    assert layers[0] is not None
    assert layers[0].opacity == pytest.approx(0.5, abs=0.1)
    assert mask[19:61, 29:111].all()
    assert mask.mean() < 0.5
    assert coverage[40, 70] == coverage[40, 100] == pytest.approx(0.85)
    assert not coverage[~mask].any()


def test_what_the_second_look_is_not_certain_of_is_no_mark(
    blind: Dewatermarker, photo: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[object] = []

    def look(rgb: object, mask: object, found: object = None, on_progress: object = None) -> object:
        looks.append(mask)
        seen = np.full(photo.shape[:2], 0.05, np.float32)
        seen[20:60, 30:70] = 0.9 if found is None else 0.55
        return seen

    monkeypatch.setattr(blind.finder, "look", look)
    laid = photo.copy()
    laid[20:60, 30:70] = photo[20:60, 30:70] // 2 + 127
    assert not blind.find(laid).mask.any()
    assert looks == [None, None]  # nothing is told then, for told the network would be certain
    assert blind.find(laid, 0.8).mask.any()


def test_copies_in_rows_are_found_by_one_another(
    blind: Dewatermarker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each look overlooks some of the copies; the steps are those of the first, if the
    second sees too few to tell."""
    shape = (320, 400)
    steps = np.array([[43.0, -21], [17, 96]])
    times = np.mgrid[-9:10, -9:10].reshape(2, -1).T
    places = np.rint(times @ steps + (20, 30))
    draw = np.random.default_rng(2)
    first = rows_of_words(places[draw.random(len(places)) < 0.7], shape)
    second = rows_of_words(
        places[(places > (150, 180)).all(1) & (places < (240, 300)).all(1)], shape
    )
    assert steps_between(second, found_mask(second, 0.5)) is None
    masks: list[NDArray[np.bool_]] = []

    def look(rgb: object, mask: object, found: object = None, on_progress: object = None) -> object:
        if mask is not None:
            masks.append(np.asarray(mask))
            return rows_of_words(places, shape)
        return 0.9 * (first if found is None else second)

    monkeypatch.setattr(blind.finder, "look", look)
    truth = rows_of_words(places, shape) > 0.5
    picture = np.full((*shape, 3), 90, np.uint8)
    picture[truth] = 170
    seen = blind.look(picture)
    assert (first > 0.5)[truth].mean() < 0.85
    assert (seen.first > 0.4)[truth].mean() > 0.95
    assert masks[0][truth].mean() > 0.95
    assert seen.mask[truth].mean() > 0.95


@pytest.mark.parametrize("convinces", [True, False])
def test_what_does_not_convince_is_left_alone(
    blind: Dewatermarker, photo: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch, convinces: bool
) -> None:
    """It is judged by what was seen at first, for told of a mark the network is certain of it."""

    def look(rgb: object, mask: object, found: object = None, on_progress: object = None) -> object:
        seen = np.full(photo.shape[:2], 0.05, np.float32)
        seen[30:70, 20:120] = 0.4 if found is None else 0.99
        return seen

    def judge(rgb: NDArray[Any], first: NDArray[Any], found: NDArray[Any], mask: NDArray[Any],
              _: float) -> tuple[NDArray[Any], Solution]:  # fmt: skip
        assert first.max() == pytest.approx(0.4)
        return mask & convinces, solve(rgb, within(found, mask), mask)

    monkeypatch.setattr(blind.finder, "look", look)
    monkeypatch.setattr("restore.tasks.dewatermark.convincing", judge)
    marked = laid(photo, block(photo.shape), 0.5, (1, 1, 1))
    assert blind.look(marked).mask.any()
    coverage = blind.detect(marked)
    assert coverage[40:60, 30:110].all() == coverage.any() == convinces
    outcome = blind.restore(marked, DewatermarkOptions())
    assert outcome.changed == convinces
    assert (outcome.note == NOT_SURE) == (outcome.array == marked).all() == (not convinces)


def test_the_refinement_has_the_last_word_within_the_mask(
    photo: NDArray[np.uint8], mask: NDArray[np.uint8]
) -> None:
    """Untrained it says what the layers say; and where the mask ends, so does its power."""
    torch.manual_seed(0)
    network = DewatermarkNet(TINY)
    card = Card("x", "dewatermark", "", TINY.to_dict(), 0, 0, "", "", "", {})
    unit = photo.astype(np.float32) / 255

    def restored() -> NDArray[np.float32]:
        dewatermarker = Dewatermarker(card, Engine(network, torch.device("cpu")))
        return np.asarray(dewatermarker(unit, mask))

    dewatermarker = Dewatermarker(card, Engine(network, torch.device("cpu")))
    coverage = dewatermarker.finder.look(unit, mask > 0)
    coverage = dewatermarker.finder.look_again(unit, coverage, mask > 0, mask > 0, None)
    inside = within(coverage, mask > 0)
    rows, columns = slice(0, unit.shape[0]), slice(0, unit.shape[1])
    layers = solve(unit, inside, mask > 0).clean(unit, inside, rows, columns)[0]
    untrained = restored()
    np.testing.assert_allclose(untrained[mask > 0], layers[mask > 0], atol=1e-4)
    bias = network.refinement.autoencoder.head.bias
    assert bias is not None
    with torch.no_grad():
        bias += 0.125
    expected = np.where(mask[..., None] > 0, (untrained + 0.125).clip(0, 1), unit)
    np.testing.assert_allclose(restored(), expected, atol=1e-4)


@pytest.mark.parametrize("part", ["autoencoder", "refinement"])
def test_a_part_learns_while_the_other_stays(photo: NDArray[np.uint8], part: str) -> None:
    config = TrainingConfig(task="dewatermark", network=TINY, texts=40)
    torch.manual_seed(0)
    network = DewatermarkNet(TINY)
    for name, module in network.named_children():
        module.requires_grad_(name == part)
    generator = torch.Generator().manual_seed(0)
    clean = torch.from_numpy(photo[:96, :96]).permute(2, 0, 1)[None].repeat(4, 1, 1, 1) / 255
    terms = objective(network, damage(clean, generator, config), generator, config)
    assert list(terms) == [{"autoencoder": "cross entropy", "refinement": "refined"}[part]]
    next(iter(terms.values())).backward()
    for name, module in network.named_children():
        learning = any(weight.grad is not None for weight in module.parameters())
        assert learning == (name == part)


def test_training_makes_weights_that_load(tmp_path: Path, photo: NDArray[np.uint8]) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    for number in range(5):
        Image.fromarray(np.roll(photo, 9 * number, 0)).save(photos / f"{number}.png")
    config = TrainingConfig(
        task="dewatermark", name="tiny", network=TINY, steps=60, batch=4, patch=32,
        late_patch=32, warmup=5, clip=1, texts=40, learning_rate=5e-3,
    )  # fmt: skip
    measured: list[dict[str, float]] = []
    checkpoint = train(
        config, photos, tmp_path / "run", device=torch.device("cpu"),
        report=lambda progress, values: measured.append(values), report_every=20,
    )  # fmt: skip
    for term in ("cross entropy", "refined"):
        losses = [values[term] for values in measured if term in values]
        assert losses[-1] < losses[0]
    assert measured[-1]["none marked"] > 30
    model = export(checkpoint, tmp_path / "out", "a test")
    restorer = restore.load("dewatermark", str(model.path), "cpu")
    assert restorer(photo).shape == photo.shape
    assert hashlib.sha256(model.path.read_bytes()).hexdigest() == model.card.sha256
    again = train(
        replace(config, steps=61), photos, tmp_path / "run", device=torch.device("cpu"),
        report=silent,
    )  # fmt: skip
    assert again == checkpoint


def test_the_bench_knows_right_from_wrong(tmp_path: Path, photo: NDArray[np.uint8]) -> None:
    logos = tmp_path / "logos"
    logos.mkdir()
    Image.new("RGBA", (40, 40), (250, 250, 250, 255)).save(logos / "square.png")
    (tmp_path / "photos").mkdir()
    Image.fromarray(photo).save(tmp_path / "photos" / "a.png")
    found = {case.name: next(case.samples()) for case in cases(tmp_path / "photos", logos)}
    marks = ["logo", "logo in JPEG", "text", "date", "stamp", "tiled"]
    assert list(found) == [*marks, "unmarked"]
    for name in marks[:2]:
        logo = found[name]
        assert logo.marked.shape == (256, 256, 3)
        # A file has changed more than what the mark covers.
        beside = ((logo.marked != logo.clean).any(2) & ~logo.mask).mean()
        assert (beside > 0.01) == (name != "logo")
    nothing = found["unmarked"]
    assert not nothing.mask.any()
    for changed_by in (0, 1):
        answer = nothing.clean.copy()
        answer[3, 3, 0] ^= changed_by
        assert _metrics(Answer(answer), nothing)["untouched"] == 1 - changed_by
    stamp = found["stamp"]
    from_orange, dates_from_orange = (
        np.abs(sample.marked.astype(int) - (255, 140, 20)).sum(2).min()
        for sample in (stamp, found["date"])
    )
    assert from_orange + 30 < dates_from_orange  # JPEG takes much of their colour
    assert stamp.painted.sum() > 2 * stamp.mask.sum()
    assert not (stamp.mask & ~stamp.painted).any()
    for name in marks:
        sample: Sample = found[name]
        changed = (sample.marked != sample.clean).any(2)
        assert changed[sample.mask].mean() > 0.95
        right = _metrics(Answer(sample.clean, sample.mask), sample)
        assert right == pytest.approx({"PSNR": 100, "SSIM": 1, "RMSEw": 0, "F1": 1})
        wrong = _metrics(Answer(sample.marked, ~sample.mask), sample)
        assert wrong["PSNR"] < 60
        assert wrong["RMSEw"] > 3
        assert wrong["F1"] == 0


def test_coverage_within_a_mask_is_surer() -> None:
    coverage = np.array([[0.0, 0.1, 0.5, 0.9, 1.0, 0.9]], np.float32)
    mask = np.array([[True, True, True, True, True, False]])
    inside = within(coverage, mask)
    assert inside[0, 5] == 0
    assert inside[0, 0] == 0
    assert inside[0, 4] == 1
    assert (np.diff(inside[0, :5]) > 0).all()
    assert inside[0, 2] > 0.6
    assert inside[0, 1] == pytest.approx(0.1, abs=0.05)
