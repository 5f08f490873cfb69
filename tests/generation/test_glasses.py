from __future__ import annotations

import itertools

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equime_generation.faces import Face
from equime_generation.gate.glasses import RAYS_DEG, best_path, rim_evidence

Colour = tuple[int, int, int]
SUBPIXEL_BITS = 4

RIMS: dict[str, Colour] = {
    "black": (15, 15, 15),
    "tortoiseshell": (70, 45, 30),
    "white": (230, 230, 230),
    "gold": (210, 180, 100),
    "steel": (150, 150, 155),
    "red": (190, 50, 50),
}


def with_rims(face: Face, colour: Colour, thickness_px: int, *, eyes: str = "both") -> np.ndarray:
    """Draw two ellipses and a bridge, as glasses sit: a little below the eyes' centres."""
    iod = face.interocular_px
    right, left = face.landmarks[468, :2], face.landmarks[473, :2]
    cover = np.zeros((512, 512), np.uint8)
    for name, centre in (("right", right), ("left", left)):
        if eyes in (name, "both"):
            place = centre + np.array([0, 0.05 * iod])
            fixed = tuple(int(value * 2**SUBPIXEL_BITS) for value in place)
            axes = (int(0.38 * iod * 2**SUBPIXEL_BITS), int(0.3 * iod * 2**SUBPIXEL_BITS))
            cv2.ellipse(cover, fixed, axes, 0, 0, 360, (255,), thickness_px, cv2.LINE_AA, SUBPIXEL_BITS)
    middle = (right + left) / 2
    start, end = (tuple(int(v) for v in middle + np.array([side * 0.12 * iod, 0])) for side in (-1, 1))
    cv2.line(cover, start, end, (255,), thickness_px, cv2.LINE_AA)
    share = cover[..., None] / 255
    return np.rint(face.image * (1 - share) + np.array(colour) * share).astype(np.uint8)


def exposed(face: Face, factor: float) -> np.ndarray:
    """The face with every linear light value times ``factor``, as darker skin under the same lamp."""
    values = np.arange(256) / 255
    linear = factor * np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    shown = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    table = np.rint(255 * np.clip(shown, 0, 1)).astype(np.uint8)
    return np.asarray(table[face.image])


def replaced(face: Face, image: np.ndarray) -> Face:
    return Face(subject=face.subject, image=image, landmarks=face.landmarks, upscale=face.upscale)


def test_bare_faces_pass_with_room(default_faces: tuple[Face, ...]) -> None:
    assert max(rim_evidence(face.image, face.landmarks) for face in default_faces) < 0.6


@pytest.mark.parametrize("factor", [0.5, 0.2])
def test_bare_faces_of_darker_skin_pass_as_well(factor: float, default_faces: tuple[Face, ...]) -> None:
    rng = np.random.default_rng(7)
    for face in default_faces[::3]:
        noisy = np.clip(exposed(face, factor) + rng.normal(0, 3, face.image.shape), 0, 255).astype(np.uint8)
        assert rim_evidence(noisy, face.landmarks) < 0.8


@pytest.mark.parametrize(("colour", "thickness_px"), list(itertools.product(RIMS, [2, 6, 14])))
def test_rims_are_seen(colour: str, thickness_px: int, default_faces: tuple[Face, ...]) -> None:
    # every rim on people in turn, so that each of the ten wears some
    number = list(RIMS).index(colour) + thickness_px
    for face in (default_faces[number % 10], default_faces[(number + 5) % 10]):
        assert rim_evidence(with_rims(face, RIMS[colour], thickness_px), face.landmarks) > 1.2


@pytest.mark.parametrize("colour", ["black", "tortoiseshell", "white", "gold"])
def test_rims_are_seen_on_darker_skin(colour: str, default_face: Face) -> None:
    face = replaced(default_face, exposed(default_face, 0.25))
    assert rim_evidence(with_rims(face, RIMS[colour], 3), face.landmarks) > 1.2


def test_a_mark_under_one_eye_is_no_pair_of_glasses(default_face: Face) -> None:
    for eye in ("left", "right"):
        image = with_rims(default_face, RIMS["black"], 4, eyes=eye)
        assert rim_evidence(image, default_face.landmarks) < 0.6


def test_a_mirrored_face_gives_the_same_evidence(default_face: Face) -> None:
    for image in (default_face.image, with_rims(default_face, RIMS["gold"], 3)):
        mirrored = default_face.landmarks.copy()
        mirrored[:, 0] = 511 - mirrored[:, 0]
        # the corners change sides: 33, 133 are the right eye's, 263, 362 the left one's
        mirrored[[33, 133, 263, 362]] = mirrored[[263, 362, 33, 133]]
        evidence = rim_evidence(image, default_face.landmarks)
        assert rim_evidence(image[:, ::-1], mirrored) == pytest.approx(evidence, rel=0.03)


def test_a_plain_picture_holds_no_evidence(default_face: Face) -> None:
    plain = np.full((512, 512, 3), 140, np.uint8)
    assert rim_evidence(plain, default_face.landmarks) == pytest.approx(0, abs=1e-6)


def test_the_best_path_follows_a_ridge() -> None:
    row = np.rint(10 + 5 * np.sin(RAYS_DEG / 15)).astype(int)
    values = np.zeros((1, len(row), 24))
    values[0, np.arange(len(row)), row] = 1
    np.testing.assert_array_equal(best_path(values), np.ones((1, len(row))))


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_no_path_has_a_larger_sum(seed: int) -> None:
    values = np.random.default_rng(seed).integers(0, 9, (2, 4, 5)).astype(float)
    for one, found in zip(values, best_path(values), strict=True):
        sums = [
            sum(one[column, row] for column, row in enumerate(rows))
            for rows in itertools.product(range(5), repeat=4)
            if max(abs(np.diff(rows))) <= 2
        ]
        assert found.sum() == max(sums)
