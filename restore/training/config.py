"""What a training run can be told, read from a TOML recipe."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass, field, fields, replace
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from restore.autoencoder import AutoencoderConfig
from restore.errors import TrainingError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FOLDERS = ("logos", "fonts")
"""Settings that name folders of the machine that trains."""

LossName = Literal["psnr", "charbonnier", "l1", "mse", "bce"]


@dataclass(frozen=True)
class TrainingConfig:
    """One training run. The vocabulary is that of the autoencoder literature."""

    task: str = "denoise"
    name: str = "denoise-fast"
    network: AutoencoderConfig = field(default_factory=AutoencoderConfig)

    parts: tuple[str, ...] = ()
    """Train only these parts of the network, by name; the others stay as they are. Empty: all."""
    shares: dict[str, float] = field(default_factory=dict)
    """How often each kind of damage comes up; the kinds are the task's, its own shares if empty."""
    loss: LossName = "charbonnier"
    """`psnr` is the mean of log10(MSE) per picture (as in HINet and NAFNet): every noise level
    counts the same."""
    dropout: float = 0.0
    """Share of the feature maps of the deepest levels that is left out in each step, so that few
    photos are not learned by heart, see `restore.autoencoder.Autoencoder.drop_out`."""
    code_noise: float = 0.0
    """Noise injection: standard deviation of Gaussian noise on the code, relative to its own."""
    sparsity: float = 0.0
    """Weight of the mean absolute value of the code (sparse autoencoder)."""
    contractive: float = 0.0
    """Weight of the squared norm of the encoder's Jacobian (Rifai et al., ICML 2011), estimated
    with one random direction per step."""

    reconstruction: float = 3.0
    """Weight of the error in RGB beside the cross entropy, in colorizing."""
    colourfulness: float = 0.0
    """Weight of how colourful the mean of the likely colours is relative to the truth, in
    colorizing: how much error it is worth that pictures are not pale."""

    logos: str = ""
    """Folder of logos with transparency, to make watermarks of."""
    fonts: str = ""
    """Folder of fonts, to make watermarks of; empty: the one that Pillow brings along."""
    texts: int = 1400
    """Number of watermarks that are written in these fonts."""
    own_colours: float = 0.3
    """Share of the watermarks that keep the colours of their logo; most others are white, gray or
    black."""
    compressed: float = 0.85
    """Share of the watermarked pictures that went through JPEG afterwards, as most files did."""

    minutes: float = 60.0
    """Time to train for; the learning rate falls along a cosine over it."""
    steps: int = 0
    """Train for this many steps instead of a time, if positive."""
    batch: int = 8
    patch: int = 64
    """Side of the training crops in pixels: many small steps learn fastest at first."""
    late_share: float = 0.4
    """Length of the last part of a run, which has settings of its own."""
    late_patch: int = 96
    """Side of the crops then, to learn to use the surroundings."""
    late_loss: LossName = "psnr"
    """The loss then: what is measured in the end, but too lively for high learning rates."""
    soften: float = 1.0
    """How much too soft the photos are at first: as if enlarged by this factor. For tasks that have
    to tell sharp marks from sharp photos; on soft ones that is easy, and learned at once."""
    soften_share: float = 0.4
    """The photos get sharper over this share of the run, by the same factor in the same time."""
    optimizer: Literal["adamw", "muon"] = "adamw"
    """Muon learns more per step, see `restore.training.muon`; it pays for large crops."""
    learning_rate: float = 2e-3
    final_rate: float = 2e-6
    warmup: int = 400
    """Steps over which the learning rate rises to its full value."""
    second_moment: float = 0.99
    """Memory of squared gradients: a short one recovers from a bad batch in steps, not
    hundreds; a long one (0.999) is steadier at the low rates of a late run."""
    weight_decay: float = 1e-4
    clip: float = 0.2
    """Highest norm of the gradient of each part of the network; suits `charbonnier` and `l1`."""
    ema: float = 0.999
    """Decay of the running average of the weights; the average is what ships."""
    short_side: int = 0
    """Photos whose short side is larger are reduced to it first; 0 takes them as they are."""
    enlarged: float = 0.0
    """Share of the crops that is of photos smaller than they, enlarged for it, by two at most; 0
    leaves such photos out. For tasks that want many different photos more than sharp ones."""
    held_out: float = 0.03
    """Share of the photos that is never trained on, to validate with."""
    checkpoint_minutes: float = 5.0
    checkpoint_steps: int = 0
    """Validate and save after so many steps instead of a time, if positive."""
    fall: float = 0.0
    """A validation so far below the best one means that the run has gone astray: it goes back to
    its last good state, at half the rate. 0: no validation does."""
    compile: bool = False
    """torch.compile the network (worth it on a GPU, over minutes of training)."""
    seed: int = 0

    def at(self, done: float) -> TrainingConfig:
        """The settings that hold once a share of the run, 0..1, is done."""
        left = 1 - done / self.soften_share if done < self.soften_share else 0.0
        now = replace(self, soften=self.soften**left)
        if done < 1 - self.late_share:
            return now
        return replace(now, patch=self.late_patch, loss=self.late_loss)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def told(settings: dict[str, Any]) -> dict[str, Any]:
    """What a card tells of the settings of a run: those that are not the usual ones.

    Folders by their names alone: cards travel, and where a folder lies on somebody's machine is
    nobody else's business.
    """
    usual = TrainingConfig().to_dict()
    for elsewhere in ("task", "name", "network", "minutes", "steps"):
        del usual[elsewhere]  # the card itself has them, or how long the run was in the end
    return {
        key: Path(value).name if key in FOLDERS else value
        for key, value in settings.items()
        if key in usual and json.dumps(value) != json.dumps(usual[key])  # tuples become lists
    }


def load_recipe(source: str | Path, **changes: Any) -> TrainingConfig:
    """A recipe by the name of one that ships, or by the path of a TOML file.

    Args:
        changes: fields to set differently; None leaves the recipe's value.

    Raises:
        TrainingError: no such recipe, or it sets something that does not exist, or to a value of
            another kind.
    """
    recipes = files("restore.training") / "recipes"
    shipped = recipes / f"{source}.toml"
    path = Path(source)
    if shipped.is_file():
        text = shipped.read_text(encoding="utf-8")
    elif path.is_file():
        text = path.read_text(encoding="utf-8")
    else:
        names = sorted(
            entry.name.removesuffix(".toml")
            for entry in recipes.iterdir()
            if entry.name.endswith(".toml")
        )
        raise TrainingError(
            f"no recipe {source!r}: there is {', '.join(names)}, or give the path of a TOML file"
        )
    try:
        values = tomllib.loads(text)
        values |= {key: value for key, value in changes.items() if value is not None}
        unknown = set(values) - {entry.name for entry in fields(TrainingConfig)}
        if unknown:
            raise TrainingError(f"recipe {source}: unknown setting {', '.join(sorted(unknown))}")
        _check(values)
        values["parts"] = tuple(values.get("parts", ()))
        values["network"] = AutoencoderConfig.from_dict(
            AutoencoderConfig().to_dict() | values.get("network", {})
        )
    except (tomllib.TOMLDecodeError, TypeError, ValueError) as error:
        raise TrainingError(f"recipe {source} can't be used: {error}") from error
    return TrainingConfig(**values)


_KINDS: dict[Any, tuple[Any, str]] = {
    bool: (bool, "true or false"),
    int: (int, "a whole number"),
    float: ((int, float), "a number"),
    str: (str, "text"),
    dict: (dict, "a table"),
    tuple: (list, "a list"),
}


def _check(values: dict[str, Any]) -> None:
    """Make whole numbers of numbers that may have a fraction `float`, and let nothing else pass.

    Raises:
        ValueError: a value is of another kind than its setting.
    """
    hints = get_type_hints(TrainingConfig)
    for key, value in values.items():
        kind = get_origin(hints[key]) or hints[key]
        if kind is Literal:
            if value not in get_args(hints[key]):
                choice = ", ".join(get_args(hints[key]))
                raise ValueError(f"{key} = {value!r}, which should be one of {choice}")
            continue
        types, name = _KINDS.get(kind, (dict, "a table"))
        if not isinstance(value, types) or (isinstance(value, bool) and kind is not bool):
            raise ValueError(f"{key} = {value!r}, which should be {name}")
        if kind is float:
            values[key] = float(value)
        elif kind is tuple and not all(isinstance(part, str) for part in value):
            raise ValueError(f"{key} = {value!r}, which should be a list of names")
    for kind, share in values.get("shares", {}).items():
        if isinstance(share, bool) or not isinstance(share, (int, float)):
            raise ValueError(f"shares: {kind} = {share!r}, which should be a number")
