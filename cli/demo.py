"""`restore demo`: see what it does, on a few photos, within a minute."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from restore.cli import console
from restore.cli.folder import run_batch
from restore.cli.options import Device, Model

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEVELS = (8.0, 14.0, 22.0)
LONGEST_SIDE = 1600


def demo(
    photos: Annotated[
        list[Path] | None,
        typer.Argument(help="Clean photos or a folder of them.  [default: three that ship along]"),
    ] = None,
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for it all.")] = Path(
        "restore-demo"
    ),
    model: Model = "auto",
    device: Device = "auto",
) -> None:
    """Add camera noise to copies of a few photos, restore the folder, and show before and after.

    Without PHOTOS it takes three public-domain ones that scikit-image ships.
    """
    with console.one_line_errors():
        import numpy as np
        import torch

        from restore import load
        from restore.bench.measure import psnr_of
        from restore.degradation.noise import add_camera_noise
        from restore.executor import Local
        from restore.picture import Picture, read_picture, write_picture
        from restore.pipeline import Pipeline
        from restore.plan import plan
        from restore.sheet import Row, contact_sheet
        from restore.tasks.options import DenoiseOptions

        denoiser = load("denoise", model, device)
        noisy_folder, clean_folder = output / "noisy", output / "restored"
        truths = {}
        for number, (name, array) in enumerate(_clean_photos(photos)):
            sigma = LEVELS[number % len(LEVELS)]
            x = torch.from_numpy(array.copy()).permute(2, 0, 1)[None] / 255
            noisy = add_camera_noise(x, sigma, torch.Generator().manual_seed(number))
            pixels = (noisy[0].permute(1, 2, 0) * 255).round().byte().numpy()
            write_picture(Picture(pixels, "png"), noisy_folder / f"{name}.png")
            truths[name] = array

        jobs = plan([noisy_folder / f"{name}.png" for name in truths], clean_folder)
        results = run_batch(jobs, Local([Pipeline([(denoiser, DenoiseOptions())])]), overwrite=True)
        rows, gains = [], []
        for job, result in zip(jobs, results, strict=True):
            if result.status != "done":
                continue
            before, after = read_picture(job.source).array, read_picture(job.target).array
            truth = truths[job.source.stem] / 255
            was, now = psnr_of(before / 255, truth), psnr_of(after / 255, truth)
            gains.append(now - was)
            caption = (
                f"{job.source.stem}: {was:.1f} -> {now:.1f} dB PSNR, "
                f"noise level found {result.facts['sigma']:.1f}"
            )
            rows.append(Row(before, after, caption))
            typer.echo(caption)
        if not rows:
            console.fail("none of the photos could be restored", console.FAILED)
        sheet = output / "before-after.png"
        picture = np.asarray(contact_sheet(rows))
        write_picture(Picture(picture, "png"), sheet)
        typer.echo(f"gained {sum(gains) / len(gains):.1f} dB on average with {denoiser.card.name}")
        typer.echo(f"results: {clean_folder}{chr(10)}before and after: {sheet}")


def _clean_photos(photos: list[Path] | None) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    """(name, (H, W, 3) uint8) of each photo, large ones reduced: the demo is to be quick."""
    import numpy as np
    from PIL import Image

    from restore.picture import read_picture
    from restore.plan import plan

    if photos is None:
        from skimage import data

        yield "astronaut", data.astronaut()
        yield "coffee", data.coffee()
        yield "cat", data.cat()
        return
    taken: set[str] = set()
    for job in plan(photos, Path("unused")):
        array = read_picture(job.source).array
        if array.dtype == np.uint16:
            array = np.rint(array / 257).astype(np.uint8)
        image = Image.fromarray(array).convert("RGB")
        image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
        name, number = job.source.stem, 2
        while name in taken:
            name, number = f"{job.source.stem}_{number}", number + 1
        taken.add(name)
        yield name, np.asarray(image)
