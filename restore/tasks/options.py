"""What a user may ask of each task; checked here, before anything heavy is loaded.

The same classes stand behind the arguments of the API, the options of the command line and the
steps of a recipe, so that each option has one name, one default and one check.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Hashable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from restore.errors import UnreadableImage
from restore.journal import is_result
from restore.storage import absolute, same

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from restore.plan import Job

Hint = tuple[float, float, tuple[int, int, int]]
"""A colour that the user knows: x and y in pixels of the picture, and 8-bit sRGB."""


@dataclass(frozen=True)
class Options:
    """What every task takes."""

    strength: float = 1.0
    """Share of the restored picture in the result, from 0 (the input, exactly) to 1."""

    def __post_init__(self) -> None:
        _within("strength", self.strength, 0, 1)

    def of(self, source: Path, place: str = "", max_pixels: int | None = None) -> Options:
        """The options for one file of a folder; raises UnreadableImage where that can't be.

        Args:
            place: where the file is below the folder that was given, with forward slashes.
            max_pixels: see `restore.picture.read_pages`; None is what is usual.
        """
        return self

    def check(self, pictures: Iterable[tuple[Path, str]], *, others: bool = False) -> str:
        """A word on what of them fits none of the pictures, each with its place; or none.

        Args:
            others: whether other pictures may come.

        Raises:
            ValueError: something fits several, and should not.
        """
        return ""

    def masks(self, pictures: Iterable[tuple[Path, str]]) -> Iterator[Path]:
        """The files that serve pictures, each with its place, as masks; they are none to restore
        themselves, wherever they lie."""
        return iter(())

    def recorded(self, source: Path, place: str = "") -> Options:
        """What of them is written into the result of a file; files stay names."""
        return self


@dataclass(frozen=True)
class DenoiseOptions(Options):
    sigma: float | None = None
    """Noise level in 8-bit units, 0..255, also for deeper pictures; None estimates it."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.sigma is not None:
            _within("sigma", self.sigma, 0, 255)


@dataclass(frozen=True)
class ColorizeOptions(Options):
    saturation: float = 1.0
    """Factor on the chroma that is guessed, 0..3; what hints say is left as it is."""
    hints: tuple[Hint, ...] | Mapping[str, tuple[Hint, ...]] = ()
    """Colours the user knows; of theirs, hue and chroma count, the lightness is the picture's. For
    a folder, by the names of its files, or by their places in it, with forward slashes."""
    force: bool = False
    """Colour the picture anew even if it is in colour already."""
    variant: int = 0
    """0 is the likeliest colouring; every other number is one more that may be believed."""

    def __post_init__(self) -> None:
        super().__post_init__()
        _within("saturation", self.saturation, 0, 3)
        if self.variant < 0:
            raise ValueError(f"variant must not be negative, got {self.variant}")
        if isinstance(self.hints, Mapping):
            known = {_normal(name): hints for name, hints in self.hints.items()}
            object.__setattr__(self, "hints", known)
        for hints in self.hints.values() if isinstance(self.hints, Mapping) else (self.hints,):
            check_hints(hints)

    def of(self, source: Path, place: str = "", max_pixels: int | None = None) -> ColorizeOptions:
        if not isinstance(self.hints, Mapping):
            return self
        return replace(self, hints=self.hints.get(self._name(source, place), ()))

    def _name(self, source: Path, place: str) -> str:
        """What a picture is called among the hints, if it is."""
        return _normal(place if _normal(place) in self.hints else source.name)

    def check(self, pictures: Iterable[tuple[Path, str]], *, others: bool = False) -> str:
        if not isinstance(self.hints, Mapping):
            names = [place for _, place in pictures]
            if self.hints and (others or len(names) > 1):
                there = f", and there are {len(names)} ({names[0]!r} first)" if names else ""
                raise ValueError(
                    f"these hints are for one picture{there}: for many, write an object of file "
                    "names, or places in the folder, each with its own list"
                )
            return ""
        places: dict[str, list[str]] = {}
        for source, place in pictures:
            places.setdefault(self._name(source, place), []).append(place)
        for name in self.hints:
            if len(found := places.get(name, [])) > 1:
                way = (
                    f"by its place in the folder, {found[0]!r}, {found[1]!r}"
                    if found[0] != found[1]
                    else "and pass the folder that holds them all, so that their places tell them "
                    "apart"
                )
                raise ValueError(
                    f"hints for {name!r} fit {len(found)} pictures: give each its own, {way}"
                )
        if not (lost := [name for name in self.hints if name not in places]):
            return ""
        more = f" and {len(lost) - 5} more" if len(lost) > 5 else ""
        return f"hints that no picture goes by: {', '.join(map(repr, lost[:5]))}{more}"

    def recorded(self, source: Path, place: str = "") -> ColorizeOptions:
        return self.of(source, place)


def _normal(name: str) -> str:
    """A name however its accents are written: macOS takes them apart."""
    return unicodedata.normalize("NFC", name)


def check_hints(hints: Iterable[Hint]) -> None:
    """Raises ValueError where one is not a hint."""
    for number, hint in enumerate(hints, 1):
        try:
            x, y, (red, green, blue) = hint
            fits = all(0 <= value <= 255 for value in (red, green, blue))
            fits = fits and 0 <= x < float("inf") and 0 <= y < float("inf")
        except (TypeError, ValueError):
            fits = False
        if not fits:
            raise ValueError(
                f"hint {number} is {hint!r}: give (x, y, (r, g, b)), pixels from the upper left "
                "corner, and red, green and blue from 0 to 255"
            )


@dataclass(frozen=True, eq=False)
class DewatermarkOptions(Options):
    sensitivity: float = 0.5
    """How readily something is taken for a mark: 0 hardly ever, 1 whenever in doubt."""
    mask: NDArray[Any] | Path | None = None
    """(H, W), of any type, marked where above half of its range; obeyed: there, and only there. Or
    the file of a mask, or a folder of masks that are named as the pictures are, or NAME_mask.png;
    below it, in folders as the pictures are, or all in one. Where pictures or results lie among
    them, only NAME_mask.png is a mask."""

    def __post_init__(self) -> None:
        super().__post_init__()
        _within("sensitivity", self.sensitivity, 0, 1)

    def of(
        self, source: Path, place: str = "", max_pixels: int | None = None
    ) -> DewatermarkOptions:
        if not isinstance(self.mask, Path):
            return self
        from restore.picture import MAX_PIXELS, read_picture

        mask = _mask_file(self.mask, source, place)
        return replace(self, mask=read_picture(mask, max_pixels or MAX_PIXELS).array)

    def check(self, pictures: Iterable[tuple[Path, str]], *, others: bool = False) -> str:
        if not isinstance(self.mask, Path) or not self.mask.is_dir():
            return ""
        served: dict[Hashable, Path] = {}
        for source, place in pictures:
            with suppress(UnreadableImage):
                found = _mask_file(self.mask, source, place)
                other = served.setdefault(same(found), source)
                if other.parent != source.parent:  # cameras begin their names again and again
                    raise ValueError(
                        f"{found} would serve {other} and {source}: give each its own, in folders "
                        f"of {self.mask} that are those of the pictures"
                    )
        return ""

    def masks(self, pictures: Iterable[tuple[Path, str]]) -> Iterator[Path]:
        if not isinstance(self.mask, Path):
            return
        for source, place in pictures:
            with suppress(UnreadableImage):
                if same(found := _mask_file(self.mask, source, place)) != same(source):
                    yield found


def _mask_file(mask: Path, source: Path, place: str) -> Path:
    if not mask.is_dir():
        return mask
    saved = f"{source.stem}_mask.png"
    # Among the pictures other names are those of pictures, and among results those of results.
    among = absolute(source).is_relative_to(absolute(mask))
    names = (saved,) if among else (saved, f"{source.stem}.png", source.name)
    for folder in ((mask / place).parent, mask):  # mirrored, or all masks in one
        for found in (folder / name for name in names):
            if (
                found.is_file()
                and same(found) != same(source)
                and (found.name == saved or not is_result(found))
            ):
                return found
    raise UnreadableImage(f"{source}: no mask for it in {mask}; put {saved} there")


def without_masks(jobs: Iterable[Job], asked: Iterable[Options]) -> list[Job]:
    """The jobs but for those whose source is the mask of another one."""
    jobs = list(jobs)
    places = [(job.source, job.place) for job in jobs]
    masks = {same(mask) for options in asked for mask in options.masks(places)}
    return [job for job in jobs if same(job.source) not in masks] if masks else jobs


def _within(name: str, value: float, lowest: float, highest: float) -> None:
    if not lowest <= value <= highest:
        raise ValueError(f"{name} must be between {lowest} and {highest}, got {value}")
