from __future__ import annotations

import numpy as np
import pytest

from equime_generation.faces import Face
from equime_generation.skin import (
    background_gains,
    linear_to_lab,
    polygon_mask,
    skin_ita,
    srgb_to_linear,
    typology_angle,
)


@pytest.mark.parametrize(
    ("rgb", "lab"),
    [
        # published values of the sRGB primaries under D65
        ((255, 255, 255), (100.0, 0.0, 0.0)),
        ((0, 0, 0), (0.0, 0.0, 0.0)),
        ((255, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 255, 0), (87.73, -86.18, 83.18)),
        ((0, 0, 255), (32.30, 79.19, -107.86)),
        ((119, 119, 119), (50.03, 0.0, 0.0)),
    ],
)
def test_lab_of_known_colours(rgb: tuple[int, ...], lab: tuple[float, ...]) -> None:
    np.testing.assert_allclose(linear_to_lab(srgb_to_linear(np.array(rgb) / 255)), lab, atol=0.02)


def test_lab_agrees_with_scikit_image() -> None:
    color = pytest.importorskip("skimage.color")
    values = np.random.default_rng(3).random((50, 1, 3))
    np.testing.assert_allclose(linear_to_lab(srgb_to_linear(values)), color.rgb2lab(values), atol=0.02)


@pytest.mark.parametrize(
    ("lab", "degrees"),
    [((70, 12, 20), 45.0), ((50, 10, 15), 0.0), ((30, 5, 20), -45.0), ((50 + 17.3205, 9, 10), 60.0)],
)
def test_typology_angle_by_hand(lab: tuple[float, ...], degrees: float) -> None:
    assert typology_angle(np.array(lab)) == pytest.approx(degrees, abs=1e-3)


def painted(face: Face, skin: tuple[int, int, int], ground: tuple[int, int, int]) -> np.ndarray:
    image = np.empty((512, 512, 3), np.uint8)
    image[:] = ground
    image[64:] = skin
    return image


def test_the_angle_of_a_painted_face_is_that_of_its_colour(default_face: Face) -> None:
    # sRGB (224, 172, 105) by scikit-image: L* 74.02, a* 11.35, b* 41.81: arctan(24.02 / 41.81) = 29.88 degrees
    image = painted(default_face, (224, 172, 105), (0, 90, 200))
    assert skin_ita(image, default_face.landmarks) == pytest.approx(29.88, abs=0.1)


def test_a_tinted_light_on_a_grey_background_is_divided_out(default_face: Face) -> None:
    plain = painted(default_face, (190, 140, 110), (128, 128, 128))
    tint = np.array([1.08, 1.0, 0.94])
    linear = srgb_to_linear(plain / 255.0) * tint
    shown = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    tinted = np.rint(255 * shown).astype(np.uint8)
    expected = skin_ita(plain, default_face.landmarks)
    assert expected is not None
    assert skin_ita(tinted, default_face.landmarks) == pytest.approx(expected, abs=1.0)


def test_a_coloured_or_busy_background_tells_nothing() -> None:
    blue = np.full((512, 512, 3), (40, 90, 200), np.uint8)
    busy = np.random.default_rng(0).integers(0, 256, (512, 512, 3), dtype=np.uint8)
    assert background_gains(blue) is None
    assert background_gains(busy) is None


def test_a_black_and_white_photo_has_no_skin_tone(default_face: Face) -> None:
    grey = np.repeat(default_face.image.mean(-1, keepdims=True).astype(np.uint8), 3, axis=-1)
    assert skin_ita(grey, default_face.landmarks) is None


def test_the_mask_is_the_hull_of_its_points() -> None:
    points = np.zeros((478, 3))
    points[:3, :2] = [(10, 10), (20, 10), (10, 20)]
    assert polygon_mask((40, 40, 3), points, (0, 1, 2)).sum() == 66


def test_default_people_span_light_to_tan(default_faces: tuple[Face, ...]) -> None:
    angles = {face.subject.id: face.subject.skin_ita for face in default_faces}
    assert all(angle is not None and 20 < angle < 60 for angle in angles.values())
    light, deep = angles["openpeople-p003"], angles["openpeople-p009"]
    assert light is not None
    assert deep is not None
    assert light > deep + 15
