import numpy as np
import pytest
from skimage.transform import SimilarityTransform

from equime_evaluation.baselines.faces import FacePoints, cut_out, face_transform, whole


def test_eyes_are_level_and_always_in_the_same_place() -> None:
    base = {"right_eye": (100.0, 120.0), "left_eye": (160.0, 120.0), "mouth": (130.0, 180.0)}
    upright = face_transform(FacePoints(**base), 112)
    turned = SimilarityTransform(scale=1.7, rotation=0.3, translation=(40, -9))
    moved = {name: tuple(turned([point])[0]) for name, point in base.items()}
    follows = face_transform(FacePoints(**moved), 112)
    for name, point in base.items():
        here = upright @ (*point, 1.0)
        there = follows @ (*moved[name], 1.0)
        assert there == pytest.approx(here, abs=1e-6)
    right, left = (upright @ (*base[name], 1.0) for name in ("right_eye", "left_eye"))
    assert right[1] == pytest.approx(left[1])
    # half the side is 1.4 eye distances of 60 px, so that 112 px are 168 px of the picture
    assert left[0] - right[0] == pytest.approx(60 * 112 / 168)


def test_the_crop_shows_what_lies_there() -> None:
    ramp = np.tile(np.arange(200, dtype=np.uint8), (200, 1))
    points = FacePoints(right_eye=(80.0, 90.0), left_eye=(120.0, 90.0), mouth=(100.0, 130.0))
    crop = cut_out(ramp, face_transform(points, 56), 56)
    # the middle of the crop is the middle of the face, x = 100; it spans 112 px
    assert crop.shape == (56, 56)
    assert crop[:, 27:29].mean() == pytest.approx(100, abs=0.5)
    assert float(crop[0, -1]) - float(crop[0, 0]) == pytest.approx(110, abs=1)


def test_a_whole_picture_is_averaged() -> None:
    checks = np.indices((64, 64)).sum(0) % 2 * np.uint8(200)
    assert (whole(checks.astype(np.uint8), 32) == 100).all()
