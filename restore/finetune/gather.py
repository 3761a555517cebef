"""The user's photos: read, checked in plain words, and shared out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from restore.colour import lab_from_srgb
from restore.errors import Cancelled, RestoreError
from restore.finetune.events import Finding
from restore.finetune.request import Request
from restore.plan import pictures_below
from restore.tasks.colorize import COLOURED, SIDE, beyond_toning
from restore.training.photos import pieces, read_rgb8

ByteArray = NDArray[np.uint8]

FEWEST = {"denoise": 4, "dewatermark": 5, "colorize": 5}
"""Photos, below which nothing is tried."""
FEW = {"denoise": 8, "dewatermark": 20, "colorize": 30}
"""Below these it works, but the user should know that more would help."""
SMALLEST = {"denoise": 160, "dewatermark": 160, "colorize": 96}
"""Short side in pixels."""
MOST_PIECES = 48
"""Pieces of photos that are held in memory at full resolution."""
BLANK = 2.0
"""Standard deviation, in 8-bit units, up to which a photo shows nothing."""
SHARE_HELD_OUT = 0.25
MOST_HELD_OUT = 24
_SHOWN = 6
"""File names in a finding."""


@dataclass(frozen=True)
class Photo:
    name: str
    """Its path below the folder, with forward slashes."""
    pieces: tuple[Tensor, ...]
    """(3, H, W) uint8, or pairs (6, H, W): clean, then noisy."""


@dataclass
class Gathered:
    """What is there to learn from, and to be judged by."""

    learn: list[Photo] = field(default_factory=list)
    held_out: list[Photo] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def say(self, level: str, text: str, files: Sequence[str] = ()) -> None:
        self.findings.append(Finding(level, text, tuple(files)))  # type: ignore[arg-type]

    @property
    def usable(self) -> bool:
        return all(finding.level != "refusal" for finding in self.findings)


def gather(request: Request, stop: Callable[[], bool] = lambda: False) -> Gathered:
    """Read the photos of a request, say what is wrong with them, and hold some out.

    Which ones are held out depends on their names alone. What only a model can tell, how noisy
    they are, is left to `restore.finetune.denoise`.

    Raises:
        UnreadableImage: no such folder.
        Cancelled: `stop` said so.
    """
    gathered = Gathered()
    files = pictures_below(request.photos)
    most = most_photos(request)
    total, files = len(files), files[:: max(-(-len(files) // most), 1)]
    if total > len(files):
        gathered.say("fine", f"of {total} photos {len(files)} are used, evenly spread")
    reader = _Reader(request, gathered, max(MOST_PIECES // max(len(files), 1), 1))
    photos = []
    for path, name in files:
        if stop():
            raise Cancelled("stopped while the photos were read")
        photo = reader.read(path, name)
        if photo is not None:
            photos.append(photo)
    reader.report()
    fewest = FEWEST[request.task]
    if len(photos) < fewest:
        gathered.say(
            "refusal",
            f"{len(photos)} usable photos in {request.photos}: it takes at least {fewest}, "
            f"better {FEW[request.task]} or more",
        )
        return gathered
    megapixels = sum(reader.sizes[photo.name] for photo in photos) / 1e6
    gathered.say("fine", f"{len(photos)} photos, {megapixels:.1f} megapixels in all")
    if len(photos) < FEW[request.task]:
        gathered.say(
            "warning",
            f"{len(photos)} photos are few: the proof will be a rough one, and with "
            f"{FEW[request.task]} or more the model learns more",
        )
    ranked = sorted(
        photos, key=lambda photo: hashlib.sha256(photo.name.encode(errors="surrogatepass")).digest()
    )
    fewest_held_out = 1 if len(photos) < 5 else 2 if len(photos) < 8 else 3
    count = min(max(round(SHARE_HELD_OUT * len(photos)), fewest_held_out), MOST_HELD_OUT)
    gathered.held_out, gathered.learn = ranked[:count], ranked[count:]
    return gathered


def most_photos(request: Request) -> int:
    """So many are read that reading takes a small part of the time there is."""
    return int(min(max(10 * request.minutes, 40), 400))


class _Reader:
    """Reads photos one by one, and remembers what was wrong with some."""

    def __init__(self, request: Request, gathered: Gathered, pieces: int) -> None:
        self.request = request
        self.gathered = gathered
        self.most_pieces = min(pieces, 6)
        self.sizes: dict[str, int] = {}
        """Pixels of each usable photo, by name."""
        self.partners = _by_stem(request.pairs) if request.pairs else {}
        self._seen: dict[bytes, str] = {}
        self._troubles: dict[str, list[str]] = {}

    def read(self, path: Path, name: str) -> Photo | None:
        trouble, photo = self._read(path, name)
        if trouble:
            self._troubles.setdefault(trouble, []).append(name)
        return photo

    def report(self) -> None:
        for trouble, names in self._troubles.items():
            shown = ", ".join(names[:_SHOWN]) + (" and more" if len(names) > _SHOWN else "")
            text = f"{len(names)} left out, {trouble}: {shown}"
            self.gathered.say("warning", text, names)

    def _read(self, path: Path, name: str) -> tuple[str, Photo | None]:
        """What is wrong with it, if anything, and the photo if it can be used."""
        task = self.request.task
        try:
            array = read_rgb8(path)
        except RestoreError:
            return "they can't be read", None
        if min(array.shape[:2]) < SMALLEST[task]:
            return f"smaller than {SMALLEST[task]} pixels", None
        if array.std() < BLANK:
            return "they show nothing", None
        digest = hashlib.sha256(array.tobytes()).digest()
        if digest in self._seen:
            return "they are the same as others", None
        self._seen[digest] = name
        if self.request.pairs:
            partner = self.partners.get(PurePosixPath(name).stem)
            if partner is None:
                return "no clean photo has their name", None
            try:
                clean = read_rgb8(partner)
            except RestoreError:
                return "their clean photo can't be read", None
            trouble = pair_trouble(array, clean)
            if trouble:
                return trouble, None
            array = np.dstack([clean, array])
        elif task == "colorize":
            array = _reduced(array, SIDE)
            if _colour(array) < COLOURED:
                return "they are black and white, or toned", None
        elif task == "dewatermark":
            array = _reduced(array, 320)
        self.sizes[name] = array.shape[0] * array.shape[1]
        whole = torch.from_numpy(np.ascontiguousarray(array.transpose(2, 0, 1)))
        return "", Photo(name, tuple(pieces(whole, self.most_pieces)))


def pair_trouble(noisy: ByteArray, clean: ByteArray) -> str:
    """Why two pictures are no pair to learn from, or nothing."""
    if noisy.shape != clean.shape:
        return "their clean photo has another size"
    one, other = (
        cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32) for picture in (noisy, clean)
    )
    if float(np.abs(one - other).mean()) < 0.2:
        return "their clean photo is the same picture"
    window = cv2.createHanningWindow(one.shape[::-1], cv2.CV_32F)
    (right, down), _ = cv2.phaseCorrelate(one - one.mean(), other - other.mean(), window)
    if max(abs(right), abs(down)) > 0.7:
        return "their clean photo is shifted against them"
    if np.corrcoef(cv2.blur(one, (9, 9)).ravel(), cv2.blur(other, (9, 9)).ravel())[0, 1] < 0.8:
        return "their clean photo shows something else"
    return ""


def _by_stem(folder: Path) -> dict[str, Path]:
    return {PurePosixPath(name).stem: path for path, name in pictures_below(folder)}


def _colour(array: ByteArray) -> float:
    return beyond_toning(lab_from_srgb(torch.from_numpy(array.copy()).permute(2, 0, 1) / 255))


def _reduced(array: ByteArray, short_side: int) -> ByteArray:
    scale = short_side / min(array.shape[:2])
    if scale >= 1:
        return array
    height, width = (max(round(side * scale), short_side) for side in array.shape[:2])
    return np.asarray(cv2.resize(array, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
