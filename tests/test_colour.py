from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from restore.chroma import ChromaMap, guided, within_gamut
from restore.colour import ciede2000, lab_from_srgb, srgb_from_lab
from restore.gui.model.colour import lab_to_rgb, rgb_to_lab
from restore.metrics import colourfulness

# From the test data of Sharma, Wu and Dalal (2005): pairs that tell wrong readings of the formula.
PAIRS = [
    ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
    ((50.0, -1.3802, -84.2814), (50.0, 0.0, -82.7485), 1.0000),
    ((50.0, 0.0, 0.0), (50.0, -1.0, 2.0), 2.3669),
    ((50.0, 2.4900, -0.0010), (50.0, -2.4900, 0.0009), 7.1792),
    ((50.0, 2.4900, -0.0010), (50.0, -2.4900, 0.0011), 7.2195),
    ((50.0, -0.0010, 2.4900), (50.0, 0.0011, -2.4900), 4.7461),
    ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((90.8027, -2.0831, 1.4410), (91.1528, -1.6435, 0.0447), 1.4441),
    ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
]


def _pixel(colour: tuple[float, ...]) -> Tensor:
    return torch.tensor(colour, dtype=torch.float64).view(3, 1, 1)


@pytest.mark.parametrize(("one", "other", "difference"), PAIRS)
def test_ciede2000(one: tuple[float, ...], other: tuple[float, ...], difference: float) -> None:
    assert float(ciede2000(_pixel(one), _pixel(other))) == pytest.approx(difference, abs=5e-5)
    assert float(ciede2000(_pixel(other), _pixel(one))) == pytest.approx(difference, abs=5e-5)


def test_lab_agrees_with_others() -> None:
    from skimage.color import rgb2lab

    rgb = torch.rand(2, 3, 40, 30, generator=torch.Generator().manual_seed(0))
    theirs = torch.from_numpy(np.stack([rgb2lab(x.permute(1, 2, 0).numpy()) for x in rgb]))
    lab = lab_from_srgb(rgb)
    # They use a white point of four digits.
    torch.testing.assert_close(lab.permute(0, 2, 3, 1), theirs, atol=0.02, rtol=0)
    torch.testing.assert_close(srgb_from_lab(lab), rgb, atol=1e-5, rtol=0)


def test_the_window_has_the_same_colours() -> None:
    rgb = np.random.default_rng(0).random((1000, 3))
    lab = lab_from_srgb(torch.from_numpy(rgb.T[..., None]))[..., 0].T.numpy()
    np.testing.assert_allclose(rgb_to_lab(rgb), lab, atol=1e-6)
    np.testing.assert_allclose(lab_to_rgb(lab)[0], rgb, atol=1e-6)


def test_gray_has_no_chroma() -> None:
    gray = torch.linspace(0, 1, 256).expand(3, 1, 256)
    lab = lab_from_srgb(gray)
    assert float(lab[1:].abs().max()) < 1e-3
    assert float(lab[0, 0, 0]) == pytest.approx(0, abs=1e-4)
    assert float(lab[0, 0, -1]) == pytest.approx(100, abs=1e-3)


def test_colours_beyond_srgb_keep_their_lightness_and_hue() -> None:
    generator = torch.Generator().manual_seed(0)
    lab = torch.rand(3, 50, 60, generator=generator) * 240 - 120
    lab[0] = torch.rand(50, 60, generator=generator) * 96 + 2
    rgb = within_gamut(lab)
    assert float(rgb.min()) >= 0 and float(rgb.max()) <= 1
    back = lab_from_srgb(rgb)
    torch.testing.assert_close(back[0], lab[0], atol=0.05, rtol=0)
    strong = back[1:].norm(dim=0) > 5
    turn = torch.atan2(back[2], back[1]) - torch.atan2(lab[2], lab[1])
    assert float(torch.remainder(turn + 3.1, 6.2832)[strong].sub(3.1).abs().max()) < 0.02
    # Clipping, the simple way, is what this is for.
    clipped = lab_from_srgb(srgb_from_lab(lab))
    assert float((clipped[0] - lab[0]).abs().max()) > 10


def test_gradients_of_conversions_are_finite() -> None:
    lab = torch.tensor([0.0, 0.0, 0.0]).view(3, 1, 1).repeat(1, 4, 4).requires_grad_()
    srgb_from_lab(lab).sum().backward()
    assert lab.grad is not None
    assert torch.isfinite(lab.grad).all()


def test_guided_chroma_ends_where_objects_do() -> None:
    lightness = torch.full((64, 64), 30.0)
    lightness[:, 29:] = 70
    chroma = torch.zeros(2, 64, 64)
    chroma[:, :, 29:] = 40
    blurred = torch.nn.functional.avg_pool2d(chroma[None], 9, 1, 4, count_include_pad=False)[0]
    result = guided(blurred, lightness, (64, 64), 6, 2).rows(0, lightness)
    before, after = ((x - chroma)[:, :, 24:34].abs().mean() for x in (blurred, result))
    assert float(after) < 0.75 * float(before)
    # As far from the edge as the window reaches nothing has changed.
    torch.testing.assert_close(result[..., :10], chroma[..., :10], atol=0.05, rtol=0)


def test_bands_join_without_a_seam() -> None:
    generator = torch.Generator().manual_seed(0)
    chroma = ChromaMap(
        torch.rand(2, 9, 12, generator=generator),
        torch.rand(2, 9, 12, generator=generator),
        (50, 70),
    )
    lightness = torch.rand(50, 70, generator=generator) * 100
    whole = chroma.rows(0, lightness)
    parts = [chroma.rows(top, lightness[top : top + 7]) for top in range(0, 50, 7)]
    torch.testing.assert_close(torch.cat(parts, 1), whole)
    torch.testing.assert_close(chroma.at(13, 21, lightness[21]), whole[:, 21, 13])


def test_colourfulness() -> None:
    gray = torch.rand(1, 1, 8, 8, generator=torch.Generator().manual_seed(0)).expand(1, 3, 8, 8)
    assert float(colourfulness(gray)) == pytest.approx(0, abs=1e-6)
    # By hand: pure red has rg = 255 and yb = 127.5 everywhere, so no spread.
    red = torch.tensor([1.0, 0, 0]).view(1, 3, 1, 1).expand(1, 3, 4, 4)
    assert float(colourfulness(red)) == pytest.approx(0.3 * (255**2 + 127.5**2) ** 0.5)
