"""Skin tone as a number: the individual typology angle of cheeks and forehead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

CHEEK_AND_FOREHEAD: Final[tuple[tuple[int, ...], ...]] = (
    (117, 118, 101, 36, 205, 187, 123),
    (346, 347, 330, 266, 425, 411, 352),
    (108, 151, 337, 299, 296, 9, 66, 69),
)
"""Polygons on MediaPipe's mesh: right cheek, left cheek, forehead; clear of eyes, lips, beard and most hair."""

SRGB_TO_XYZ: Final = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)
D65_WHITE: Final = (0.95047, 1.0, 1.08883)
LUMINANCE: Final = np.array(SRGB_TO_XYZ[1])
LEAST_CHROMA: Final = 1.0
MOST_SPREAD: Final = 3.0
MOST_CHROMA_OF_GREY: Final = 8.0


def srgb_to_linear(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return linear light 0-1 of sRGB values 0-1. Source: IEC 61966-2-1."""
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def linear_to_lab(linear: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return CIE L*, a*, b* of linear sRGB.

    Args:
        linear: (..., 3), 0-1.

    Returns:
        (..., 3): L* 0-100, a*, b*, against white D65.

    Source: CIE 15:2004, section 8.2.1; matrix of IEC 61966-2-1.
    """
    ratio = linear @ np.array(SRGB_TO_XYZ).T / np.array(D65_WHITE)
    delta = 6 / 29
    root = np.where(ratio > delta**3, np.cbrt(ratio), ratio / (3 * delta**2) + 4 / 29)
    x, y, z = np.moveaxis(root, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def typology_angle(lab: NDArray[np.float64]) -> float:
    """Return the individual typology angle in degrees: over 55 very light, under -30 dark.

    Args:
        lab: (3,) L*, a*, b*.

    Source: Chardon, Cretois, Hourseau, "Skin colour typology and suntanning pathways" (1991), Int. J. Cosmet. Sci.
    13:191, doi:10.1111/j.1467-2494.1991.tb00561.x.
    """
    return float(np.degrees(np.arctan2(lab[0] - 50, lab[2])))


def skin_ita(image: NDArray[np.uint8], landmarks: NDArray[np.float64]) -> float | None:
    """Return the typology angle of the median skin colour on cheeks and forehead, in degrees.

    Where the background is an even neutral grey, its tint is taken for the light's and divided out.

    Args:
        image: (512, 512, 3) uint8 RGB, aligned.
        landmarks: (478, 3) in pixels of ``image``.

    Returns:
        None where the skin holds no colour, as on a black-and-white photo.
    """
    pixels = [image[polygon_mask(image.shape, landmarks, polygon)] for polygon in CHEEK_AND_FOREHEAD]
    skin = srgb_to_linear(np.concatenate(pixels) / 255.0)
    if not len(skin):
        return None
    gains = background_gains(image)
    lab = np.median(linear_to_lab(skin if gains is None else skin * gains), axis=0)
    return typology_angle(lab) if np.hypot(lab[1], lab[2]) >= LEAST_CHROMA else None


def background_gains(image: NDArray[np.uint8]) -> NDArray[np.float64] | None:
    """Return the factors on linear R, G, B that make a grey background neutral and keep its luminance.

    The background is looked for in the upper corners, where a portrait shows neither face nor shoulders.

    Args:
        image: (H, W, 3) uint8 RGB.

    Returns:
        (3,), or None where no corner is even (spread of L* at most 3) and near grey (chroma at most 8, L* 20-95).
    """
    side = image.shape[0] // 16
    corners = [srgb_to_linear(corner / 255.0) for corner in (image[:side, :side], image[:side, -side:])]
    grey = [corner.reshape(-1, 3) for corner in corners if _is_even_grey(linear_to_lab(corner))]
    if not grey:
        return None
    colour = np.median(np.concatenate(grey), axis=0)
    return np.asarray(colour @ LUMINANCE / colour)


def _is_even_grey(lab: NDArray[np.float64]) -> bool:
    lightness, a, b = np.median(lab.reshape(-1, 3), axis=0)
    even = float(lab[..., 0].std()) <= MOST_SPREAD
    return bool(even and 20 <= lightness <= 95 and np.hypot(a, b) <= MOST_CHROMA_OF_GREY)


def polygon_mask(shape: tuple[int, ...], landmarks: NDArray[np.float64], polygon: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return (H, W) true inside the convex hull of some landmarks."""
    import cv2

    mask = np.zeros(shape[:2], np.uint8)
    hull = cv2.convexHull(np.rint(landmarks[list(polygon), :2]).astype(np.int32))
    return np.asarray(cv2.fillConvexPoly(mask, hull, (1,)) > 0)
