from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from restore.box_filter import box_mean


@pytest.mark.parametrize("side", [1, 9, 31])
def test_means_are_those_of_whole_windows(side: int) -> None:
    x = torch.rand((2, 3, 40, 60), generator=torch.Generator().manual_seed(0))
    whole = F.avg_pool2d(x, side, stride=1, padding=side // 2, count_include_pad=False)
    torch.testing.assert_close(box_mean(x, side), whole)
