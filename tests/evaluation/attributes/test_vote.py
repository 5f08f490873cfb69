import pytest

from equime_evaluation.attributes import FaceEstimate, vote
from equime_evaluation.attributes.analysis import spread
from equime_evaluation.clips import Clip

CLIP = Clip(name="a.mp4", root="a.mp4", key="")


def face(frame: int, age: float | None = None, female: float | None = None, faces: int = 1) -> FaceEstimate:
    genders = {} if female is None else {"female": female, "male": 1 - female}
    return FaceEstimate(frame=frame, faces=faces, x=0, y=0, width=10, height=10, age=age, genders=genders)


def test_most_frames_win_and_the_spread_is_told() -> None:
    found = vote(CLIP, [face(0, 20, 0.9), face(1, 30, 0.4), face(2, 70, 0.4, faces=3)], frames=4, tool="x")
    assert (found.gender, found.gender_agreement) == ("male", 0.6667)
    assert found.age == 30
    assert found.age_spread == pytest.approx(((20**2 + 10**2 + 30**2) / 3) ** 0.5, abs=1e-4)
    assert (found.frames, found.frames_with_face, found.most_faces) == (4, 3, 3)


def test_of_equally_many_frames_the_surer_win() -> None:
    assert vote(CLIP, [face(0, female=0.9), face(1, female=0.4)], frames=2, tool="x").gender == "female"
    assert vote(CLIP, [face(0, female=0.6), face(1, female=0.1)], frames=2, tool="x").gender == "male"


def test_what_nobody_measured_stays_unmeasured() -> None:
    found = vote(CLIP, [face(0)], frames=1, tool="x")
    assert (found.age, found.age_spread, found.gender, found.gender_agreement, found.ethnicity) == (None,) * 5
    assert vote(CLIP, [face(0, 20)], frames=1, tool="x").age_spread is None
    assert vote(CLIP, [], frames=3, tool="x").frames_with_face == 0


def test_frames_are_evenly_spread() -> None:
    assert sorted(spread(144, 4)) == [18, 54, 90, 126]
    assert sorted(spread(3, 8)) == sorted(spread(3, 0)) == [0, 1, 2]
    assert all(len(spread(count, 8)) == min(count, 8) for count in range(1, 40))
