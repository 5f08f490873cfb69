import numpy as np
from scipy.interpolate import RBFInterpolator

from equime_generation.renderers.warp.spline import ThinPlateSplines


def scattered(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    return random.uniform(0, 300, (40, 2)), random.uniform(0, 300, (25, 2)), random.standard_normal((40, 4))


def test_agrees_with_scipy_on_each_set_of_kept_points() -> None:
    points, places, values = scattered(1)
    kept = [np.arange(40), np.arange(5, 33)]
    found = ThinPlateSplines(points, places, unit=130.0, smoothing=2e-3, kept=kept)(values)
    for index, rows in enumerate(kept):
        peer = RBFInterpolator(points[rows] / 130, values[rows], kernel="thin_plate_spline", smoothing=2e-3, degree=1)
        np.testing.assert_allclose(found[index], peer(places / 130), atol=1e-8)


def test_affine_motion_is_carried_exactly_whatever_the_smoothing() -> None:
    points, places, _ = scattered(2)
    affine = np.array([[0.2, -0.1], [0.3, 0.05]])
    spline = ThinPlateSplines(points, places, unit=130.0, smoothing=0.5, kept=[np.arange(40)])
    np.testing.assert_allclose(spline(points @ affine + 3)[0], places @ affine + 3, atol=1e-7)
