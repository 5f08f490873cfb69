"""What one frame shows without its neighbours, against the clip's own median."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from equime_evaluation.shortcuts.bitstream import read_bitstream

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from equime_evaluation.shortcuts.regions import Box, Regions

PARTS: Final = ("upper", "lower", "face")
FLAT: Final = ("cheeks", "background")
FEATURES: Final[tuple[str, ...]] = (
    *(f"{part} {what}" for part in PARTS for what in ("sharpness", "fine detail", "brightness", "contrast")),
    *(f"{patch} noise" for patch in FLAT),
    "packet bytes",
    "quantiser",
)
"""Columns of `frame_features`."""

_FINE_SIGMA_PX: Final = 1.5
# Immerkaer's kernel: the difference of two Laplacians, blind to edges to first order; its norm is 6.
_NOISE_KERNEL: Final = ((1, -2, 1), (-2, 4, -2), (1, -2, 1))
_FLOOR: Final = 1e-3


def frame_features(data: bytes, regions: Regions) -> NDArray[np.float64]:
    """Describe each decoded frame by itself: natural logarithms of ratios to the clip's median.

    Sharpness is the variance of the Laplacian, fine detail the variance above a Gaussian of 1.5 px, noise the standard
    deviation after Immerkaer's kernel (Computer Vision and Image Understanding 64(2), 1996), contrast the standard
    deviation, brightness the mean luma, all in boxes that do not follow the face. The quantiser is a difference, not a
    ratio, since it is a logarithm of the step size by itself.

    Args:
        data: A whole video file.
        regions: Of the face at rest.

    Returns:
        (T, len(FEATURES)) float64, columns as in `FEATURES`; a column of zeros where the file tells no quantiser.

    Raises:
        MediaError: The bytes cannot be decoded.
    """
    clip = read_bitstream(data)
    seen = np.array([_seen(frame, regions) for frame in clip.luma])
    logs = np.log(np.maximum(np.column_stack([seen, clip.packet_bytes]), _FLOOR))
    quantiser = np.nan_to_num(clip.quantiser)
    return against_median(np.column_stack([logs, quantiser]))


def against_median(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Take each column's median over the clip off it, (T, F)."""
    return np.asarray(values - np.median(values, axis=0))


def _seen(luma: NDArray[np.uint8], regions: Regions) -> list[float]:
    import cv2

    laplacian = np.asarray(cv2.Laplacian(luma, cv2.CV_32F), dtype=np.float32)
    picture = luma.astype(np.float32)
    fine = np.asarray(picture - cv2.GaussianBlur(picture, (0, 0), _FINE_SIGMA_PX), dtype=np.float32)
    noise = np.asarray(cv2.filter2D(picture, cv2.CV_32F, np.array(_NOISE_KERNEL, np.float32) / 6), dtype=np.float32)
    values = []
    for part in PARTS:
        boxes = regions.parts[part]
        pixels = _pixels(picture, boxes)
        values += [_pixels(laplacian, boxes).var(), _pixels(fine, boxes).var(), pixels.mean(), pixels.std()]
    return [float(value) for value in (*values, *(_pixels(noise, regions.flat[patch]).std() for patch in FLAT))]


def _pixels(picture: NDArray[np.float32], boxes: tuple[Box, ...]) -> NDArray[np.float64]:
    return np.concatenate([picture[box].ravel() for box in boxes]).astype(np.float64)
