"""Photos that mislead a finder of marks are copied, under names that training does not hold out."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import restore
from restore.training.config import TrainingConfig
from restore.training.photos import is_held_out
from tests.hard_photos import main


def looks_at_red(picture: NDArray[np.uint8], _: Any) -> NDArray[np.float32]:
    """Takes what is red for a mark."""
    return np.asarray((picture[..., 0] > 200) & (picture[..., 1] < 50), np.float32)


def test_what_misleads_is_practised_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    finder = SimpleNamespace(finder=SimpleNamespace(look=looks_at_red))
    monkeypatch.setattr(restore, "load", lambda *_: finder)
    photos, out = tmp_path / "photos", tmp_path / "photos" / "hard"
    photos.mkdir()
    share = TrainingConfig.held_out
    names = [f"{number}.png" for number in range(200)]
    held = [name for name in names if is_held_out(name, share)]
    assert held  # or there is nothing to test
    for name in (*held, *[name for name in names if name not in held][:6]):
        picture = np.full((40, 60, 3), 90, np.uint8)
        if name in held or int(Path(name).stem) % 2:
            picture[10:20, 20:40] = (255, 0, 0)
        picture[0, 0] = (255, 0, 0)  # a speck, which does not mislead
        Image.fromarray(picture).save(photos / name)
    main(photos, out, times=3)
    copies = sorted(out.iterdir())
    assert len(copies) == 3 * 3
    assert not any(is_held_out(path.name, share) for path in copies)
    stems = {path.stem.split("-")[0] for path in copies}
    assert all(int(stem) % 2 and f"{stem}.png" not in held for stem in stems)
