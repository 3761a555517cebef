"""The convolutional autoencoder behind every task: encoder, code, decoder, with skip connections.

A residual U-Net autoencoder in the line of Ronneberger et al., "U-Net" (MICCAI 2015), and Zhang et
al., "Plug-and-Play Image Restoration with Deep Denoiser Prior" (DRUNet, TPAMI 2021), from which it
takes residual blocks without normalisation, added (not concatenated) skips and layers without bias:
Mohan et al. (ICLR 2020) show that a bias-free network generalises over noise levels. Like FFDNet
(Zhang et al., TIP 2018) it works on 2x2 pixel-unshuffled input, which quarters the cost, and takes
its condition (a noise map, say) as extra channels.

There is no global operation in it, so that tiles see what the whole picture would see.
"""

from __future__ import annotations

import itertools
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F


@dataclass(frozen=True)
class AutoencoderConfig:
    """Everything that shapes an `Autoencoder`; stored in the header of its weights file."""

    in_channels: int = 3
    """Channels of the picture."""
    condition_channels: int = 1
    """Channels of what the network is told beside the picture, for instance one noise map."""
    out_channels: int = 3
    widths: tuple[int, ...] = (32, 64, 128)
    """Channels of each encoder level, from fine to coarse; every level halves height and width."""
    code_channels: int = 256
    """Channels of the code, the coarsest level, which has no skip connection."""
    blocks: int = 2
    """Residual blocks per level, in the encoder and again in the decoder."""
    patch: int = 2
    """Side of the pixel-unshuffled patches that the finest level works on."""
    residual: bool = True
    """Predict the difference to the picture instead of the picture (needs out == in channels)."""
    bias: bool = False
    """Add a constant in every layer; without one the output scales with the input, which suits
    noise, but can't tell what is always there."""
    full_size: bool = True
    """One output per pixel of the picture; else one per patch, where that much detail is enough."""

    norm: bool = False
    """Normalise the features of each place before each block (layer normalisation over channels):
    tasks that have to recognise things learn faster with it. It is local, as all the rest."""

    def __post_init__(self) -> None:
        sizes = (self.in_channels, self.out_channels, self.code_channels, self.blocks, self.patch)
        if not self.widths or min(*sizes, *self.widths) < 1 or self.condition_channels < 0:
            raise ValueError(f"every size of an autoencoder must be positive, got {self}")
        if self.residual and self.in_channels != self.out_channels:
            raise ValueError("a residual autoencoder needs as many output as input channels")
        if self.residual and not self.full_size:
            raise ValueError("a residual autoencoder needs an output of full size")

    @property
    def multiple(self) -> int:
        """Heights and widths are padded to this multiple inside the network."""
        return self.patch * int(2 ** len(self.widths))

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> AutoencoderConfig:
        return cls(**{**values, "widths": tuple(values["widths"])})


class Encoding(NamedTuple):
    """What the encoder hands to the decoder."""

    code: Tensor
    """(B, code_channels, H / multiple, W / multiple)"""
    skips: tuple[Tensor, ...]
    """One feature map per level, fine to coarse."""


def mirrored(x: Tensor, right: int, bottom: int) -> Tensor:
    """(B, C, H + bottom, W + right): more of the picture, mirrored, however small it is.

    Repeated edges, the usual padding, are free of noise across and cost 0.05 dB of a small photo.
    """
    for dimension, more in ((-1, right), (-2, bottom)):
        if more:
            length = x.shape[dimension]
            period = max(2 * (length - 1), 1)
            place = torch.arange(length + more, device=x.device) % period
            x = x.index_select(dimension, torch.minimum(place, period - place))
    return x


class ChannelNorm(nn.LayerNorm):
    """Layer normalisation (Ba et al., 2016) over the channels of each place, (B, C, H, W)."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.permute(0, 2, 3, 1)).to(x.dtype).permute(0, 3, 1, 2)


class ResidualBlock(nn.Module):
    """x + conv(relu(conv(x))), with a normalisation before it if wanted; starts as the identity."""

    def __init__(self, channels: int, *, bias: bool = False, norm: bool = False) -> None:
        super().__init__()
        self.dropout = 0.0
        self.norm = ChannelNorm(channels) if norm else nn.Identity()
        self.expand = nn.Conv2d(channels, channels, 3, padding=1, bias=bias)
        self.project = nn.Conv2d(channels, channels, 3, padding=1, bias=bias)
        # A small last layer makes a deep stack without normalisation trainable from the first
        # step at a high rate (Zhang et al., "Fixup", ICLR 2019).
        nn.init.kaiming_normal_(self.expand.weight, nonlinearity="relu")
        with torch.no_grad():
            self.project.weight.mul_(0.1)

    def forward(self, x: Tensor) -> Tensor:
        features = F.relu(self.expand(self.norm(x)), inplace=True)
        if self.training and self.dropout:
            features = F.dropout2d(features, self.dropout)
        residual: Tensor = self.project(features)
        return x + residual


def _level(channels: int, config: AutoencoderConfig) -> nn.Sequential:
    return nn.Sequential(
        *(ResidualBlock(channels, bias=config.bias, norm=config.norm) for _ in range(config.blocks))
    )


class Autoencoder(nn.Module):
    """Fully convolutional; takes pictures of any size from 1x1 up."""

    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        self.config = config
        area, bias = config.patch**2, config.bias
        widths = (*config.widths, config.code_channels)
        pairs = list(itertools.pairwise(widths))
        self.stem = nn.Conv2d(
            (config.in_channels + config.condition_channels) * area,
            widths[0],
            3,
            padding=1,
            bias=bias,
        )
        self.encoder = nn.ModuleList(_level(width, config) for width in config.widths)
        self.down = nn.ModuleList(nn.Conv2d(a, b, 2, stride=2, bias=bias) for a, b in pairs)
        self.code = _level(config.code_channels, config)
        self.up = nn.ModuleList(nn.ConvTranspose2d(b, a, 2, stride=2, bias=bias) for a, b in pairs)
        self.decoder = nn.ModuleList(_level(width, config) for width in config.widths)
        outputs = config.out_channels * (area if config.full_size else 1)
        self.head = nn.Conv2d(widths[0], outputs, 3, padding=1, bias=bias)
        # Layers without an activation keep the variance of what passes them; torch's own
        # initialisation would shrink it at each of them, and leave the deep levels unheard.
        for layer in (self.stem, *self.down, *self.up, self.head):
            assert isinstance(layer, nn.Conv2d | nn.ConvTranspose2d)
            sources = layer.weight.numel() / layer.out_channels
            if isinstance(layer, nn.ConvTranspose2d):  # its patches do not overlap
                sources = layer.in_channels
            nn.init.normal_(layer.weight, std=sources**-0.5)
        if bias:
            for name, value in self.named_parameters():
                if name.endswith(".bias"):
                    nn.init.zeros_(value)
        if config.residual:
            with torch.no_grad():
                self.head.weight.mul_(0.1)

    def drop_out(self, share: float) -> None:
        """Leave out a share of the feature maps in each block of the code and of the level above
        it, others for each picture, while the network is in training mode.

        Most of the weights are there, and what they know by heart of the training pictures. Whole
        maps, for neighbouring places tell the same (Srivastava et al., "Dropout", JMLR 2014;
        Tompson et al., CVPR 2015).
        """
        for level in (self.encoder[-1], self.code, self.decoder[-1]):
            for block in level.children():
                assert isinstance(block, ResidualBlock)
                block.dropout = share

    def encode(self, x: Tensor, condition: Tensor | None = None) -> Encoding:
        """The code of a picture and the skips that its decoder needs.

        Args:
            x: (B, in_channels, H, W), H and W multiples of `config.multiple`.
            condition: (B, condition_channels, H, W), or (B, condition_channels, 1, 1) where it is
                the same all over the picture; left out only if condition_channels is 0.
        """
        if condition is not None:
            x = torch.cat([x, condition.expand(-1, -1, *x.shape[-2:])], 1)
        x = self.stem(F.pixel_unshuffle(x.to(self.stem.weight.dtype), self.config.patch))
        skips = []
        for level, down in zip(self.encoder, self.down, strict=True):
            x = level(x)
            skips.append(x)
            x = down(x)
        return Encoding(self.code(x), tuple(skips))

    def decode(self, encoding: Encoding) -> Tensor:
        """The picture (B, out_channels, H, W), or in a residual network the residual; without
        `full_size` (B, out_channels, H / patch, W / patch)."""
        x = encoding.code
        triples = list(zip(self.up, encoding.skips, self.decoder, strict=True))
        for up, skip, level in reversed(triples):
            x = level(up(x) + skip)
        x = self.head(x)
        return F.pixel_shuffle(x, self.config.patch) if self.config.full_size else x

    def forward(self, x: Tensor, condition: Tensor | None = None) -> Tensor:
        """Restored picture (B, out_channels, H, W) in float32, not clipped; any H, W >= 1.

        Without `full_size` height and width are those in patches, rounded up.
        """
        height, width = x.shape[-2:]
        right, bottom = -width % self.config.multiple, -height % self.config.multiple
        padded = mirrored(x, right, bottom)
        if condition is not None and condition.shape[-2:] != (1, 1):
            condition = mirrored(condition, right, bottom)
        y = self.decode(self.encode(padded, condition))
        if not self.config.full_size:
            height, width = -(-height // self.config.patch), -(-width // self.config.patch)
        y = y[..., :height, :width]
        # The sum stays in float32: bfloat16 has 8 bits, as many as the picture itself.
        return x.float() + y.float() if self.config.residual else y.float()

    def compile(self, *args: Any, **kwargs: Any) -> None:
        """Both halves, which every way through the network passes; see `torch.compile`."""
        self.encode = torch.compile(self.encode, *args, **kwargs)  # type: ignore[method-assign]
        self.decode = torch.compile(self.decode, *args, **kwargs)  # type: ignore[method-assign]

    def macs_per_pixel(self) -> float:
        """Multiply-accumulates of one forward pass per pixel of the picture."""
        total = 0.0
        area = self.config.patch**2
        coarse = [area * 4**i for i in range(len(self.config.widths) + 1)]
        for name, weight in self.named_parameters():
            if weight.ndim == 1:
                continue
            part, *index = name.split(".")
            if part in {"stem", "head"}:
                share = coarse[0]
            elif part == "code":
                share = coarse[-1]
            elif part in {"encoder", "decoder"}:
                share = coarse[int(index[0])]
            else:  # a 2x2 layer with stride 2: each weight is used once per coarse pixel
                share = coarse[int(index[0]) + 1]
            total += weight.numel() / share
        return total
