"""Watermarks as pictures have them: one mark of any size, or many in rows across everything.

A marked picture is J = (1 - A) I + A W: I the picture, W the mark's colour, A its alpha matte,
which is the mark's own shape times its opacity. Where A < 1 something of I shines through, and
I = (J - A W) / (1 - A) gives it back.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from restore.box_filter import box_mean
from restore.degradation.jpeg import jpeg, to_8_bit
from restore.degradation.marks import SIDE, MarkBank
from restore.degradation.random import chance, uniform

SHARES = {
    "single": 0.60,
    "tiled": 0.19,
    "print": 0.07,
    "none": 0.04,
    "patch": 0.06,
    "date": 0.04,
}
"""How often each kind comes up: a mark, a pattern of marks, print that belongs to the scene and
must stay, nothing at all, opaque marks and patches that only a user's mask tells from the scene,
and the date as cameras print it, small and upright in a corner."""
_KINDS = tuple(SHARES)
VISIBLE = 15 / 255
"""A pixel counts as marked where its channels change by more than this together (as in CLWD)."""


class Marked(NamedTuple):
    """Pictures (B, 3, H, W) before and after, and what was laid over them."""

    clean: Tensor
    marked: Tensor
    coverage: Tensor
    """(B, 1, H, W): the mark's shape with its soft edges, in [0, 1], whatever its opacity."""
    matte: Tensor
    """(B, 1, H, W): A, which is coverage times opacity, in [0, 1]."""
    light: Tensor
    """(B, 3, H, W): A W, what the mark adds."""
    visible: Tensor
    """(B, 1, H, W) bool: where the mark changed the picture noticeably."""
    faint: Tensor
    """(B, 1, H, W) bool: where it would hardly do so even in full coverage, for its colour is near
    the picture's."""
    hidden: Tensor
    """(B, 1, 1, 1) bool: of kind "patch", which can't be known without a user's mask."""


def watermark(
    clean: Tensor,
    bank: MarkBank,
    generator: Generator,
    shares: Mapping[str, float] = SHARES,
    own_colours: float = 0.3,
    compressed: float = 0.85,
) -> Marked:
    """A random kind of mark, or none, over every picture (B, 3, H, W) in [0, 1].

    Args:
        own_colours: share of the marks that keep the colours they have in the bank.
        compressed: share of the pictures that went through JPEG once they were marked.
    """
    batch, _, height, width = clean.shape
    if not bank.dates.any():
        shares = {**shares, "date": 0.0}
    weights = torch.tensor([shares.get(kind, 0.0) for kind in _KINDS], device=clean.device)
    kinds = torch.multinomial(weights, batch, replacement=True, generator=generator)
    layers = torch.stack(
        [_layer(_KINDS[k], bank, height, width, generator, own_colours) for k in kinds.tolist()]
    )
    kind = kinds.view(-1, 1, 1, 1)
    shape, colour = layers[:, 3:], layers[:, :3]
    printed = kind == _KINDS.index("print")
    clean = torch.where(printed, _inked(clean, shape, colour, generator), clean)
    opacity = torch.where(
        chance(batch, 0.7, generator),
        uniform(batch, 0.3, 0.7, generator),
        uniform(batch, 0.15, 0.9, generator),
    )
    dense = (kind == _KINDS.index("date")) & chance(batch, 0.6, generator)
    # Half of these are opaque, as digital cameras print them.
    opacity = torch.where(dense, uniform(batch, 0.6, 1.4, generator).clamp(max=1), opacity)
    patch = kind == _KINDS.index("patch")
    opacity = torch.where(patch, torch.ones_like(opacity), opacity)
    opacity = torch.where(printed | (kind == _KINDS.index("none")), 0 * opacity, opacity)
    coverage = shape * (opacity > 0)
    matte, light = shape * opacity, colour * opacity
    marked = clean * (1 - matte) + light
    change = (marked - clean).abs().sum(1, keepdim=True)
    visible = change > VISIBLE
    faint = (change <= VISIBLE * coverage) & (coverage > 0)
    marked = to_8_bit(marked)
    # Most are from JPEG files. Photos to learn from are, too: a mark that is not compressed stands
    # out of one that was, in a way that no user's does.
    packed = chance(batch, compressed, generator).view(-1).nonzero()[:, 0]
    if len(packed):
        quality = 60 + 38 * uniform(len(packed), 0, 1, generator) ** 0.6
        marked[packed] = jpeg(marked[packed], quality, chance(len(packed), 0.7, generator))
    return Marked(clean, marked, coverage, matte, light, visible, faint, patch)


def _inked(clean: Tensor, shape: Tensor, colour: Tensor, generator: Generator) -> Tensor:
    """Pictures (B, 3, H, W) with print in them, which belongs to the scene: it takes part in the
    light there and in its folds, but what it is on does not shine through.

    Args:
        shape: (B, 1, H, W) in [0, 1].
        colour: (B, 3, H, W), premultiplied by it.
    """
    gray = clean.mean(1, keepdim=True)
    folds, light = box_mean(gray, 9), box_mean(gray, 31)
    shade = torch.where(chance(len(clean), 0.5, generator), folds, light)
    return clean * (1 - shape) + colour * (0.35 + 0.9 * shade).clamp(max=1)


def _layer(
    kind: str, bank: MarkBank, height: int, width: int, generator: Generator, own_colours: float
) -> Tensor:
    """(4, H, W): one mark, or rows of it, as premultiplied RGBA of full opacity."""
    if kind == "none":
        return torch.zeros((4, height, width), device=generator.device)
    index = _integer(len(bank), generator)
    if kind == "date":
        dates = bank.dates.nonzero()[:, 0]
        index = int(dates[_integer(len(dates), generator)])
        own_colours = max(own_colours, 0.8)
    tall, wide = (float(value) for value in bank.sizes[index])
    turn = _turn(kind, generator)
    mark_height, mark_width = _extent(kind, tall / wide, height, width, generator)
    place, extents = _place, (mark_height, mark_width)
    if kind == "date":
        place, extents = _cornered, extents if turn == 0 else extents[::-1]
    y, x = (
        place(extent, length, generator)
        for extent, length in zip(extents, (height, width), strict=True)
    )
    rows = torch.arange(height, device=generator.device) - y
    columns = torch.arange(width, device=generator.device) - x
    dy, dx = torch.meshgrid(rows, columns, indexing="ij")
    v = (dy * math.cos(turn) - dx * math.sin(turn)) / (mark_height / 2)
    u = (dy * math.sin(turn) + dx * math.cos(turn)) / (mark_width / 2)
    if kind == "print":
        u, v = _bent(u, v, generator)
    if kind == "tiled":
        gap_y, gap_x = _number(2.3, 6, generator), _number(2.2, 4, generator)
        brick = _number(0, 1, generator) * torch.floor((v + gap_y / 2) / gap_y)
        v = torch.remainder(v + gap_y / 2, gap_y) - gap_y / 2
        u = torch.remainder(u + gap_x / 2 + brick * gap_x, gap_x) - gap_x / 2
    # The mark fills only the middle of its canvas.
    outside = (u.abs() > 1) | (v.abs() > 1)
    grid = torch.stack([u * (wide / SIDE), v * (tall / SIDE)], -1)
    reduction = max(tall / mark_height, wide / mark_width)
    level = 0 if reduction < 1.5 else 1 if reduction < 3 else 2
    if _number(0, 1, generator) < (0.3 if kind == "print" else 0.15):  # soft edges
        level = min(level + 1, 2)
    source = bank.levels[level][index][None].to(generator.device).float()
    drawn = bool(bank.drawn[index])
    if drawn and _number(0, 1, generator) < 0.5:
        source = source.flip(-1)
    if drawn and _number(0, 1, generator) < 0.25:
        source = _outlined(source, generator)
    layer = F.grid_sample(source, grid[None], mode="bilinear", align_corners=False)[0]
    layer = torch.where(outside, torch.zeros_like(layer), layer)
    if kind == "patch" and _number(0, 1, generator) < 0.5:  # a blob
        blob = (F.max_pool2d(layer[3:], 9, 1, 4) > 0.1).float()
        layer = torch.cat([blob.expand(3, -1, -1) * 0.5, blob])
    if _number(0, 1, generator) >= own_colours:
        layer = _recoloured(layer, generator)
    if drawn and kind in ("single", "patch") and _number(0, 1, generator) < 0.12:
        layer = _cut_out(layer, u, v, generator)
    if kind == "print" and _number(0, 1, generator) < 0.4:
        layer = _on_plate(layer, torch.maximum(u.abs(), v.abs()), generator)
    return layer


def _bent(u: Tensor, v: Tensor, generator: Generator) -> tuple[Tensor, Tensor]:
    """The coordinates (H, W) in a mark, from -1 to 1, as they are on a wall that is seen from its
    side, and on cloth."""
    tilt = 1 + _number(-0.3, 0.3, generator) * u + _number(-0.3, 0.3, generator) * v
    tilt = tilt.clamp(min=0.1)
    u, v = u / tilt, v / tilt
    if _number(0, 1, generator) < 0.5:
        folds, phase = _number(1, 5, generator), _number(0, 2 * math.pi, generator)
        u, v = (
            u + _number(0, 0.06, generator) * torch.sin(folds * v + phase),
            v + _number(0, 0.15, generator) * torch.sin(folds * u + phase),
        )
    return u, v


def _on_plate(layer: Tensor, away: Tensor, generator: Generator) -> Tensor:
    """A layer (4, H, W) on a plate, as signs are.

    Args:
        away: (H, W), how far it is from the middle; 1 at the edge of the mark.
    """
    plate = (away < _number(1.05, 1.4, generator)).to(layer)[None]
    colour = torch.rand((3, 1, 1), generator=generator, device=generator.device)
    below = torch.cat([colour * plate, plate])
    return layer + below * (1 - layer[3:])


def _outlined(mark: Tensor, generator: Generator) -> Tensor:
    """A mark (1, 4, H, W), or no more than the line around it, as icons are drawn."""
    side = mark.shape[-1]
    reach = max(round(side * _number(0.006, 0.03, generator)), 1)
    inside = -F.max_pool2d(-mark[:, 3:], 2 * reach + 1, 1, reach)
    # Lines thinner than that would be all line.
    return mark * (1 - inside)


def _cut_out(layer: Tensor, u: Tensor, v: Tensor, generator: Generator) -> Tensor:
    """A plate in the colour of a layer (4, H, W), round or square, that the layer is cut out of.

    Args:
        u, v: (H, W), the place in the mark, from -1 to 1.
    """
    alpha = layer[3:]
    colour = layer[:3].sum((1, 2), keepdim=True) / alpha.sum().clamp(min=1e-3)
    power = _number(1.5, 8, generator)  # a superellipse: from nearly a diamond to nearly a square
    away = (u.abs() ** power + v.abs() ** power) ** (1 / power)
    reach, edge = _number(1.05, 1.5, generator), 0.03
    plate = ((reach - away) / edge).clamp(0, 1) * (1 - alpha)
    return torch.cat([colour * plate, plate])


def _place(extent: float, length: int, generator: Generator) -> float:
    """Where the middle of a mark lies along one axis: most of it is in the picture."""
    margin = min(0.4 * extent, 0.5 * length)
    return _number(margin, length - margin, generator)


def _cornered(extent: float, length: int, generator: Generator) -> float:
    """The same for what is printed near an edge, mostly the right or the lower one."""
    free = length - extent  # less than nothing, if it is cut
    gap = free * _number(0, 1, generator) ** (1 if _number(0, 1, generator) < 0.3 else 4)
    if _number(0, 1, generator) < 0.8:
        gap = free - gap
    return extent / 2 + gap


def _turn(kind: str, generator: Generator) -> float:
    """Rotation in radians: often none, or the slant of a diagonal; a date's is that of the film."""
    chosen = _number(0, 1, generator)
    if kind == "date":
        return 0.0 if chosen < 0.9 else math.copysign(math.pi / 2, chosen - 0.95)
    if chosen < 0.35:
        return 0.0
    if chosen < 0.55 or kind == "tiled":
        return math.radians(_number(-50, 50, generator))
    return math.radians(_number(0, 360, generator))


def _extent(
    kind: str, aspect: float, height: int, width: int, generator: Generator
) -> tuple[float, float]:
    """Height and width of the mark in pixels: 5 to 100 % of the picture, of a date from 3.5 to 130,
    for a crop may show a part of one."""
    side = float(min(height, width))
    if kind == "date":
        # On a crop of a large picture it is larger than on a picture, and cut.
        tall = max(side * 0.035 * 6 ** _number(0, 1, generator), 6.0)
        wide = min(tall / aspect, 1.3 * side)
        return wide * aspect, wide
    if kind == "tiled":
        wide = side * _number(0.12, 0.6, generator)
        return max(wide * aspect, 6.0), max(wide, 6.0)
    if _number(0, 1, generator) < 0.4:  # the protocol of CLWD: aspect not kept
        return side * _number(0.06, 1, generator), side * _number(0.06, 1, generator)
    longest = side * (0.05 + 1.1 * _number(0, 1, generator) ** 1.3)
    longest = max(longest, 10.0)
    return max(longest * min(aspect, 1), 5.0), max(longest * min(1 / aspect, 1), 5.0)


def _recoloured(layer: Tensor, generator: Generator) -> Tensor:
    """White, black, gray or any colour instead of its own."""
    chosen = _number(0, 1, generator)
    if chosen < 0.33:
        colour = torch.full((3, 1, 1), 1.0)
    elif chosen < 0.51:
        colour = torch.zeros((3, 1, 1))
    elif chosen < 0.69:
        colour = torch.full((3, 1, 1), _number(0.1, 0.95, generator))
    else:
        colour = torch.rand((3, 1, 1), generator=generator, device=generator.device)
    matte = layer[3:]
    if chosen > 0.86:  # two colours, as outlined text has them
        tint = layer[:3].mean(0, keepdim=True) / matte.clamp(min=1e-3)
        other = torch.rand((3, 1, 1), generator=generator, device=generator.device)
        return torch.cat([torch.lerp(colour.to(layer), other, tint.clamp(0, 1)) * matte, matte])
    return torch.cat([colour.to(layer) * matte, matte])


def _number(low: float, high: float, generator: Generator) -> float:
    return low + (high - low) * float(torch.rand((), generator=generator, device=generator.device))


def _integer(count: int, generator: Generator) -> int:
    return int(torch.randint(count, (), generator=generator, device=generator.device))
