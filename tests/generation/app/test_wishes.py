"""What a visitor asks for becomes the plan that holds exactly that."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equime_builder.errors import UsageError
from equime_builder.facs import EMOTIONS, SIDES
from equime_builder.records import FRAMES
from equime_generation.app.wishes import (
    MOVABLE,
    RELEASE,
    RISE,
    STRONGEST,
    Wish,
    drawn_strengths,
    plan_of,
    scaled,
    usual_strengths,
)
from equime_generation.programmes import COMBINATIONS, FLOOR, FLOOR_OF
from equime_generation.timeline import MARGIN_FRAMES, MOST_FRAMES

KEYS = [(au, side) for au in MOVABLE for side in SIDES]


def wish(emotion: str = "happiness", **changes: object) -> Wish:
    given_ = {"strengths": {(12, "left"): 0.3, (12, "right"): 0.2}, "onset_frame": 60, "rise_frames": 4}
    return Wish(emotion=emotion, **{**given_, "release_frames": 5, **changes})  # type: ignore[arg-type]


def test_the_plan_of_a_smile_is_the_one_worked_by_hand() -> None:
    plan = plan_of(wish(), "openpeople-p001")
    assert [(au.au, au.side, au.intensity) for au in plan.aus] == [(12, "left", 0.3), (12, "right", 0.2)]
    assert (plan.onset_frame, plan.apex_frame, plan.offset_frame) == (60, 64, 69)
    # Minimum jerk, 10 u^3 - 15 u^4 + 6 u^5, a quarter of the way up and two fifths of the way back to rest.
    assert plan.aus[0].at(61) == pytest.approx(0.3 * 0.103516, abs=1e-6)
    assert plan.aus[1].at(67) == pytest.approx(0.2 * 0.31744, abs=1e-6)
    assert plan.caption == "A micro-expression of happiness: the lip corners pull up and outwards visibly."
    assert plan.clip_id.startswith("openpeople-p001-happiness-")


def test_the_same_wish_is_the_same_plan_and_any_other_another_one() -> None:
    assert plan_of(wish(), "ann") == plan_of(wish(), "ann")
    others = [wish(onset_frame=61), wish(rise_frames=5), wish(release_frames=6), wish(strengths={(12, "left"): 0.3})]
    assert len({plan_of(one, "ann").plan_id for one in [wish(), *others]}) == 5
    assert plan_of(wish(), "ann").nuisance == plan_of(wish(), "ben").nuisance, "same sway"


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"emotion": "neutral"}, "on a neutral clip nothing moves"),
        ({"strengths": {}}, "a clip of happiness needs a movement"),
        ({"strengths": {(4, "left"): 0.0}}, "raise one Action Unit, or choose neutral"),
        ({"rise_frames": 6, "release_frames": 7}, r"lasts 4 to 12 frames \(0.5 s\), this one 13"),
    ],
)
def test_contradictions_get_the_rule_and_the_next_step(changes: dict[str, object], rule: str) -> None:
    with pytest.raises(UsageError, match=rule):
        wish(**changes)  # type: ignore[arg-type]


def test_neutral_moves_nothing() -> None:
    plan = plan_of(wish("neutral", strengths={}), "ann")
    assert plan.aus == ()
    assert plan.apex_frame is None
    assert plan.negative_kind == "rest"


@given(
    strengths=st.dictionaries(st.sampled_from(KEYS), st.floats(0.01, STRONGEST), min_size=1),
    onset=st.integers(MARGIN_FRAMES, FRAMES - MARGIN_FRAMES - MOST_FRAMES - 1),
    rise=st.integers(*RISE),
    release=st.integers(*RELEASE),
)
def test_all_that_the_sliders_allow_can_be_planned(
    strengths: dict[tuple[int, str], float], onset: int, rise: int, release: int
) -> None:
    if rise + release > MOST_FRAMES:
        return
    asked = wish(strengths=strengths, onset_frame=onset, rise_frames=rise, release_frames=release)
    plan = plan_of(asked, "ann")
    assert {(au.au, au.side): au.intensity for au in plan.aus} == pytest.approx(strengths, abs=1e-6)
    assert plan.apex_frame == onset + rise
    assert (plan.onset_frame, plan.offset_frame) == (onset, onset + rise + release)


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_the_usual_combination_is_the_most_frequent_one(emotion: str) -> None:
    named = "+".join(dict.fromkeys(str(au) for au, _ in usual_strengths(emotion, 0.3)))
    assert COMBINATIONS[emotion][named] == max(COMBINATIONS[emotion].values())


def test_units_that_need_more_to_be_seen_get_their_floor() -> None:
    assert {au: value for (au, _), value in usual_strengths("anger", FLOOR).items()} == {4: FLOOR, 7: FLOOR_OF[7]}


@pytest.mark.parametrize("number", range(20))
def test_draws_are_the_models(number: int) -> None:
    names = {frozenset(map(int, name.removeprefix("U").split("+"))) for name in COMBINATIONS["sadness"]}
    drawn = drawn_strengths("sadness", number)
    assert frozenset(au for au, _ in drawn) in names
    assert drawn == drawn_strengths("sadness", number)


def test_scaling_keeps_proportions() -> None:
    assert scaled({(1, "left"): 0.2, (4, "left"): 0.1}, 0.4) == {(1, "left"): 0.4, (4, "left"): 0.2}
    assert scaled({(1, "left"): 0.0}, 0.4) == {(1, "left"): 0.0}
