from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from equime_builder.errors import DatasetError
from equime_evaluation.equity import estimator
from equime_evaluation.equity.audit import Repeats, audit_of
from equime_evaluation.equity.estimator import Bump, KnownMotion, amplitude, bent, bumps, known_clip, known_motions
from equime_evaluation.equity.faces import face_of, sittings
from equime_generation.encode import encode
from tests.evaluation.equity.material import material_of, plans_of, ten_people
from tests.moving import picture

BUMP = Bump(centre_px=(30.0, 40.0), motion_px=(3.0, -2.0), radius_px=9.0)


def grid(size: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    return x, y


@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_what_is_seen_has_come_from_where_the_bump_says(share: float) -> None:
    x, y = grid(80)
    seen = bent(np.stack([x, y, x], axis=-1), BUMP, share)  # a picture of its own coordinates
    inner = slice(8, -8)
    from_x, from_y = seen[inner, inner, 0], seen[inner, inner, 1]
    shift_x, shift_y = BUMP.at(from_x, from_y)
    assert np.abs(from_x + share * shift_x - x[inner, inner]).max() < 0.1  # OpenCV places samples to 1/32 px
    assert np.abs(from_y + share * shift_y - y[inner, inner]).max() < 0.1  # OpenCV places samples to 1/32 px


def test_bumps_have_the_same_size_on_every_face() -> None:
    for interocular_px in (90.0, 130.0):
        for bump in bumps(512, interocular_px).values():
            assert np.hypot(*bump.motion_px) == pytest.approx(0.024 * interocular_px)
            assert bump.radius_px == pytest.approx(0.18 * interocular_px)
    assert bumps(512, 100.0)["cheek"].centre_px == pytest.approx((256 - 60, 512 * 0.463 + 60))


def test_the_course_rises_and_falls_once() -> None:
    course = [amplitude(frame) for frame in range(48)]
    assert course.index(1.0) == 25
    assert course[:21] == [0.0] * 21
    assert course[32:] == [0.0] * 16
    assert sorted(course[20:26]) == course[20:26]
    assert sorted(course[25:33], reverse=True) == course[25:33]


def test_a_known_clip_moves_at_its_apex_alone_and_is_the_same_each_time() -> None:
    face = np.repeat(picture(80)[..., None], 3, axis=2)
    frames = known_clip(face, BUMP, key="k")
    assert frames.shape == (48, 80, 80, 3)
    change = np.abs(frames.astype(float) - face).mean((1, 2, 3))
    assert change.argmax() == 25
    assert change[:20].max() < 0.85 * change[25]
    assert (known_clip(face, BUMP, key="k") == frames).all()
    assert (known_clip(face, BUMP, key="other") != frames).any()


def test_texture_is_followed_and_smooth_skin_less_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimator, "PLACES", {"cheek": estimator.PLACES["cheek"]})
    textured = np.repeat(picture(512)[..., None], 3, axis=2)
    smooth = 128 + 0.06 * (np.asarray(cv2.GaussianBlur(textured, (0, 0), 4.0)) - 128)
    slopes = []
    for face in (textured, smooth.astype(np.float32)):
        (found,) = known_motions("who", face, interocular_px=128.0, encode=lambda frames: encode(frames).data)
        slopes.append(found.slope)
    assert slopes[0] == pytest.approx(1.0, abs=0.06)
    assert slopes[1] is None or slopes[1] < 0.9


def test_faces_come_from_the_clips_of_the_dataset(tiny_dataset: Path) -> None:
    found = sittings(tiny_dataset)
    assert [(item.subject_id, item.encoder_profile) for item in found] == [
        ("t001", "test"),
        ("t002", "test"),
        ("t003", "test"),
    ]
    # the samples move by 1.6 px and .0125 interocular distances
    assert found[0].interocular_px == pytest.approx(128)
    face = face_of(tiny_dataset, found[0])
    assert face.shape == (512, 512, 3)
    assert face.dtype == np.float32
    assert np.abs(face[0, :, 0] - np.linspace(0, 200, 512)).max() < 12


def test_a_clip_that_is_gone_is_missed(tiny_dataset: Path) -> None:
    with pytest.raises(DatasetError, match="lacks clip 'nobody'"):
        face_of(tiny_dataset, replace(sittings(tiny_dataset)[0], clip_id="nobody"))


def test_the_estimators_slope_stands_apart_in_means_gaps_and_limits() -> None:
    people = ten_people()
    known = [
        KnownMotion(subject_id=subject.id, place=place, slope=level - 0.1 * (subject.demographics.gender == "female"))
        for subject in people
        for place, level in (("brow", 0.9), ("chin", 1.0))
    ]
    known.append(KnownMotion(subject_id="t000", place="cheek", slope=None))
    plans = plans_of(people, design="crossed", clips_per_emotion=10)
    found = audit_of(material_of(people, plans), Repeats(resamples=100, permutations=99), known)
    (gap,) = [gap for gap in found.gaps if gap.outcome == "estimator's slope on known motion" and gap.first == "female"]
    assert (gap.second, gap.sets, gap.people) == ("male", 2, (7, 3))
    assert gap.difference == pytest.approx(-0.1)
    assert len(found.known) == 21
    assert any("smooth bumps that are the same on every face" in line for line in found.limits)
    assert not any("Run with --estimator" in line for line in found.limits)
