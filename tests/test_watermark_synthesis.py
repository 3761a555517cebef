from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from restore.degradation.marks import SIDE, MarkBank, _can_write, load_marks
from restore.degradation.watermark import Marked, _bent, _cut_out, _on_plate, _outlined, watermark
from restore.errors import TrainingError
from restore.tasks.dewatermark_learning import (
    TOLD,
    _earlier_look,
    _fitted_before,
    _painted,
    _toned,
    damage,
)
from restore.tasks.dewatermark_network import told
from restore.training.config import TrainingConfig
from tests.test_degradation import batch, seeded


@pytest.fixture(scope="module")
def bank() -> MarkBank:
    return load_marks(None, None, texts=12)


def test_a_mark_can_be_taken_back(photo: NDArray[np.uint8], bank: MarkBank) -> None:
    """J = (1 - A) I + A W."""
    x = batch(photo, 24)
    damaged = watermark(x, bank, seeded(), {"single": 1.0})
    laid = damaged.clean * (1 - damaged.matte) + damaged.light
    # Rounding and, for most, JPEG come on top.
    assert float((damaged.marked - laid).abs().median()) < 3 / 255
    back = (laid - damaged.light) / (1 - damaged.matte).clamp(min=1e-3)
    torch.testing.assert_close(back, x, atol=1e-3, rtol=0)
    assert damaged.visible.any((1, 2, 3)).float().mean() > 0.8
    assert 0.1 < float(damaged.matte.amax((1, 2, 3)).mean()) < 0.95


def test_as_many_as_wanted_went_through_jpeg(photo: NDArray[np.uint8], bank: MarkBank) -> None:
    for share, least, most in ((0.0, 0, 0), (0.5, 6, 18), (1.0, 24, 24)):
        damaged = watermark(batch(photo, 24), bank, seeded(), {"single": 1.0}, compressed=share)
        laid = damaged.clean * (1 - damaged.matte) + damaged.light
        error = (damaged.marked - laid).abs().amax((1, 2, 3))
        assert least <= int((error > 0.51 / 255).sum()) <= most, share


def test_rows_of_marks_cover_everything(photo: NDArray[np.uint8], bank: MarkBank) -> None:
    matte = watermark(batch(photo, 16), bank, seeded(), {"tiled": 1.0}).matte
    corners = [
        matte[..., y : y + 48, x : x + 48].amax((1, 2, 3)) > 0 for y in (0, 48) for x in (0, 48)
    ]
    assert torch.stack(corners).float().mean() > 0.85


def test_print_belongs_to_the_scene(photo: NDArray[np.uint8], bank: MarkBank) -> None:
    x = batch(photo, 16)
    damaged = watermark(x, bank, seeded(), {"print": 1.0})
    assert not damaged.matte.any()
    assert not damaged.visible.any()
    assert (damaged.clean != x).any()
    nothing = watermark(x, bank, seeded(), {"none": 1.0})
    torch.testing.assert_close(nothing.clean, x)


def test_print_bends_with_what_it_is_on() -> None:
    """Straight lines stay straight on a wall that is seen from its side, and not on cloth."""
    line = torch.linspace(-1, 1, 65)
    v, u = torch.meshgrid(line, line, indexing="ij")
    straight = []
    for seed in range(40):
        bent = _bent(u, v, seeded(seed))
        assert all(bool(each.isfinite().all()) for each in bent)
        assert float((bent[0] - u).abs().max()) < 1.7
        assert bool((bent[0].diff(dim=1) > 0).all())  # nothing is mirrored
        row = torch.stack([each[8] for each in bent], 1)  # (65, 2): what was a straight line
        along, off = row[-1] - row[0], row - row[0]
        area = off[:, 0] * along[1] - off[:, 1] * along[0]
        straight.append(float(area.abs().max()) < 1e-4)
    assert 0.25 < sum(straight) / len(straight) < 0.75


def test_a_plate_lies_below_the_print() -> None:
    layer = torch.zeros(4, 32, 32)
    layer[:, 12:20, 12:20] = torch.tensor([0.2, 0.4, 0.6, 1.0]).view(4, 1, 1)
    away = torch.full((32, 32), 2.0)
    away[6:26, 4:28] = 0.9
    for seed in range(5):
        plate = _on_plate(layer, away, seeded(seed))
        torch.testing.assert_close(plate[:, 12:20, 12:20], layer[:, 12:20, 12:20])
        torch.testing.assert_close(plate[3], (away < 1).float())
        assert len(plate[:3, 6:11, 4:28].flatten(1).unique(dim=1).T) == 1  # of one colour


def test_patches_are_opaque_and_hidden(photo: NDArray[np.uint8], bank: MarkBank) -> None:
    damaged = watermark(batch(photo, 24), bank, seeded(), {"patch": 1.0})
    assert bool(damaged.hidden.all())
    torch.testing.assert_close(damaged.matte, damaged.coverage)
    assert float((damaged.matte.amax((1, 2, 3)) > 0.99).float().mean()) > 0.8
    blobs = ((damaged.matte == 0) | (damaged.matte == 1)).all((1, 2, 3))
    assert 0.25 < float(blobs.float().mean()) < 0.75


def test_dates_are_small_and_near_an_edge(photo: NDArray[np.uint8], bank: MarkBank) -> None:
    assert 0 < int(bank.dates.sum()) < len(bank)
    damaged = watermark(batch(photo, 48), bank, seeded(), {"date": 1.0})
    rows, columns = (damaged.coverage.amax(axes) > 0.1 for axes in ((1, 3), (1, 2)))
    heights, widths = rows.sum(1), columns.sum(1)
    assert bool((torch.minimum(heights, widths) < 0.25 * rows.shape[1]).all())
    assert float((heights < widths).float().mean()) > 0.7
    lower = (rows.float() * torch.arange(rows.shape[1])).sum(1) / heights.clamp(min=1)
    assert float((lower > rows.shape[1] / 2).float().mean()) > 0.6


def test_some_dates_hide_all_below(photo: NDArray[np.uint8], bank: MarkBank) -> None:
    damaged = watermark(batch(photo, 48), bank, seeded(), {"date": 1.0})
    inside = damaged.coverage > 0.9
    opaque = ((damaged.matte == damaged.coverage) | ~inside).all((1, 2, 3)) & inside.any((1, 2, 3))
    assert 0.1 < float(opaque.float().mean()) < 0.5


def test_a_bank_without_dates_lays_none(photo: NDArray[np.uint8], bank: MarkBank) -> None:
    logos = replace(bank, dates=torch.zeros_like(bank.dates))
    one = watermark(batch(photo, 8), logos, seeded(), {"single": 0.5, "date": 0.5})
    other = watermark(batch(photo, 8), logos, seeded(), {"single": 1.0})
    torch.testing.assert_close(one.coverage, other.coverage)


def test_the_same_seed_makes_the_same_marks(photo: NDArray[np.uint8], bank: MarkBank) -> None:
    one, two = (watermark(batch(photo, 4), bank, seeded(5)) for _ in range(2))
    torch.testing.assert_close(one.marked, two.marked, rtol=0, atol=0)
    again = load_marks(None, None, texts=12)
    torch.testing.assert_close(again.levels[0], bank.levels[0], rtol=0, atol=0)


def test_logos_keep_shape_and_colour(tmp_path: Path) -> None:
    logo = Image.new("RGBA", (60, 30), (0, 0, 0, 0))
    ImageDraw.Draw(logo).ellipse((5, 5, 54, 24), fill=(200, 30, 30, 255))
    for number in range(4):
        logo.save(tmp_path / f"{number}.png")
    bank = load_marks(tmp_path, None, texts=0)
    assert len(bank) == 4
    assert int(bank.sizes.max()) == SIDE
    middle = bank.levels[0][0, :, SIDE // 2, SIDE // 2].float() * 255
    assert middle.tolist() == pytest.approx([200, 30, 30, 255], abs=2)
    one, other = bank.split(2)
    assert (len(one), len(other)) == (2, 2)


def test_no_logos_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="no logos there"):
        load_marks(tmp_path, None, texts=3)


def test_a_font_without_the_letters_is_not_used() -> None:
    font = ImageFont.load_default(30)
    assert isinstance(font, ImageFont.FreeTypeFont)
    assert _can_write(font, "SAMPLE 1998")
    assert not _can_write(font, "见本")


def test_the_condition_says_what_is_known() -> None:
    seen = torch.full((1, 1, 4, 4), 0.25)
    assert told(seen)[0, :, 0, 0].tolist() == [0, 0, 0.25, 0, 0, 0]
    assert told(seen, torch.ones_like(seen))[0, :, 0, 0].tolist() == [1, 1, 0.25, 0, 0, 0]
    nobody = torch.zeros(1, 1, 1, 1)
    assert told(seen, torch.zeros_like(seen), nobody)[0, :, 0, 0].tolist() == [0, 0, 0.25, 0, 0, 0]


def test_users_paint_all_of_a_mark(photo: NDArray[np.uint8], bank: MarkBank) -> None:
    damaged = watermark(batch(photo, 64), bank, seeded())
    given, painted = _painted(damaged, TOLD, seeded())
    assert 0.1 < float(given.mean()) < 0.4
    told_of = given.view(-1) > 0
    assert bool((painted[told_of] >= (damaged.coverage[told_of] > 0.01)).all())
    assert not painted[~told_of].any()
    assert damaged.hidden[told_of].float().mean() > damaged.hidden[~told_of].float().mean()


def test_some_users_paint_along_the_letters_and_some_a_rectangle(
    photo: NDArray[np.uint8], bank: MarkBank
) -> None:
    damaged = watermark(batch(photo, 4), bank, seeded(), {"date": 1.0})
    beyond, boxes = [], []
    for seed in range(24):
        given, painted = _painted(damaged, 1.0, seeded(seed))
        assert bool(given.all())
        assert bool((painted >= (damaged.coverage > 0.01)).all())
        beyond.append(float(painted.sum() / (damaged.coverage > 0.01).sum()))
        sides = painted.amax(2).sum(2) * painted.amax(3).sum(2)
        boxes.append(float((painted.sum((2, 3)) / sides).mean()))
    assert min(beyond) < 2.5
    assert max(boxes) > 0.97


def test_an_earlier_look_is_what_the_network_sees(photo: NDArray[np.uint8], bank: MarkBank) -> None:
    class Bright(torch.nn.Module):
        """Takes what is bright for a mark."""

        def forward(self, x: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
            assert x.shape[-1] < 48  # reduced
            return x.mean(1, keepdim=True)

    marked = batch(photo, 32)[..., :48, :48]
    nothing = torch.zeros(32, 1, 48, 48)
    seen = _earlier_look(Bright(), marked, nothing[..., :1, :1], nothing, seeded())  # type: ignore[arg-type]
    looked = seen.amax((1, 2, 3)) > 0
    assert 0.2 < float(looked.float().mean()) < 0.6
    torch.testing.assert_close(
        seen[looked].mean((1, 2, 3)), marked[looked].mean((1, 2, 3)), atol=0.02, rtol=0
    )


def test_a_further_look_is_told_how_the_mark_was_laid(
    photo: NDArray[np.uint8], bank: MarkBank
) -> None:
    damaged = watermark(batch(photo, 32), bank, seeded(), {"single": 1.0})

    class Knows(torch.nn.Module):
        """Finds all of every mark."""

        def forward(self, x: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
            same = (x.flatten(1)[:, None] == damaged.marked.flatten(1)[None]).all(2)
            return damaged.coverage[same.float().argmax(1)]

    first = told(torch.zeros_like(damaged.coverage))
    condition = _fitted_before(Knows(), damaged.marked, first, seeded())  # type: ignore[arg-type]
    fitted = condition[:, 3:].abs().amax((1, 2, 3)) > 0
    assert 0.2 < float(fitted.float().mean()) < 0.7
    torch.testing.assert_close(condition[~fitted], first[~fitted])
    whole = (condition[:, 2:3] - damaged.coverage).abs().amax((1, 2, 3)) < 0.01
    assert 0.3 < float(whole[fitted].float().mean()) < 0.9  # of the others, a part was overlooked
    below = damaged.marked + condition[:, 3:]
    error = (below - damaged.clean).abs().mean(1, keepdim=True)
    here, there = (damaged.coverage > 0.95)[fitted], (damaged.coverage < 0.05)[fitted]
    assert float(error[fitted][here].median()) < 0.05
    assert float(error[fitted][there].median()) > 0.15


def test_marks_are_learned_in_all_turns(photo: NDArray[np.uint8]) -> None:
    """Dates are laid upright, nine of ten; the task looks at them sideways and upside down too."""
    config = TrainingConfig(task="dewatermark", texts=40, shares={"date": 1.0}, compressed=0)
    sideways = []
    for seed in range(24):
        damaged = Marked(*damage(batch(photo, 1), seeded(seed), config))
        laid = damaged.clean * (1 - damaged.matte) + damaged.light
        # All maps turn together.
        error = (damaged.marked - laid).abs().amax(1, keepdim=True)
        assert float(error[damaged.coverage > 0.5].mean()) < 0.02
        assert bool(((damaged.matte > 0) == (damaged.coverage > 0)).all())
        rows, columns = (damaged.coverage.amax(axis)[0, 0] > 0.5 for axis in (3, 2))
        sideways.append(int(rows.sum()) > int(columns.sum()))
    assert 6 <= sum(sideways) <= 18


def test_photos_below_marks_get_sharper_over_the_run(photo: NDArray[np.uint8]) -> None:
    config = TrainingConfig(task="dewatermark", texts=12, soften=8, soften_share=0.5)
    assert [config.at(done).soften for done in (0, 0.25, 0.5, 1)] == [8, 8**0.5, 1, 1]
    clean = batch(photo, 4)
    sharpness = []
    for done in (0, 0.25, 0.5):
        now = replace(config.at(done), shares={"none": 1.0})
        bottom = damage(clean, seeded(1), now)[0]
        sharpness.append(float(bottom.diff(dim=-1).square().mean()))
    assert sharpness[0] < 0.7 * sharpness[1] < 0.5 * sharpness[2]


def test_an_outline_is_the_edge_of_a_mark() -> None:
    mark = torch.zeros(1, 4, 64, 64)
    mark[:, :, 12:52, 12:52] = torch.tensor([0.2, 0.5, 0.9, 1.0])[None, :, None, None]
    line = _outlined(mark, seeded())
    assert not line[..., 24:40, 24:40].any()
    torch.testing.assert_close(line[..., 12, 12:52], mark[..., 12, 12:52])
    assert not line[..., :12, :].any()
    torch.testing.assert_close(line[:, 1], 0.5 * line[:, 3])


def test_a_plate_has_a_hole_where_the_mark_was() -> None:
    span = torch.linspace(-2, 2, 65)
    v, u = torch.meshgrid(span, span, indexing="ij")
    layer = torch.zeros(4, 65, 65)
    layer[:, 28:37, 28:37] = torch.tensor([0.8, 0.1, 0.1, 1.0])[:, None, None]
    for seed in range(10):
        plate = _cut_out(layer, u, v, seeded(seed))
        assert not plate[3, 28:37, 28:37].any()
        assert plate[3, 32, 24] == 1
        assert not plate[3, 0].any()
        torch.testing.assert_close(plate[0], 0.8 * plate[3])


def test_only_what_is_drawn_is_varied(
    photo: NDArray[np.uint8], bank: MarkBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Words outlined or mirrored are others."""
    assert not bank.drawn.any()  # the font that Pillow brings along has no symbols
    varied: list[str] = []

    def counted(name: str, do: Callable[..., Tensor]) -> Callable[..., Tensor]:
        def noted(*args: Any) -> Tensor:
            varied.append(name)
            return do(*args)

        return noted

    for name, do in (("_outlined", _outlined), ("_cut_out", _cut_out)):
        monkeypatch.setattr(f"restore.degradation.watermark.{name}", counted(name, do))
    plain = watermark(batch(photo, 48), bank, seeded(), {"single": 1.0})
    assert not varied
    drawn = replace(bank, drawn=torch.ones_like(bank.drawn))
    others = watermark(batch(photo, 48), drawn, seeded(), {"single": 1.0})
    assert 4 <= varied.count("_outlined") <= 22
    assert 1 <= varied.count("_cut_out") <= 14
    for maps in (others.coverage, others.matte):
        assert bool(((maps >= 0) & (maps <= 1)).all())
    assert bool((others.coverage != plain.coverage).any())


def test_tones_are_those_of_photos(photo: NDArray[np.uint8]) -> None:
    x = batch(photo, 24)
    toned = _toned(x, seeded())
    assert float(toned.min()) >= 0
    assert float(toned.max()) <= 1
    same = (toned == x).all((1, 2, 3))
    assert 4 <= int(same.sum()) <= 20
    order = x[:, :, ::16, ::16].mean(1).flatten(1)
    for before, after in zip(order, toned[:, :, ::16, ::16].mean(1).flatten(1), strict=True):
        assert float(torch.corrcoef(torch.stack([before, after]))[0, 1]) > 0.9


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_recipe_says_how_many_went_through_jpeg(
    photo: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch, share: float
) -> None:
    wanted: list[float] = []

    def noted(*args: Any) -> Marked:
        wanted.append(args[5])
        return watermark(*args)

    monkeypatch.setattr("restore.tasks.dewatermark_learning.watermark", noted)
    damage(batch(photo, 2), seeded(), TrainingConfig("dewatermark", texts=4, compressed=share))
    assert wanted == [share]
