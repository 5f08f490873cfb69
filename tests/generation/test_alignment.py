from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equime_generation.alignment import (
    antialias_sigma_px,
    apply_transform,
    crop_transform,
    invented_share,
    inverse_of,
    resample,
    scale_of,
)
from equime_generation.faces import Face


def landmarks_with(right: tuple[float, float], left: tuple[float, float], mouth: tuple[float, float]) -> np.ndarray:
    """Landmarks whose eye and mouth corners coincide in three points."""
    points = np.zeros((478, 3))
    points[[33, 133], :2] = right
    points[[362, 263], :2] = left
    points[[61, 291], :2] = mouth
    return points


def test_level_eyes_need_no_turn() -> None:
    # eyes 100 apart, mouth 100 below: half side 2.0 x 100 = 200, so 512 / 400; centre (200, 310) goes to 255.5
    transform = crop_transform(landmarks_with((150, 300), (250, 300), (200, 400)))
    np.testing.assert_allclose(transform, [[1.28, 0, 255.5 - 256], [0, 1.28, 255.5 - 1.28 * 310]], atol=1e-9)


def test_a_long_face_is_sized_by_its_mouth() -> None:
    # 1.8 x 200 = 360 beats 2.0 x 100
    transform = crop_transform(landmarks_with((150, 300), (250, 300), (200, 500)))
    assert scale_of(transform) == pytest.approx(512 / 720)


def test_a_head_on_its_side_is_turned_upright() -> None:
    # the left eye stands below the right one: a quarter turn; the mouth is at the photo's left
    transform = crop_transform(landmarks_with((300, 150), (300, 250), (200, 200)))
    np.testing.assert_allclose(transform[:, :2], [[0, 1.28], [-1.28, 0]], atol=1e-9)
    eyes = apply_transform(transform, np.array([[300.0, 150.0], [300.0, 250.0]]))
    np.testing.assert_allclose(eyes, [[191.5, 242.7], [319.5, 242.7]])


@given(
    angle=st.floats(-3.1, 3.1),
    size=st.floats(0.05, 20),
    x=st.floats(-500, 500),
    y=st.floats(-500, 500),
)
def test_the_crop_does_not_depend_on_how_the_photo_was_held(angle: float, size: float, x: float, y: float) -> None:
    face = landmarks_with((150, 300), (250, 305), (190, 420))
    turn = size * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    moved = face.copy()
    moved[:, :2] = face[:, :2] @ turn.T + (x, y)
    expected = apply_transform(crop_transform(face), face[:, :2])
    np.testing.assert_allclose(apply_transform(crop_transform(moved), moved[:, :2]), expected, atol=1e-6)


def test_the_inverse_undoes() -> None:
    transform = np.array([[0.3, 0.1, 5.0], [-0.1, 0.3, -7.0]])
    points = np.array([[0.0, 0.0], [10.0, 20.0]])
    np.testing.assert_allclose(apply_transform(inverse_of(transform), apply_transform(transform, points)), points)


def test_invented_share_is_the_area_outside() -> None:
    identity = np.array([[1.0, 0, 0], [0, 1, 0]])
    assert invented_share(identity, (512, 512, 3)) == 0
    assert invented_share(identity, (512, 256, 3)) == pytest.approx(0.5)
    quarter = np.array([[1.0, 0, 256], [0, 1, 256]])
    assert invented_share(quarter, (512, 512, 3)) == pytest.approx(0.75)


def test_the_same_pixels_come_back_under_the_identity_and_a_shift() -> None:
    image = np.random.default_rng(1).integers(0, 256, (600, 560, 3), dtype=np.uint8)
    shift = np.array([[1.0, 0, -20], [0, 1, -30]])
    np.testing.assert_array_equal(resample(image, shift), image[30:542, 20:532])


@pytest.mark.parametrize("scale", [0.25, 0.4, 0.9])
def test_shrinking_keeps_slow_waves_and_drops_those_that_would_alias(scale: float) -> None:
    side = int(512 / scale)
    x = np.arange(side)
    transform = np.array([[scale, 0, (scale - 1) / 2], [0, scale, (scale - 1) / 2]])

    def spread(period_px: float) -> float:
        wave = 128 + 100 * np.sin(2 * np.pi * x / period_px)
        image = np.broadcast_to(wave[None, :, None], (side, side, 3)).round().astype(np.uint8)
        return float(resample(image, transform)[100:-100, 100:-100].std())

    assert spread(16 / scale) > 0.85 * 100 / np.sqrt(2)
    if scale < 0.5:
        assert spread(2.2) < 0.1 * 100 / np.sqrt(2)


def test_enlarging_is_not_blurred() -> None:
    assert antialias_sigma_px(1.0) == 0
    assert antialias_sigma_px(3.0) == 0
    # variances add: (0.5 / s)^2 = 0.5^2 + sigma^2
    assert antialias_sigma_px(0.5) == pytest.approx(np.sqrt(1.0 - 0.25))


def test_a_corner_of_a_huge_photo_gives_the_same_crop_as_the_corner_alone() -> None:
    image = np.random.default_rng(2).integers(0, 256, (1400, 1500, 3), dtype=np.uint8)
    transform = np.array([[0.9, 0, 5.0], [0, 0.9, 5.0]])
    np.testing.assert_array_equal(resample(image, transform), resample(image[:800, :800], transform))


def test_default_faces_are_level_centred_and_whole(default_faces: tuple[Face, ...]) -> None:
    for face in default_faces:
        right, left = face.landmarks[468, :2], face.landmarks[473, :2]
        assert abs(left[1] - right[1]) < 2
        assert abs((left[0] + right[0]) / 2 - 255.5) < 3
        assert 120 < face.interocular_px < 140
        assert face.landmarks[152, 1] < 500
        assert face.landmarks[10, 1] > 100
        assert face.upscale < 0.5
