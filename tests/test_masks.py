"""Which file is the mask of a picture, and which is a picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from restore.errors import UnreadableImage
from restore.pipeline import Saving
from restore.plan import plan
from restore.run import run
from restore.tasks.options import DewatermarkOptions, without_masks
from tests.fakes import pipeline


def test_neither_results_nor_pictures_are_masks(folder: Path, tmp_path: Path) -> None:
    """What was made of a picture has its name, where the mask that went with it was deleted."""
    (folder / "b.png").rename(folder / "a.png")
    options = DewatermarkOptions(mask=tmp_path / "clean")
    jobs = plan([folder], tmp_path / "clean")
    for _ in run(jobs, [pipeline(saving=Saving(save_maps=True))]):
        pass
    (tmp_path / "clean" / "a_mask.png").unlink()
    painted = tmp_path / "clean" / "deeper" / "c_mask.png"
    Image.new("L", (64, 48), 9).save(painted)
    for job in jobs:
        for mask in (tmp_path / "clean", tmp_path / "clean" / "deeper", folder):
            options = DewatermarkOptions(mask=mask)
            if job.source.stem == "c" and mask != folder:
                assert np.all(options.of(job.source, job.place).mask == 9)
            else:
                with pytest.raises(UnreadableImage, match=f"{job.source}: no mask for it in"):
                    options.of(job.source, job.place)


def test_a_mask_is_of_one_picture(tmp_path: Path) -> None:
    """Cameras begin their names again and again."""
    pictures, masks = tmp_path / "in", tmp_path / "masks"
    for folder in (pictures / "one", pictures / "two", masks / "one", masks / "two"):
        folder.mkdir(parents=True)
    for folder in (pictures / "one", pictures / "two"):
        Image.new("RGB", (8, 8)).save(folder / "IMG_1.jpg")
    known = [(pictures / name / "IMG_1.jpg", f"{name}/IMG_1.jpg") for name in ("one", "two")]
    options = DewatermarkOptions(mask=masks)
    Image.new("L", (8, 8)).save(masks / "IMG_1_mask.png")
    assert options.check(known[:1]) == ""
    with pytest.raises(ValueError, match=r"IMG_1_mask\.png would serve .*one.* and .*two"):
        options.check(known)
    for name in ("one", "two"):
        Image.new("L", (8, 8)).save(masks / name / "IMG_1_mask.png")
    assert options.check(known) == ""


@pytest.mark.parametrize("place", ["a_mask.png", "masks/a.png"])
def test_masks_among_the_pictures_are_not_restored_themselves(folder: Path, place: str) -> None:
    mask = folder / place
    mask.parent.mkdir(exist_ok=True)
    Image.new("L", (64, 48), 9).save(mask)
    jobs = plan([folder], folder / "out")
    for given in (mask, mask.parent):
        left = without_masks(jobs, [DewatermarkOptions(mask=given)])
        assert [job.source for job in jobs if job not in left] == [mask]
    assert without_masks(jobs, [DewatermarkOptions()]) == jobs
    assert len(without_masks(plan([mask], folder / "out"), [DewatermarkOptions(mask=mask)])) == 1
