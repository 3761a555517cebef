"""Noise as pictures have it: white, signal dependent, from a camera, smooth, clipped, in a JPEG.

All levels are standard deviations in 8-bit units (sigma 25 is 25/255), and always those of the
noise itself: before clipping, rounding and JPEG take a part of it away.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from restore.degradation.jpeg import jpeg, to_8_bit
from restore.degradation.random import chance, normal_like, normal_map, uniform

MAX_SIGMA = 75.0
"""The highest level that the denoisers are trained for."""

SHARES = {
    "clean": 0.02,
    "white": 0.90,
    "channels": 0.01,
    "shot": 0.01,
    "smooth": 0.02,
    "camera": 0.04,
}
"""How often each kind of noise comes up in training, unless a recipe says otherwise."""
_HIGHEST = {"smooth": 35.0, "camera": 30.0}
_GRAY_SHARE = 0.02
_SOFT_SHARE = 0.7
_FILE_SHARE = 0.3
"""Of white noise: clipped and rounded as in a file of 8 bits."""
_OCTAVES = (0.7, 1.4, 2.8, 5.6)
"""Blurs, in pixels, that part the noise of cameras in octaves."""
_LUMA_TILT, _CHROMA_TILT = (-0.4, 0.6), (0.0, 0.9)
"""Of the noise of cameras, see `_as_reduced`: white is 0; as much in each octave 0.7."""


def add_white_noise(x: Tensor, sigma: float, generator: Generator) -> Tensor:
    """x with white Gaussian noise, neither clipped nor rounded: the protocol of the papers."""
    return x + normal_like(x, generator) * (sigma / 255)


def add_camera_noise(x: Tensor, sigma: float, generator: Generator, quality: int = 92) -> Tensor:
    """x as an ordinary camera would have stored it: sensor noise, demosaicing, 8 bits, JPEG."""
    level = torch.full((len(x), 1, 1, 1), sigma / 255, device=x.device)
    noisy = x + _to_level(_camera(x, generator), level)
    ones = torch.ones_like(level)
    return jpeg(noisy, ones * quality, ones.bool())


def degrade(
    x: Tensor, generator: Generator, shares: Mapping[str, float] = SHARES
) -> tuple[Tensor, Tensor, Tensor]:
    """A random degradation for every picture of a batch.

    Most of the white noise is left unclipped in float, as the benchmarks of the literature
    have it; everything else is what a file can hold. Some pictures become gray ones, whose three
    channels share one noise: for the network they are another world than coloured noise.

    Returns:
        The clean pictures (B, 3, H, W), the noisy ones, and sigma (B, 1, 1, 1) in 8-bit units.
    """
    batch = len(x)
    gray = chance(batch, _GRAY_SHARE, generator)
    x = torch.where(gray, x.mean(1, keepdim=True), x)
    weights = torch.tensor([shares.get(name, 0.0) for name in _FIELDS], device=x.device)
    kind = torch.multinomial(weights, batch, replacement=True, generator=generator)
    from_camera = kind == list(_FIELDS).index("camera")
    soft = from_camera.view(-1, 1, 1, 1) & chance(batch, _SOFT_SHARE, generator)
    x = torch.where(soft, _enlarged(x, generator), x)
    field, sigma = torch.zeros_like(x), torch.zeros((batch, 1, 1, 1), device=x.device)
    for number, (name, make) in enumerate(_FIELDS.items()):
        chosen = (kind == number).nonzero()[:, 0]
        if make is None or len(chosen) == 0:
            continue
        highest = _HIGHEST.get(name, MAX_SIGMA)
        share = uniform(len(chosen), 0, 1, generator)
        # Cameras make little noise more often than much.
        level = highest * (share**2 if name == "camera" else share)
        noise = make(x[chosen], generator)
        noise = torch.where(gray[chosen], noise.mean(1, keepdim=True), noise)
        field[chosen] = _to_level(noise, level / 255)
        sigma[chosen] = level
    noisy = x + field

    kind = kind.view(-1, 1, 1, 1)
    white, camera = (kind == list(_FIELDS).index(name) for name in ("white", "camera"))
    as_file = ~white | chance(batch, _FILE_SHARE, generator)
    share = torch.where(camera, 0.6, torch.where(white, 0.08, 0.35))
    packed = as_file & (uniform(batch, 0, 1, generator) < share)
    noisy = torch.where(as_file, to_8_bit(noisy), noisy)
    if packed.any():
        chosen = packed.view(-1).nonzero()[:, 0]
        quality = 30 + 65 * uniform(len(chosen), 0, 1, generator) ** 0.6
        noisy[chosen] = jpeg(noisy[chosen], quality, chance(len(chosen), 0.5, generator))
    return x, noisy, sigma


def _enlarged(x: Tensor, generator: Generator) -> Tensor:
    """The middle of every picture, enlarged up to three times.

    Photos to train on have been reduced and are sharp to the pixel. Straight from a camera they are
    softer, and only there does smooth noise differ from detail.
    """
    scale = 1 / uniform(len(x), 1, 3, generator).view(-1)
    zero = torch.zeros_like(scale)
    rows = [torch.stack([scale, zero, zero], 1), torch.stack([zero, scale, zero], 1)]
    grid = F.affine_grid(torch.stack(rows, 1), list(x.shape), align_corners=False)
    return F.grid_sample(x, grid, mode="bicubic", align_corners=False).clamp(0, 1)


def _to_level(field: Tensor, level: Tensor) -> Tensor:
    """The noise field (B, 3, H, W) scaled so that its root mean square is level (B, 1, 1, 1)."""
    return field * (level / field.square().mean((1, 2, 3), keepdim=True).sqrt().clamp(min=1e-6))


def _white(x: Tensor, generator: Generator) -> Tensor:
    return normal_like(x, generator)


def _channels(x: Tensor, generator: Generator) -> Tensor:
    """White noise of another level in each channel."""
    spread = torch.rand((len(x), 3, 1, 1), generator=generator, device=x.device)
    return normal_like(x, generator) * (0.3 + spread)


def _shot(x: Tensor, generator: Generator) -> Tensor:
    """Poisson-Gaussian noise: variance a * signal + b (Foi et al., TIP 2008)."""
    read = uniform(len(x), 0.01, 0.6, generator)
    return normal_like(x, generator) * (x.clamp(0, 1) * (1 - read) + read).sqrt()


def _smooth(x: Tensor, generator: Generator) -> Tensor:
    """White noise that was blurred, more in chroma than in luma, or enlarged: scans, old files."""
    height, width = x.shape[-2:]
    noise = normal_like(x, generator)
    gray = noise.mean(1, keepdim=True) * 3**0.5
    noise = torch.lerp(noise, gray.expand_as(noise), uniform(len(x), 0, 0.9, generator))
    blurred = _blur(noise, uniform(len(x), 0.25, 1.5, generator))
    small = noise[..., : max(height * 2 // 3, 1), : max(width * 2 // 3, 1)]
    enlarged = F.interpolate(small, (height, width), mode="bilinear", align_corners=False)
    return torch.where(chance(len(x), 0.3, generator), enlarged, blurred)


def _camera(x: Tensor, generator: Generator) -> Tensor:
    """Noise of a sensor behind a Bayer filter, as it leaves the camera.

    Shot and read noise on the mosaic in linear light, white-balance gains, demosaicing (bilinear,
    or gradient corrected as by Malvar et al., ICASSP 2004), colour matrix, tone curve, the camera's
    own noise reduction or sharpening. After Brooks et al., "Unprocessing Images for Learned Raw
    Denoising" (CVPR 2019); but as all of it is linear in the noise once the tone curve
    is replaced by its slope, the field is made alone, and the picture keeps its detail.
    """
    batch, _, height, width = x.shape
    linear = x.clamp(0, 1) ** 2.2
    read = 0.5 * uniform(batch, 0, 1, generator) ** 3
    gains = torch.cat(
        [
            uniform(batch, 1.2, 2.4, generator),
            torch.ones_like(read),
            uniform(batch, 1.2, 2.4, generator),
        ],
        1,
    )
    # Electrons per channel fall as the gain that balances them rises, noise rises with it.
    mosaic_masks = _bayer(height, width, x.device)
    sensor = normal_map(batch, height, width, generator)
    noise = sensor * (((linear / gains) * (1 - read) + read * 0.2).sqrt() * gains)
    noise = _demosaic(noise * mosaic_masks, mosaic_masks, chance(batch, 0.6, generator))

    mix = uniform(batch, 0, 0.5, generator)  # a saturating colour matrix: rows sum to one
    noise = noise * (1 + mix) - noise.mean(1, keepdim=True) * mix
    slope = (linear + 0.02) ** (1 / 2.2 - 1)
    contrast = uniform(batch, -0.4, 0.8, generator).clamp(min=0)  # of an S-shaped curve on top
    slope = slope * (4 * x.clamp(0, 1) * (1 - x.clamp(0, 1)) + 0.05) ** contrast
    noise = noise * slope

    luma = noise.mean(1, keepdim=True)
    tilts = (uniform(batch, *limits, generator) for limits in (_LUMA_TILT, _CHROMA_TILT))
    parts = zip((luma, noise - luma), tilts, strict=True)
    reduced = [_as_reduced(part, tilt, generator) for part, tilt in parts]
    return (reduced[0] + reduced[1]) * _left_by_texture(x, generator)


def _as_reduced(noise: Tensor, tilt: Tensor, generator: Generator) -> Tensor:
    """What a camera's own noise reduction leaves, octave by octave, of noise (B, C, H, W).

    It takes the fine noise and leaves the coarse, of chroma above all: blotches of many pixels,
    with about as much in each octave, remain. Sharpening does the opposite.

    Args:
        tilt: (B, 1, 1, 1), natural logarithm of the gain from one octave to the next coarser one;
            what is coarser than all of them stays about as it is.
    """
    gain, left = torch.exp(-tilt * len(_OCTAVES)), noise
    reduced = torch.zeros_like(noise)
    for sigma in _OCTAVES:
        coarse = _blur(left, torch.full_like(tilt, sigma))
        reduced = reduced + gain * (left - coarse)
        jitter = 0.25 * torch.randn(tilt.shape, generator=generator, device=tilt.device)
        gain, left = gain * torch.exp(tilt + jitter), coarse
    return reduced + gain * left


def _left_by_texture(x: Tensor, generator: Generator) -> Tensor:
    """(B, 1, H, W): the share of noise that is left at each place of the pictures (B, 3, H, W).

    Noise reduction that keeps edges smooths what is flat, and leaves the noise where there is
    texture (Tomasi and Manduchi, ICCV 1998).
    """
    batch = len(x)
    luma = F.pad(x.mean(1, keepdim=True), (0, 1, 0, 1), mode="replicate")
    slope = (luma[..., :-1, 1:] - luma[..., :-1, :-1]).square()
    slope = slope + (luma[..., 1:, :-1] - luma[..., :-1, :-1]).square()
    slope = _blur(slope, torch.full((batch, 1, 1, 1), 2.0, device=x.device))
    usual = 0.005 * 12 ** uniform(batch, 0, 1, generator)
    amount = uniform(batch, -0.6, 0.8, generator).clamp(min=0)
    return 1 - amount / (1 + slope / usual.square())


def _bayer(height: int, width: int, device: torch.device) -> Tensor:
    """(3, H, W) masks of an RGGB mosaic."""
    y, x = torch.arange(height, device=device)[:, None], torch.arange(width, device=device)[None]
    red, blue = (y % 2 == 0) & (x % 2 == 0), (y % 2 == 1) & (x % 2 == 1)
    return torch.stack([red, ~(red | blue), blue]).float()


def _demosaic(mosaic: Tensor, masks: Tensor, sharp: Tensor) -> Tensor:
    """Full channels from a masked mosaic (B, 3, H, W): bilinear or, where sharp, corrected."""
    cross = torch.tensor([[0, 1, 0], [1, 4, 1], [0, 1, 0]], device=mosaic.device) / 4
    square = torch.tensor([[1, 2, 1], [2, 4, 2], [1, 2, 1]], device=mosaic.device) / 4
    kernels = torch.stack([square, cross, square])[:, None].float()
    bilinear = F.conv2d(F.pad(mosaic, (1, 1, 1, 1), mode="replicate"), kernels, groups=3)
    # Malvar's correction adds the Laplacian of the channel that was measured at the pixel.
    measured = mosaic.sum(1, keepdim=True)
    laplacian = torch.zeros((1, 1, 5, 5), device=mosaic.device)
    laplacian[0, 0, 2, 2] = 1
    for dy, dx in ((0, 2), (2, 0), (4, 2), (2, 4)):
        laplacian[0, 0, dy, dx] = -0.25
    correction = F.conv2d(F.pad(measured, (2, 2, 2, 2), mode="replicate"), laplacian)
    corrected = bilinear + 0.5 * correction * (1 - masks)
    return torch.where(sharp, corrected, bilinear)


def _blur(x: Tensor, sigma: Tensor) -> Tensor:
    """Gaussian blur of (B, C, H, W) with a sigma (B, 1, 1, 1) in pixels for each picture."""
    batch, channels, height, width = x.shape
    reach = math.ceil(2.5 * float(sigma.max()))
    offsets = torch.arange(-reach, reach + 1.0, device=x.device)
    kernel = torch.exp(-offsets.square() / (2 * sigma.view(batch, 1).square()))
    kernel = (kernel / kernel.sum(1, keepdim=True)).repeat_interleave(channels, 0)
    flat = F.pad(x.reshape(1, batch * channels, height, width), (reach,) * 4, mode="replicate")
    flat = F.conv2d(flat, kernel.view(-1, 1, 2 * reach + 1, 1), groups=batch * channels)
    flat = F.conv2d(flat, kernel.view(-1, 1, 1, 2 * reach + 1), groups=batch * channels)
    return flat.view(batch, channels, height, width)


_FIELDS: dict[str, Callable[[Tensor, Generator], Tensor] | None] = {
    "clean": None,
    "white": _white,
    "channels": _channels,
    "shot": _shot,
    "smooth": _smooth,
    "camera": _camera,
}
"""What makes the noise field (B, 3, H, W) of each kind, at a level of its own choice."""
