"""What tells a mark from what only looks like one: fits `restore.tasks.dewatermark_evidence`.

    python tests/measure_marks.py PHOTOS LOGOS [--fonts FONTS] [--count 60] [--model NAME]

PHOTOS, LOGOS and FONTS are those that the model was trained on: of these only what training holds
out is used, with marks as the benchmark and as training lay them, and with print that belongs to
the scene. Photos without a mark are needed in hundreds, as large as they are: enlarged ones are too
soft to look like marks. So these are some that were trained on; what is found in them all the same
misleads the most. Prints the weights, what is kept of true and of false parts at several levels,
and how many unmarked photos would change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, NamedTuple, cast

import numpy as np
import torch
import typer
from numpy.typing import NDArray
from PIL import Image

import restore
from restore.arrays import from_unit, to_unit
from restore.bench import dewatermark as bench
from restore.degradation.marks import SUFFIXES, MarkBank, load_marks
from restore.degradation.watermark import watermark
from restore.tasks.dewatermark import Dewatermarker
from restore.tasks.dewatermark_evidence import Evidence, evidence_of
from restore.tasks.dewatermark_fit import solve
from restore.tasks.dewatermark_learning import HELD_OUT_EVERY
from restore.tasks.dewatermark_mask import separate_marks, within
from restore.training.photos import PhotoStack, load_photos

SCALES = (1, 0.75, 1.35, 0.6)
"""When all photos have been seen, they are seen again in other sizes."""
PACKED = 4
"""All but one in so many went through JPEG."""
TEXTS = 900
"""As many texts as the model was trained on."""
RIDGE = 0.3
ROUNDS = 60


WITHOUT = ("unmarked", "print")


class Part(NamedTuple):
    """A part of what was found."""

    kind: str
    picture: int
    true: float
    """Share of its pixels that are of a mark."""
    evidence: list[float]


def main(
    photos: Path,
    logos: Path,
    fonts: Annotated[Path | None, typer.Option(help="Folder of fonts, for texts.")] = None,
    count: Annotated[
        int,
        typer.Option(
            help="Pictures of each kind; more of logos, which differ most, and without a mark."
        ),
    ] = 60,
    model: str = "auto",
) -> None:
    dewatermarker = cast(Dewatermarker, restore.load("dewatermark", model, "cpu"))
    parts: list[Part] = []
    unmarked = 0
    for number, (kind, sample) in enumerate(samples(photos, logos, fonts, count)):
        unmarked += kind == "unmarked"
        parts += parts_of(dewatermarker, kind, number, sample)
        if number % 50 == 49:
            typer.echo(f"{number + 1} pictures, {len(parts)} parts", err=True)
    report([part for part in parts if part.true < 0.2 or part.true > 0.5], unmarked)


def samples(
    photos: Path, logos: Path, fonts: Path | None, count: int
) -> Iterator[tuple[str, bench.Sample]]:
    trained, held_out = (
        _pictures(stack)
        for stack in load_photos(photos, smallest=96, held_out=0.03, device=torch.device("cpu"))
    )
    marks = sorted(path for path in logos.iterdir() if path.suffix.lower() in SUFFIXES)
    marks = marks[HELD_OUT_EVERY - 1 :: HELD_OUT_EVERY]
    bank = load_marks(logos, fonts, TEXTS).split(HELD_OUT_EVERY)[1]
    kinds: list[tuple[str, Callable[[Image.Image, np.random.Generator], bench.Sample], int]] = [
        ("logo", _as_benchmarked(bench.logo_of(marks), 256), 3 * count),
        ("text", _as_benchmarked(bench._text), count),
        ("date", _as_benchmarked(bench._date), count),
        ("stamp", _as_benchmarked(bench._date, solid=True), count),
        ("tiled", _as_benchmarked(bench._tiled), count // 2),
        ("camera's date", _as_trained(bank, "date"), count),
        ("single", _as_trained(bank, "single"), count),
        ("print", _as_trained(bank, "print"), 2 * count),
        ("unmarked", _as_benchmarked(bench._nothing), 8 * count),
    ]
    for seed, (kind, marked, wanted) in enumerate(kinds):
        pictures = trained if kind == "unmarked" else held_out
        for number in range(wanted):
            draw = np.random.default_rng([seed, number])
            scale = SCALES[number // len(pictures) % len(SCALES)]
            picture = pictures[number % len(pictures)]
            size = round(scale * picture.width), round(scale * picture.height)
            sample = marked(picture.resize(size, Image.Resampling.LANCZOS), draw)
            yield kind, bench.in_jpeg(sample, draw) if number % PACKED else sample


def _pictures(stack: PhotoStack) -> list[Image.Image]:
    """In an order of chance."""
    order = np.random.default_rng(0).permutation(len(stack))
    arrays = (stack.photo(int(index)).permute(1, 2, 0).numpy() for index in order)
    return [Image.fromarray(array) for array in arrays]


def _as_benchmarked(
    mark: bench.Mark, side: int | None = None, *, solid: bool = False
) -> Callable[[Image.Image, np.random.Generator], bench.Sample]:
    def marked(picture: Image.Image, draw: np.random.Generator) -> bench.Sample:
        if side:
            picture = picture.resize((side, side), Image.Resampling.BICUBIC)
        return bench._marked(picture, mark(picture.size, draw), draw, solid=solid)

    return marked


def _as_trained(
    bank: MarkBank, kind: str
) -> Callable[[Image.Image, np.random.Generator], bench.Sample]:
    def marked(picture: Image.Image, draw: np.random.Generator) -> bench.Sample:
        generator = torch.Generator().manual_seed(int(draw.integers(2**31)))
        clean = torch.from_numpy(to_unit(np.asarray(picture))).permute(2, 0, 1)[None]
        made = watermark(clean, bank, generator, {kind: 1.0}, own_colours=0.6)
        before, after = (
            from_unit(each[0].permute(1, 2, 0).numpy(), np.dtype(np.uint8))
            for each in (made.clean, made.marked)
        )
        mask = made.visible[0, 0].numpy() & (kind != "print")
        return bench.Sample(after, before, mask, mask)

    return marked


def parts_of(
    dewatermarker: Dewatermarker, kind: str, number: int, sample: bench.Sample
) -> Iterator[Part]:
    seen = dewatermarker.look(sample.marked)
    if not seen.mask.any():
        return
    coverage = within(seen.coverage, seen.mask)
    solution = solve(sample.marked, coverage, seen.mask)
    parts, count = separate_marks(solution.explained(seen.mask))
    evidence = evidence_of(sample.marked, seen.first, coverage, parts, count, solution)
    for part in range(1, count):
        true = float(sample.mask[parts == part].mean())
        yield Part(kind, number, true, [float(each[part]) for each in evidence])


def report(parts: list[Part], unmarked: int) -> None:
    true = np.array([part.true > 0.5 for part in parts])
    pictures = np.array([part.picture for part in parts])
    kinds = np.array([part.kind for part in parts])
    evidence = np.array([part.evidence for part in parts])
    # Every picture counts the same, however many words it is tiled with.
    share = 1 / np.bincount(pictures)[pictures]
    for name, values in zip(Evidence._fields, evidence.T, strict=True):
        ends = [np.quantile(values[side], (0.1, 0.25, 0.5, 0.75, 0.9)) for side in (true, ~true)]
        typer.echo(f"{name:10}  true {ends[0].round(2)}  false {ends[1].round(2)}")
    weights, bias = logistic(evidence, true, share)
    typer.echo(f"{true.sum()} true parts, {(~true).sum()} false")
    typer.echo(f"WEIGHTS {weights.round(3).tolist()}  BIAS {bias:.3f}")
    score = unseen(evidence, true, share, pictures)
    best = np.full(pictures.max() + 1, -np.inf)
    np.maximum.at(best, pictures, score)
    score = (score + best[pictures]) / 2  # as in `convincing`
    for level in (-1, -0.5, 0, 0.5, 1, 1.5):
        kept = score > level
        by_kind = {
            kind: share[kept & true & (kinds == kind)].sum() / share[true & (kinds == kind)].sum()
            for kind in np.unique(kinds[true])
        }
        changed = [len(set(pictures[kept & (kinds == kind)].tolist())) for kind in WITHOUT]
        false = share[kept & ~true].sum() / share[~true].sum()
        typer.echo(
            f"above {level}: {false:.2f} of what is false, true "
            + ", ".join(f"{kind} {value:.2f}" for kind, value in by_kind.items())
            + f"; {changed[0]} of {unmarked} unmarked photos change, {changed[1]} with print"
        )


def logistic(
    evidence: NDArray[Any], true: NDArray[np.bool_], share: NDArray[Any]
) -> tuple[NDArray[Any], float]:
    """Weights and bias of a logistic regression, by Newton's method."""
    mean, spread = evidence.mean(0), evidence.std(0) + 1e-9
    terms = np.c_[(evidence - mean) / spread, np.ones(len(evidence))]
    held = RIDGE * np.diag([1.0] * evidence.shape[1] + [1e-6])
    found = np.zeros(terms.shape[1])
    for _ in range(ROUNDS):
        likely = 1 / (1 + np.exp(-terms @ found))
        slope = terms.T @ (share * (likely - true)) + held @ found
        curvature = (terms * (share * likely * (1 - likely))[:, None]).T @ terms + held
        found -= np.linalg.solve(curvature, slope)
    weights = found[:-1] / spread
    return weights, float(found[-1] - weights @ mean)


def unseen(
    evidence: NDArray[Any], true: NDArray[np.bool_], share: NDArray[Any], pictures: NDArray[Any]
) -> NDArray[Any]:
    """The score of each part by a regression that has not seen its picture."""
    score = np.zeros(len(true))
    for fold in range(8):
        out = pictures % 8 == fold
        weights, bias = logistic(evidence[~out], true[~out], share[~out])
        score[out] = evidence[out] @ weights + bias
    return score


if __name__ == "__main__":
    typer.run(main)
