"""Rims of glasses, found as a continuous band below both eyes.

No detector of glasses ships in a package, so this one looks for what all rims share: around the lower half of each
eye runs a narrow band whose brightness or colour differs from the skin on both of its sides. Brightness and colour are
compared as ratios (logarithms of linear light), so that the same rim weighs alike on light and dark skin. Under each
eye the best band is traced by dynamic programming from the nose's side to the temple's; the rim must show nearly
everywhere along it, and under both eyes, which bags, creases, highlights, hair and a shadow on one side do not do.
Rimless and half-rimless glasses are not seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from equime_generation.alignment import LEFT_EYE, RIGHT_EYE
from equime_generation.skin import LUMINANCE, srgb_to_linear

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Lengths in eye distances; the ray at 0 degrees points to the nose, at 90 degrees down.
RAYS_DEG: Final = np.arange(30.0, 151.0, 2.0)
REACH: Final = (0.1, 0.62)
LID_ELLIPSE: Final = (0.31, 0.19)
NOSE_LIMIT: Final = 0.44
OUTER_LIMIT: Final = 0.6
HALF_WIDTHS: Final = (0.03, 0.06, 0.1)

DARK_FLOOR: Final = 0.02
"""Added to linear light, so that noise in the shadows is not taken for contrast."""
COVERED_SHARE: Final = 0.7
"""Share of the band's length that must show the contrast."""
STEP_PX: Final = 2
OUT_OF_REACH: Final = -10.0

LEAST_CONTRAST: Final[dict[str, float]] = {
    "lighter": 0.5,
    "darker": 0.3,
    "redder": 0.2,
    "greener": 0.25,
    "yellower": 0.25,
    "bluer": 0.25,
}
"""Contrast of a rim to the skin beside it, in stops (factors of two), for each way in which it may differ.

Set between bare faces and rims. Over 175 bare crops of the ten synthetic people (portraits, selfies, posed emotions)
the contrasts reach .38, .10, .08, .13, .10 and .09; as `rim_evidence` that is at most .78, and .39 on the portraits.
Rims drawn on the portraits in seven colours, 2 to 14 px wide, on the skin as it is and darkened, give 2.3 or more; a
photo of real glasses with transparent rims gives 1.27.
"""


def rim_evidence(image: NDArray[np.uint8], landmarks: NDArray[np.float64]) -> float:
    """Return how strongly both eyes are underlined by a rim: contrast over limit, the largest of six ways; 1 = a rim.

    Args:
        image: (512, 512, 3) uint8 RGB, aligned.
        landmarks: (478, 3) in pixels of ``image``.
    """
    both = np.minimum(*(_band_contrasts(image, landmarks, side) for side in (RIGHT_EYE, LEFT_EYE)))
    return float(np.max(both / np.array(list(LEAST_CONTRAST.values()))))


def _band_contrasts(
    image: NDArray[np.uint8], landmarks: NDArray[np.float64], eye: tuple[int, int]
) -> NDArray[np.float64]:
    """Return (6,) contrast in stops of the best band below one eye, one for each way of `LEAST_CONTRAST`."""
    rays, radius, eye_distance_px = _unroll(image, landmarks, eye)
    ratios = _colour_ratios(rays)
    contrast = np.stack([_two_sided(sign * ratio, eye_distance_px) for ratio in ratios for sign in (1, -1)])
    contrast[:, _out_of_reach(radius)] = OUT_OF_REACH
    return np.quantile(best_path(contrast), 1 - COVERED_SHARE, axis=1)


def _colour_ratios(rgb: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """Return logarithms to base 2 of brightness, red over green and green over blue of (..., 3) values 0-255."""
    linear = srgb_to_linear(rgb / 255) + DARK_FLOOR
    red, green, blue = np.moveaxis(np.log2(linear), -1, 0)
    return np.log2(linear @ LUMINANCE), red - green, green - blue


def _unroll(
    image: NDArray[np.uint8], landmarks: NDArray[np.float64], eye: tuple[int, int]
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Sample along rays from an eye's centre.

    Returns:
        (rays, radii, 3) smoothed samples 0-255; (radii,) in eye distances; the eye distance in pixels.
    """
    import cv2

    right, left = (landmarks[list(pair), :2].mean(0) for pair in (RIGHT_EYE, LEFT_EYE))
    across = left - right
    eye_distance_px = float(np.hypot(*across))
    nasal = across / eye_distance_px
    down = np.array([-nasal[1], nasal[0]])
    centre, inward = (right, nasal) if eye == RIGHT_EYE else (left, -nasal)
    radius = np.arange(REACH[0] * eye_distance_px, REACH[1] * eye_distance_px)
    angle = np.radians(RAYS_DEG)[:, None, None]
    points = (centre + radius[None, :, None] * (np.cos(angle) * inward + np.sin(angle) * down)).astype(np.float32)
    source, x, y = image.astype(np.float32), points[..., 0], points[..., 1]
    rays = cv2.remap(source, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    return cv2.GaussianBlur(rays, (0, 0), 1.0).astype(np.float64), radius / eye_distance_px, eye_distance_px


def _two_sided(ring: NDArray[np.float64], eye_distance_px: float) -> NDArray[np.float64]:
    """Return how far each sample lies above both of its neighbours along the ray, at the best of three distances."""
    best = np.full(ring.shape, OUT_OF_REACH)
    for width in HALF_WIDTHS:
        gap = max(1, round(width * eye_distance_px))
        middle = ring[:, gap:-gap]
        rise = middle - np.maximum(ring[:, : -2 * gap], ring[:, 2 * gap :])
        best[:, gap:-gap] = np.maximum(best[:, gap:-gap], rise)
    return best


def _out_of_reach(radius: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return (rays, radii) true on the lids and lashes, and beyond the nose's ridge or the largest rims."""
    angle = np.radians(RAYS_DEG)[:, None]
    lid = 1 / np.hypot(np.cos(angle) / LID_ELLIPSE[0], np.sin(angle) / LID_ELLIPSE[1])
    nose = NOSE_LIMIT / np.maximum(np.cos(angle), 0.01)
    return np.asarray((radius < lid) | (radius > np.minimum(OUTER_LIMIT, nose)))


def best_path(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the values along the path of the largest sum that moves at most `STEP_PX` rows a column.

    Args:
        values: (maps, columns, rows).

    Returns:
        (maps, columns).

    Source: dynamic programming as in Ney, "A dynamic programming algorithm for nonlinear smoothing" (1983).
    """
    columns, rows = values.shape[1:]
    total = values[:, 0]
    came_from = np.zeros(values.shape, dtype=np.intp)
    for column in range(1, columns):
        padded = np.pad(total, ((0, 0), (STEP_PX, STEP_PX)), constant_values=-np.inf)
        reachable = np.stack([padded[:, shift : shift + rows] for shift in range(2 * STEP_PX + 1)])
        came_from[:, column] = reachable.argmax(0) + np.arange(rows) - STEP_PX
        total = reachable.max(0) + values[:, column]
    return _walk_back(values, came_from, total.argmax(1))


def _walk_back(
    values: NDArray[np.float64], came_from: NDArray[np.intp], last_row: NDArray[np.intp]
) -> NDArray[np.float64]:
    each, row = np.arange(len(values)), last_row
    path = np.empty(values.shape[:2])
    for column in reversed(range(values.shape[1])):
        path[:, column] = values[each, column, row]
        row = came_from[each, column, row]
    return path
