"""The network of the denoise task: an autoencoder told the noise level, and the estimate of it."""

from __future__ import annotations

from torch import Tensor, nn

from restore.autoencoder import Autoencoder, AutoencoderConfig
from restore.noise_level import NoiseLevelNet


class DenoiseNet(nn.Module):
    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        self.autoencoder = Autoencoder(config)
        self.noise_level = NoiseLevelNet()

    def forward(self, x: Tensor, sigma: Tensor) -> Tensor:
        """Clean picture (B, 3, H, W), not clipped.

        Args:
            x: noisy picture (B, 3, H, W), nominally in [0, 1].
            sigma: noise level in 8-bit units, (B, 1, 1, 1), or a noise map (B, 1, H, W).
        """
        restored: Tensor = self.autoencoder(x, sigma / 255)
        return restored

    def macs_per_pixel(self) -> float:
        """The autoencoder's; the estimate of the level looks at a few windows only."""
        return self.autoencoder.macs_per_pixel()
