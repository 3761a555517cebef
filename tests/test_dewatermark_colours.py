from __future__ import annotations

import numpy as np
import pytest
import torch

from restore.tasks.dewatermark_colours import colours, random_colours, recoloured


def test_a_mark_is_one_in_other_colours() -> None:
    """Matte and picture below stay what they are."""
    draw = torch.Generator().manual_seed(0)
    clean, colour = torch.rand((2, 200, 3, 5, 6), generator=draw)
    matte = torch.rand((200, 1, 5, 6), generator=draw)
    marked = clean * (1 - matte) + matte * colour
    matrices = random_colours(200, draw)
    below, after = recoloured(clean, matrices), recoloured(marked, matrices)
    light = recoloured(matte * colour, matrices, matte)
    torch.testing.assert_close(after, below * (1 - matte) + light)
    assert 0 <= float(after.min()) <= float(after.max()) <= 1
    same = (after - marked).abs().amax((1, 2, 3)) < 1e-6
    assert 0.1 < float(same.float().mean()) < 0.5
    negative = matrices.sum((1, 2)) < 0
    assert 0.3 < float(negative.float().mean()) < 0.5


def test_other_colours_are_what_they_are_called() -> None:
    picture = np.random.default_rng(0).random((4, 5, 3), np.float32)
    luma = picture @ np.float32([0.299, 0.587, 0.114])
    np.testing.assert_allclose(colours().picture(picture), picture, atol=1e-6)
    np.testing.assert_allclose(colours(negative=True).picture(picture), 1 - picture, atol=1e-6)
    exchanged = colours(order="gbr").picture(picture)
    np.testing.assert_allclose(exchanged, picture[..., [1, 2, 0]], atol=1e-6)
    gray = colours(paler=0).picture(picture)
    np.testing.assert_allclose(gray, np.dstack([luma] * 3), atol=1e-6)


@pytest.mark.parametrize("negative", [False, True])
def test_differences_are_those_of_pictures(negative: bool) -> None:
    one, other = np.random.default_rng(0).random((2, 4, 5, 3), np.float32)
    view = colours(paler=0.5, order="brg", negative=negative)
    change = view.picture(other) - view.picture(one)
    np.testing.assert_allclose(view.change(other - one), change, atol=1e-6)
    there = torch.from_numpy(one).permute(2, 0, 1)[None]
    same = recoloured(there, torch.from_numpy(view.matrix)[None])[0].permute(1, 2, 0)
    np.testing.assert_allclose(same.numpy(), view.picture(one), atol=1e-6)
