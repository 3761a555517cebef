"""What a user may ask of each task; checked here, before anything heavy is loaded.

The same classes stand behind the arguments of the API, the options of the command line and the
steps of a recipe, so that each option has one name, one default and one check.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """What every task takes."""

    strength: float = 1.0
    """Share of the restored picture in the result, from 0 (the input, exactly) to 1."""

    def __post_init__(self) -> None:
        _within("strength", self.strength, 0, 1)


@dataclass(frozen=True)
class DenoiseOptions(Options):
    sigma: float | None = None
    """Noise level in 8-bit units, 0..255, also for deeper pictures; None estimates it."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.sigma is not None:
            _within("sigma", self.sigma, 0, 255)


def _within(name: str, value: float, lowest: float, highest: float) -> None:
    if not lowest <= value <= highest:
        raise ValueError(f"{name} must be between {lowest} and {highest}, got {value}")
