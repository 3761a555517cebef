"""Classical denoisers to measure against, from libraries: float32 (H, W, 3) in and out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
Denoise = Callable[[FloatArray, float | None], FloatArray]
"""From a picture and its sigma in 8-bit units; None where nobody knows it."""


def _level(noisy: FloatArray, sigma: float | None) -> float:
    """The given sigma, or the usual wavelet estimate (Donoho and Johnstone, 1994); in [0, 1]."""
    from skimage.restoration import estimate_sigma

    if sigma is not None:
        return sigma / 255
    return max(float(estimate_sigma(noisy, channel_axis=-1, average_sigmas=True)), 0.5 / 255)


def non_local_means(noisy: FloatArray, sigma: float | None) -> FloatArray:
    """OpenCV's non-local means (Buades et al., 2005) on 8-bit Lab, as its users call it."""
    import cv2

    strength = _level(noisy, sigma) * 255
    eight_bit = np.rint(np.clip(noisy, 0, 1) * 255).astype(np.uint8)
    restored: NDArray[Any] = cv2.fastNlMeansDenoisingColored(
        eight_bit, None, strength, strength, 7, 21
    )
    return (restored / 255).astype(np.float32)


def wavelet(noisy: FloatArray, sigma: float | None) -> FloatArray:
    """Wavelet shrinkage by the BayesShrink rule (Chang et al., 2000), from scikit-image."""
    from skimage.restoration import denoise_wavelet

    restored: NDArray[Any] = denoise_wavelet(
        noisy, sigma=_level(noisy, sigma), convert2ycbcr=False, channel_axis=-1, rescale_sigma=True
    )
    return np.asarray(restored, np.float32)


def total_variation(noisy: FloatArray, sigma: float | None) -> FloatArray:
    """Total variation by Chambolle's method (2004), from scikit-image."""
    from skimage.restoration import denoise_tv_chambolle

    weight = 1.2 * _level(noisy, sigma)
    return np.asarray(denoise_tv_chambolle(noisy, weight=weight, channel_axis=-1), np.float32)


BASELINES: dict[str, Denoise] = {
    "OpenCV non-local means": non_local_means,
    "wavelet BayesShrink": wavelet,
    "total variation": total_variation,
}
