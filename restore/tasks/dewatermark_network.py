"""The network of the dewatermark task: how far each pixel is covered by a mark, and what is left
to mend once the mark has been taken off."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from restore.autoencoder import Autoencoder, AutoencoderConfig

CONDITIONS = 6
"""Channels that the network is told: whether a mask is given, the mask, the coverage that an
earlier look has found, and what taking off the layer found then would change everywhere (3)."""

KNOWN = 6
"""Channels that `Refinement` is told: the picture below the mark as the layers have it (3), the
coverage, the share of the picture that shines through, and the mask."""
REFINEMENT = AutoencoderConfig(
    condition_channels=KNOWN,
    widths=(32, 64, 96),
    code_channels=128,
    bias=True,
)
"""The network of `Refinement`."""


class Refinement(nn.Module):
    """Mends what is left of a mark that has been taken off.

    An error in the coverage leaves a ghost, and one in the opacity a stain: both are plain to see
    in the picture without the mark, if the mark is known too. What had to be filled from around is
    continued from there. (Compare the refinement stages of Cun and Pun, "Split then Refine", AAAI
    2021, and of Liang et al., SLBR, ACM MM 2021.)
    """

    def __init__(self) -> None:
        super().__init__()
        self.autoencoder = Autoencoder(REFINEMENT)
        nn.init.zeros_(self.autoencoder.head.weight)  # untrained, it leaves all as it is

    def forward(self, marked: Tensor, known: Tensor) -> Tensor:
        """The clean pictures (B, 3, H, W), not clipped; of use within the mask alone.

        Args:
            marked: (B, 3, H, W) in [0, 1].
            known: (B, 6, H, W), see `KNOWN`.
        """
        refined: Tensor = self.autoencoder(known[:, :3], torch.cat([marked, known[:, 3:]], 1))
        return refined

    def macs_per_pixel(self) -> float:
        return self.autoencoder.macs_per_pixel()


class DewatermarkNet(nn.Module):
    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        shape = (config.in_channels, config.condition_channels, config.out_channels)
        if shape != (3, CONDITIONS, 1) or config.residual:
            raise ValueError(
                f"a dewatermark network takes 3 channels and {CONDITIONS} of condition, and gives "
                f"1, not residual; got {config}"
            )
        self.autoencoder = Autoencoder(config)
        self.refinement = Refinement()

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """The coverage (B, 1, H, W) of pictures (B, 3, H, W) in [0, 1]: the shape of the marks with
        their soft edges, whatever their opacity; where in doubt, what is to be expected.

        Args:
            condition: (B, 6, H, W), see `told`.
        """
        return torch.sigmoid(self.logits(x, condition))

    def logits(self, x: Tensor, condition: Tensor) -> Tensor:
        """The same before the sigmoid, which training is steadier with."""
        logits: Tensor = self.autoencoder(x - 0.5, condition)
        return logits

    def macs_per_pixel(self) -> float:
        return self.autoencoder.macs_per_pixel() + self.refinement.macs_per_pixel()


def told(
    seen: Tensor,
    mask: Tensor | None = None,
    given: Tensor | None = None,
    change: Tensor | None = None,
) -> Tensor:
    """The condition (B, 6, H, W), see `CONDITIONS`.

    Once a part of a mark is found, it is known how all of it was laid. Whether a pixel belongs to
    it is then to be seen from whether the picture is likelier with that taken off, there too.

    Args:
        seen: (B, 1, H, W), coverage in [0, 1] as an earlier look has it; zeros if there was none.
        mask: (B, 1, H, W) in [0, 1], what a user has painted; None if nobody did.
        given: (B, 1, 1, 1), 1 where the mask is a user's and 0 where there is none; None: all are.
        change: (B, 3, H, W), see `restore.tasks.dewatermark_layer.Layer.change`; None if no layer
            is known.
    """
    if mask is None:
        mask = given = torch.zeros_like(seen)
    elif given is None:
        given = torch.ones_like(seen)
    if change is None:
        change = torch.zeros_like(seen).expand(-1, 3, -1, -1)
    return torch.cat([given.expand_as(seen), mask, seen, change], 1)
