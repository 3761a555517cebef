from __future__ import annotations

import io
import tarfile
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from torch.nn import functional as F

import restore
from restore.autoencoder import AutoencoderConfig
from restore.colour import lab_from_srgb
from restore.tasks.colorize_learning import damage, hints_at_random
from restore.tasks.colorize_network import ColorizeNet, bin_table
from restore.training.checkpoint import Progress
from restore.training.config import TrainingConfig, load_recipe
from restore.training.export import export
from restore.training.loop import train
from restore.training.photos import load_photos
from tests.test_colorize import CONFIG

CPU = torch.device("cpu")
TINY = TrainingConfig(
    task="colorize",
    name="tiny",
    network=CONFIG,
    steps=40,
    batch=4,
    patch=64,
    late_share=0,
    short_side=64,
    late_patch=64,
    learning_rate=3e-3,
    warmup=5,
    loss="psnr",
    clip=1,
    ema=0.8,
)


@pytest.fixture
def archive(tmp_path: Path, photo: NDArray[np.uint8]) -> Path:
    """A folder with six photos, five of them in a tar file with things that are none."""
    root = tmp_path / "photos"
    root.mkdir()
    with tarfile.open(root / "a.tar", "w") as archive:
        for number in range(5):
            content = io.BytesIO()
            Image.fromarray(np.roll(photo, 20 * number, 1)).save(content, "PNG")
            _add(archive, f"deep/{number}.png", content.getvalue())
        _add(archive, "index.tsv", b"no picture")
        _add(archive, "broken.png", b"no picture either")
    Image.fromarray(photo).save(root / "single.png")
    return root


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    archive.addfile(entry, io.BytesIO(content))


def test_photos_in_tar_files(archive: Path, photo: NDArray[np.uint8]) -> None:
    training, held_out = load_photos(archive, smallest=32, held_out=0.3, device=CPU)
    stacks = [stack.photo(number) for stack in (training, held_out) for number in range(len(stack))]
    found = {stack.numpy().tobytes() for stack in stacks}
    rolled = [np.roll(photo, 20 * number, 1) for number in range(5)]
    assert found == {each.transpose(2, 0, 1).tobytes() for each in rolled}
    assert len(stacks) == 6


def test_a_damaged_tar_file_is_left_out(archive: Path) -> None:
    (archive / "b.tar").write_bytes(b"nothing of the kind" * 100)
    training, held_out = load_photos(archive, smallest=32, held_out=0.3, device=CPU)
    assert len(training) + len(held_out) == 6


def test_photos_are_reduced_to_a_short_side(archive: Path) -> None:
    training, _ = load_photos(archive, smallest=64, held_out=0.1, device=CPU, short_side=64)
    assert training.sizes.tolist() == [[64, 80]] * len(training)


def test_upright_crops_are_never_turned(tmp_path: Path) -> None:
    ramp = np.broadcast_to(np.arange(64, dtype=np.uint8)[:, None, None] * 3, (64, 64, 3))
    for number in range(4):
        Image.fromarray(ramp.copy()).save(tmp_path / f"{number}.png")
    training, _ = load_photos(tmp_path, smallest=64, held_out=0.1, device=CPU)
    generator = torch.Generator().manual_seed(0)
    upright = training.crops(20, 48, generator, upright=True)
    assert bool((upright.diff(dim=2) > 0).all())
    assert not bool((training.crops(20, 48, generator).diff(dim=2) > 0).all())


def test_bins() -> None:
    centres, numbers = bin_table()
    # The shipped weights have an output for each; another number would make them useless.
    assert centres.shape == (193, 2)
    assert numbers.min() == 0 and numbers.max() == len(centres) - 1
    net = ColorizeNet(CONFIG)
    generator = torch.Generator().manual_seed(0)
    ab = lab_from_srgb(torch.rand(1, 3, 30, 30, generator=generator))[:, 1:]
    # The distribution that has the least cross entropy with a colour has that colour as its mean.
    scores = torch.zeros(1, len(centres), 30, 30, requires_grad=True)
    (gradient,) = torch.autograd.grad(net.cross_entropy(scores, ab) * 900, scores)
    target = 1 / len(centres) - gradient
    assert float(target.min()) > -1e-5
    torch.testing.assert_close(target.sum(1), torch.ones(1, 30, 30))
    mean = net.mean(target.clamp(min=1e-12).log())
    assert float((mean - ab).norm(dim=1).max()) < 6
    assert float((mean - ab).norm(dim=1).mean()) < 1.5
    assert float(net.spread(target.clamp(min=1e-12).log()).max()) < 25
    assert float(net.spread(scores.detach()).min()) > 30


def test_colours_in_doubt_become_livelier() -> None:
    """In the same direction, in proportion to the variance; what is certain stays as it is."""
    network = ColorizeNet(CONFIG)
    centres, _ = bin_table()
    reddish = (centres[:, 0] > 20).nonzero()[:, 0]
    scores = torch.full((1, len(centres), 1, 3), -30.0)
    scores[0, reddish[0], 0, 0] = 10  # certain
    scores[0, reddish[:2], 0, 1] = 10  # one of two
    scores[0, reddish, 0, 2] = 10  # any red
    mean, lively = network.mean(scores), network.lively(scores, 1e-4)
    torch.testing.assert_close(network.lively(scores, 0), mean)
    torch.testing.assert_close(lively[..., 0], mean[..., 0], rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(F.cosine_similarity(lively, mean), torch.ones(1, 1, 3))
    more = (lively - mean).norm(dim=1)[0, 0] / mean.norm(dim=1)[0, 0]
    variance = network.spread(scores)[0, 0, 0].square()
    assert 0 < more[1] < more[2]
    torch.testing.assert_close(more[2] / more[1], variance[2] / variance[1], rtol=1e-3, atol=0)


def test_hints_tell_the_truth() -> None:
    generator = torch.Generator().manual_seed(0)
    lab = lab_from_srgb(torch.rand(3, 3, 64, 64, generator=generator))
    count = torch.tensor([0.0, 10.0, 1e6]).view(3, 1, 1, 1)
    hints = hints_at_random(lab, count, 4, generator)
    given = hints[:, 0].sum((1, 2))
    assert given[0] == 0 and 2 < given[1] < 25 and given[2] == 256
    truth = torch.nn.functional.avg_pool2d(lab[:, 1:], 4)
    torch.testing.assert_close(hints[2, 1:], truth[2])
    assert float((hints[:, 1:] * (1 - hints[:, :1])).abs().max()) == 0
    lab, lightness, _ = damage(torch.rand(3, 3, 64, 64, generator=generator), generator, TINY)
    assert lightness.shape == (3, 1, 64, 64)
    assert float(lightness.min()) >= 0 and float(lightness.max()) <= 100


def test_learns_and_ships(archive: Path, tmp_path: Path, photo: NDArray[np.uint8]) -> None:
    terms: list[dict[str, float]] = []

    def report(progress: Progress, measured: dict[str, float]) -> None:
        terms.append(measured)

    checkpoint = train(TINY, archive, tmp_path / "run", device=CPU, report=report, report_every=10)
    assert terms[3]["cross entropy"] < terms[0]["cross entropy"] - 0.5
    assert {"auto gain", "auto colour", "10 hints gain", "score"} <= set(terms[-1])
    model = export(checkpoint, tmp_path / "weights", "one photo")
    assert model.card.task == "colorize"
    colorize = restore.load("colorize", str(model.path), "cpu")
    assert colorize(photo, force=True).shape == photo.shape


def test_the_recipe_fits_the_task() -> None:
    config = load_recipe("colorize")
    assert ColorizeNet(config.network).macs_per_pixel() > 0
    with pytest.raises(ValueError, match="193 per patch"):
        ColorizeNet(AutoencoderConfig())
