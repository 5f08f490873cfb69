import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equime_generation.renderers.warp import field

Y, X = np.mgrid[0:60, 0:80].astype(np.float32)
slope = st.floats(-0.3, 0.3)


def linear(matrix: np.ndarray, about: tuple[float, float] = (40.0, 30.0)) -> np.ndarray:
    places = np.stack([X - about[0], Y - about[1]], axis=-1)
    return np.asarray(places @ matrix.T, dtype=np.float32)


@given(a=slope, b=slope, c=slope, d=slope)
@settings(deadline=None, max_examples=30)
def test_jacobian_of_a_linear_field_is_the_determinant(a: float, b: float, c: float, d: float) -> None:
    found = field.jacobian(linear(np.array([[a, b], [c, d]])))
    np.testing.assert_allclose(found, (1 + a) * (1 + d) - b * c, atol=1e-4)


def test_jacobian_knows_the_spacing_of_its_samples() -> None:
    np.testing.assert_allclose(field.jacobian(linear(np.diag([2.0, 0.0])), 4.0), 1.5, atol=1e-5)


@pytest.mark.parametrize("stretch", [-0.5, -0.2, 0.1, 0.45, 0.9, 1.6])
def test_inverse_of_a_dilation_is_exact_to_the_interpolation(stretch: float) -> None:
    forward = linear(np.diag([stretch, stretch]))
    x, y = X[20:40, 30:50], Y[20:40, 30:50]
    from_x, from_y = field.inverse(forward, x, y)
    np.testing.assert_allclose(from_x, 40 + (x - 40) / (1 + stretch), atol=0.05)
    np.testing.assert_allclose(from_y, 30 + (y - 30) / (1 + stretch), atol=0.05)


@given(size=st.floats(0.5, 6.0), angle=st.floats(0.0, 6.28))
@settings(deadline=None, max_examples=20)
def test_inverse_undoes_a_smooth_push(size: float, angle: float) -> None:
    bump = np.exp(-((X - 40) ** 2 + (Y - 30) ** 2) / (2 * 11.0**2))
    forward = (bump[..., None] * (size * np.cos(angle), size * np.sin(angle))).astype(np.float32)
    from_x, from_y = field.inverse(forward, X, Y)
    moved = field.at(forward, from_x, from_y)
    assert np.abs(from_x + moved[..., 0] - X).max() < 0.05
    assert np.abs(from_y + moved[..., 1] - Y).max() < 0.05
