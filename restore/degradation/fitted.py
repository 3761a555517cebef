"""Noise as a certain camera or scanner makes it, fitted to photos that have it.

Where a photo is smooth, what differs from its smoothed self is noise. From there come three things:
how strong it is at each brightness (the noise level function of Liu et al., "Automatic Estimation
and Removal of Noise from a Single Image", TPAMI 2008), how much stronger in one photo than in
another, and its colour: the cross spectrum of the three channels, of which blotches are the low
frequencies. White noise through a filter with that spectrum is the noise again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from restore.degradation.jpeg import to_8_bit
from restore.degradation.random import normal_like

WINDOW = 32
"""Side of the windows that noise is looked at in, pixels."""
STEP = 16
SMOOTH_SHARE = 0.25
"""Share of the windows of a photo, the smoothest, that its noise is taken from."""
FLAT = 1 / 12 / 255**2
"""Variance of what rounding to 8 bits adds. Windows with no more detail than that are all as smooth
as can be: which of them were smoothest would be chance, and might leave a brightness out."""
REACH = 7
"""The filter reaches so many pixels to each side."""
NODES = 8
"""Levels are known at so many brightnesses from 0 to 1, and linear in between."""
SPREAD = 0.15
"""Standard deviation of the logarithm of the level from one crop to the next."""
_STIFFNESS = 0.3


@dataclass(frozen=True)
class FittedNoise:
    kernel: Tensor
    """(3, 3, K, K): makes noise of unit variance in each channel from white noise in three."""
    levels: Tensor
    """(3, NODES): standard deviation of each channel in [0, 1] units, by its brightness."""
    gains: Tensor
    """(N,): how much stronger the noise of each photo is than `levels`."""

    def add(self, clean: Tensor, generator: Generator) -> Tensor:
        """Pictures (B, 3, H, W) with the noise of photos drawn at random, in 8 bits."""
        which = torch.randint(
            len(self.gains), (len(clean),), generator=generator, device=clean.device
        )
        change = torch.randn(len(clean), generator=generator, device=clean.device) * SPREAD
        return self.add_at(clean, self.gains[which] * change.exp(), generator)

    def add_at(self, clean: Tensor, gains: Tensor, generator: Generator) -> Tensor:
        """The same at given gains (B,)."""
        margin = self.kernel.shape[-1] - 1
        white = normal_like(F.pad(clean, (0, margin, 0, margin)), generator)
        field = F.conv2d(white, self.kernel)
        return to_8_bit(clean + field * self.level_at(clean) * gains.view(-1, 1, 1, 1))

    def level_at(self, clean: Tensor) -> Tensor:
        """Standard deviation (B, 3, H, W) at each value of pictures, at a gain of 1."""
        place = clean.clamp(0, 1) * (NODES - 1)
        below = place.floor().long().clamp(max=NODES - 2)
        rest = place - below
        channel = torch.arange(3, device=clean.device).view(3, 1, 1)
        return torch.lerp(self.levels[channel, below], self.levels[channel, below + 1], rest)

    def sigma(self) -> Tensor:
        """(N,): the usual level of each photo in 8-bit units."""
        return 255 * self.gains * self.levels.square().mean().sqrt()


def fit_noise(noisy: Sequence[Tensor], smooth: Sequence[Tensor]) -> FittedNoise:
    """Fit the noise of photos (3, H, W) in [0, 1], of each of which a smooth version is given,
    with no noise left and perhaps not all of the detail.

    Raises:
        ValueError: photos without a single window to measure in: tiny, or black or white all over.
    """
    fields, brightness, photo = [], [], []
    for index, (picture, soft) in enumerate(zip(noisy, smooth, strict=True)):
        found = _smooth_windows(picture, soft)
        if found is not None:
            fields.append(found[0])
            brightness.append(found[1])
            photo.append(torch.full((len(found[0]),), index))
    if not fields:
        raise ValueError("no photo has a smooth part that noise could be measured in")
    field, value, source = torch.cat(fields), torch.cat(brightness), torch.cat(photo)
    variance = field.square().mean((2, 3)).clamp(min=1e-8)  # (windows, 3)
    gains, levels = _levels(variance, value, source, len(noisy))
    fitted = FittedNoise(torch.empty(0), levels, gains)
    level = fitted.level_at(value[..., None, None])[..., 0, 0] * gains[source, None]
    # The fit is one of logarithms; the mean variance has to be right as well.
    right = (variance / level.square()).mean().sqrt()
    kernel = _kernel(field / (level * right)[..., None, None])
    return FittedNoise(kernel, levels * right * _loss(kernel), gains)


def _windows(picture: Tensor) -> Tensor:
    """(windows, 3, WINDOW, WINDOW)"""
    parts = picture.unfold(1, WINDOW, STEP).unfold(2, WINDOW, STEP)
    return parts.permute(1, 2, 0, 3, 4).reshape(-1, 3, WINDOW, WINDOW)


def _without_slope(windows: Tensor) -> Tensor:
    """Windows less their best fit of second order: the light that changes across them."""
    line = torch.linspace(-1, 1, WINDOW)
    y, x = torch.meshgrid(line, line, indexing="ij")
    terms = torch.stack([torch.ones_like(x), x, y, x * y, x * x, y * y], -1).flatten(0, 1)
    basis, _ = torch.linalg.qr(terms)
    flat = windows.flatten(2)
    rest: Tensor = (flat - (flat @ basis) @ basis.T).view_as(windows)
    return rest


def _smooth_windows(picture: Tensor, soft: Tensor) -> tuple[Tensor, Tensor] | None:
    """Noise in the smoothest windows of a photo, and their mean colour (windows, 3)."""
    if min(picture.shape[-2:]) < WINDOW:
        return None
    whole, smooth = _windows(picture), _windows(soft)
    clipped = ((whole < 0.02) | (whole > 0.98)).float().mean((1, 2, 3)) > 0.02
    detail = _without_slope(smooth).square().mean((1, 2, 3))
    usable = (~clipped).nonzero()[:, 0]
    if len(usable) == 0:
        return None
    flat = int((detail[usable] <= FLAT).sum())
    count = max(round(SMOOTH_SHARE * len(usable)), min(8, len(usable)), flat)
    chosen = usable[detail[usable].argsort()[:count]]
    return _without_slope(whole[chosen] - smooth[chosen]), smooth[chosen].mean((2, 3))


def _levels(variance: Tensor, value: Tensor, source: Tensor, photos: int) -> tuple[Tensor, Tensor]:
    """Gains (photos,) and levels (3, NODES): log variance is the sum of one of each.

    Least squares, with neighbouring nodes held together and the mean gain at 1.
    """
    count = len(variance)
    place = value.clamp(0, 1)[..., None] * (NODES - 1)
    share = (1 - (place - torch.arange(NODES)).abs()).clamp(min=0)  # (windows, 3, NODES)
    rows = torch.zeros(count, 3, photos + 3 * NODES)
    rows[torch.arange(count), :, source] = 1
    for channel in range(3):
        first = photos + channel * NODES
        rows[:, channel, first : first + NODES] = share[:, channel]
    held = torch.zeros(3, NODES - 1, photos + 3 * NODES)
    for channel in range(3):
        for node in range(NODES - 1):
            first = photos + channel * NODES + node
            held[channel, node, first], held[channel, node, first + 1] = 1, -1
    still = torch.zeros(1, photos + 3 * NODES)
    still[0, :photos] = 10
    system = torch.cat([rows.flatten(0, 1), held.flatten(0, 1) * _STIFFNESS * count**0.5, still])
    wanted = torch.cat([variance.log().flatten(), torch.zeros(len(system) - 3 * count)])
    # A little ridge: a photo without a window, or a brightness that never occurs, is then usual.
    normal = system.T @ system + 1e-3 * torch.eye(system.shape[1])
    found = torch.linalg.solve(normal.double(), (system.T @ wanted).double()).float()
    return (found[:photos] / 2).exp(), (found[photos:] / 2).exp().view(3, NODES)


def _loss(kernel: Tensor) -> Tensor:
    """By how much stronger noise of this grain is than what is left of it without its slope."""
    generator = torch.Generator().manual_seed(0)
    white = torch.randn((1, 3, 512, 512), generator=generator)
    made = F.conv2d(white, kernel)[0]
    return (made.square().mean() / _without_slope(_windows(made)).square().mean()).sqrt()


def _kernel(field: Tensor) -> Tensor:
    """The filter (3, 3, K, K) whose cross spectrum is that of noise (windows, 3, W, W)."""
    line = torch.hann_window(WINDOW, periodic=True)
    taper = line[:, None] * line
    spectrum = torch.fft.fft2(field * taper) / taper.square().sum().sqrt()
    cross = torch.einsum("nchw,ndhw->hwcd", spectrum, spectrum.conj()) / len(field)
    power, axes = torch.linalg.eigh(cross)
    root = axes @ torch.diag_embed(power.clamp(min=0).sqrt()).to(axes.dtype) @ axes.mH
    kernel = torch.fft.ifft2(root, dim=(0, 1)).real.roll((WINDOW // 2, WINDOW // 2), (0, 1))
    middle = slice(WINDOW // 2 - REACH, WINDOW // 2 + REACH + 1)
    # conv2d correlates: the filter is turned so that cross terms keep their sense.
    kernel = kernel[middle, middle].permute(2, 3, 0, 1).flip(-1, -2).contiguous()
    unit: Tensor = kernel / kernel.square().sum((1, 2, 3), keepdim=True).sqrt()
    return unit
