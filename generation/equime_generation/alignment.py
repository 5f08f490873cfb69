"""The similarity transform that puts a face upright into a square crop, and the resampling that applies it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from equime_builder.records import SIZE_PX

if TYPE_CHECKING:
    from cv2.typing import MatLike
    from numpy.typing import NDArray

RIGHT_EYE: Final = (33, 133)
LEFT_EYE: Final = (362, 263)
MOUTH: Final = (61, 291)
"""Corners on MediaPipe's mesh; the subject's right side is at the image's left."""

EYES_PER_HALF: Final = 2.0
MOUTH_PER_HALF: Final = 1.8
CENTRE_SHIFT: Final = 0.1
MARGIN_PX: Final = 8


def crop_transform(landmarks: NDArray[np.float64], size_px: int = SIZE_PX) -> NDArray[np.float64]:
    """Return the similarity that maps photo pixels to crop pixels, with the line of the eyes horizontal.

    The crop is a square about a point a tenth of the way from the eyes to the mouth; half its side is the larger of
    2.0 eye distances and 1.8 eye-to-mouth distances.

    Args:
        landmarks: (478, 2 or 3) in pixels of the photo.
        size_px: Side of the crop.

    Returns:
        (2, 3) float64, applied to columns (x, y, 1).

    Source: proportions of FFHQ; Karras et al., "Progressive growing of GANs" (2018), appendix C, arXiv 1710.10196.
    """
    points = landmarks[:, :2]
    right, left, mouth = (points[list(pair)].mean(0) for pair in (RIGHT_EYE, LEFT_EYE, MOUTH))
    eyes, across, down = (right + left) / 2, left - right, mouth - (right + left) / 2
    across_px, down_px = float(np.hypot(*across)), float(np.hypot(*down))
    scale = size_px / (2 * max(EYES_PER_HALF * across_px, MOUTH_PER_HALF * down_px))
    cos, sin = across / across_px
    linear = scale * np.array([[cos, sin], [-sin, cos]])
    centre = eyes + CENTRE_SHIFT * down
    # Pixel centres stand at whole numbers, so the middle of the crop is (size - 1) / 2.
    offset = (size_px - 1) / 2 - linear @ centre
    return np.column_stack([linear, offset])


def scale_of(transform: NDArray[np.float64]) -> float:
    """Return crop pixels for one photo pixel; over 1 = enlarged."""
    return float(np.sqrt(np.linalg.det(transform[:, :2])))


def apply_transform(transform: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (N, 2) points mapped by a (2, 3) transform."""
    return points @ transform[:, :2].T + transform[:, 2]


def inverse_of(transform: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the (2, 3) transform that undoes ``transform``."""
    linear = np.linalg.inv(transform[:, :2])
    return np.column_stack([linear, -linear @ transform[:, 2]])


def invented_share(transform: NDArray[np.float64], photo_shape: tuple[int, ...], size_px: int = SIZE_PX) -> float:
    """Return the share (0-1) of the crop's area that lies outside the photo and would have to be made up."""
    ys, xs = np.mgrid[0:size_px:4, 0:size_px:4]
    grid = np.column_stack([xs.ravel(), ys.ravel()]).astype(np.float64)
    x, y = apply_transform(inverse_of(transform), grid).T
    height, width = photo_shape[:2]
    inside = (x >= -0.5) & (x <= width - 0.5) & (y >= -0.5) & (y <= height - 0.5)
    return float(1 - inside.mean())


def resample(image: NDArray[np.uint8], transform: NDArray[np.float64], size_px: int = SIZE_PX) -> NDArray[np.uint8]:
    """Return the crop: low-passed for its scale, then interpolated once (cubic); outside the photo is mirrored.

    Args:
        image: (H, W, 3) uint8 RGB.
        transform: (2, 3), photo to crop.

    Returns:
        (size_px, size_px, 3) uint8 RGB.
    """
    import cv2

    sigma_px = antialias_sigma_px(scale_of(transform))
    part, shifted = _part_in_use(image, transform, size_px, margin_px=MARGIN_PX + int(4 * sigma_px))
    source: MatLike = part.astype(np.float32)
    if sigma_px > 0:
        source = cv2.GaussianBlur(source, (0, 0), sigma_px, borderType=cv2.BORDER_REFLECT_101)
    crop = cv2.warpAffine(source, shifted, (size_px, size_px), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
    return np.clip(np.rint(crop), 0, 255).astype(np.uint8)


def antialias_sigma_px(scale: float) -> float:
    """Return the Gaussian that a photo needs before it is shrunk by ``scale``, in photo pixels; 0 when enlarging.

    A pixel counts as a Gaussian of half its pitch: the blur that takes the photo's pitch of 1 to the crop's pitch of
    1 / scale is the difference of the variances.
    """
    return 0.5 * float(np.sqrt(max(0.0, scale**-2 - 1)))


def _part_in_use(
    image: NDArray[np.uint8], transform: NDArray[np.float64], size_px: int, *, margin_px: int
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """Cut out what the crop looks at, so that a huge photo is not filtered as a whole."""
    corners = np.array([(0, 0), (size_px, 0), (0, size_px), (size_px, size_px)], dtype=np.float64)
    reach = apply_transform(inverse_of(transform), corners)
    height, width = image.shape[:2]
    low = np.clip(np.floor(reach.min(0)).astype(int) - margin_px, 0, (width - 1, height - 1))
    high = np.clip(np.ceil(reach.max(0)).astype(int) + margin_px, low + 1, (width, height))
    shifted = transform.copy()
    shifted[:, 2] += transform[:, :2] @ low
    return image[low[1] : high[1], low[0] : high[0]], shifted
