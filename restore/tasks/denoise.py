"""The denoise task: noise and grain out, the picture stays."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from restore.arrays import (
    ImageLike,
    as_rgb,
    from_unit,
    join_alpha,
    like,
    split_alpha,
    to_array,
    to_unit,
)
from restore.engine import Engine
from restore.restorer import Outcome
from restore.tasks.denoise_network import DenoiseNet
from restore.tasks.options import DenoiseOptions
from restore.tiles import FloatArray, OnProgress, Window
from restore.zoo import Card

build = DenoiseNet
"""The network of an `AutoencoderConfig`."""


class Denoiser:
    """Removes noise of a known or estimated level."""

    def __init__(self, card: Card, engine: Engine) -> None:
        self.card = card
        self.engine = engine
        self.device = engine.device
        network = engine.network
        assert isinstance(network, DenoiseNet)
        self._noise_level = network.noise_level
        self._multiple = network.autoencoder.config.multiple

    def __call__(
        self,
        image: ImageLike,
        *,
        strength: float = 1.0,
        sigma: float | None = None,
        on_progress: OnProgress | None = None,
    ) -> ImageLike:
        """The image without its noise: same type, size and depth; alpha and gray stay as they are.

        Args:
            strength: share of the restored picture in the result, 0 (the input, exactly) to 1.
            sigma: noise level in 8-bit units, 0..255, also for deeper images; None estimates it.

        Raises:
            ValueError: strength or sigma out of range.
            UnreadableImage: a shape or type that is not supported.
        """
        options = DenoiseOptions(strength, sigma)
        return like(self.restore(to_array(image), options, on_progress).array, image)

    def restore(
        self,
        array: NDArray[np.generic],
        options: DenoiseOptions,
        on_progress: OnProgress | None = None,
    ) -> Outcome:
        """See `restore.restorer.Restorer`; `sigma` is among the facts."""
        return self.restore_window(array, None, options, on_progress)

    def restore_window(
        self,
        array: NDArray[np.generic],
        window: Window | None,
        options: DenoiseOptions,
        on_progress: OnProgress | None = None,
    ) -> Outcome:
        """Exactly the part of the restored picture that lies in a window, without the rest of it.

        The noise level is that of the whole picture, and the tiles are those of the whole picture.
        """
        colour, alpha = split_alpha(array)
        sigma = self.estimate_sigma(colour) if options.sigma is None else options.sigma
        facts = {"sigma": round(sigma, 2)}
        part = slice(None), slice(None)
        if window is not None:
            top, bottom, left, right = window
            part = slice(top, bottom), slice(left, right)
        if options.strength == 0:
            return Outcome(array[part].copy(), facts, changed=False)
        restored = self.engine.run(
            as_rgb(colour),
            torch.full((1, 1, 1, 1), float(sigma)),
            multiple=self._multiple,
            on_progress=on_progress,
            window=window,
        )
        blended = _blend(restored, colour[part], options.strength)
        return Outcome(join_alpha(blended, None if alpha is None else alpha[part]), facts)

    def estimate_sigma(self, image: ImageLike) -> float:
        """The noise level of an image in 8-bit units, from 0 to about 100."""
        colour, _ = split_alpha(to_array(image))
        return self._noise_level.estimate(as_rgb(colour), self.device)


RESTORER = Denoiser


def _blend(
    restored: FloatArray, colour: NDArray[np.generic], strength: float
) -> NDArray[np.generic]:
    """Restored (H, W, 3) mixed with the input and in its type, band by band to spare memory."""
    result = np.empty_like(colour)
    for top in range(0, len(colour), 256):
        band = restored[top : top + 256]
        if colour.ndim == 2:
            band = band.mean(2)
        if strength < 1:
            original = to_unit(colour[top : top + 256])
            # Clipped first, so that strength 0.5 is the middle between what 0 and 1 give.
            band = original + np.float32(strength) * (np.clip(band, 0, 1) - original)
        result[top : top + 256] = from_unit(band, colour.dtype)
    return result
