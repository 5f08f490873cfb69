"""Where one person's clip of a programme is dropped, a crossed build leaves the others of that programme out, too."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from equime_builder.records import Plan, Reject
from equime_generation.whole_sets import left_out
from tests.samples import people, plan

PEOPLE, TAKES = people(3), range(4)
PLANS = [replace(plan(who, "fear", take), plan_id=f"fear-{take}") for who in PEOPLE for take in TAKES]


def dropped(one: Plan, *, attempt: int = 0, final: bool = True) -> Reject:
    return Reject(kind="clip", id=one.clip_id, reason="weak_motion", detail="", attempt=attempt, final=final)


def test_one_clip_takes_its_set_along() -> None:
    of_the_second = [one for one in PLANS if one.plan_id == "fear-1"]
    tried = dropped(of_the_second[1], attempt=0, final=False)
    found = list(left_out(PLANS, [tried, dropped(of_the_second[0], attempt=3)]))
    assert [(one.id, one.reason, one.attempt, one.final) for one in found] == [
        (of_the_second[1].clip_id, "incomplete_set", 1, True),
        (of_the_second[2].clip_id, "incomplete_set", 0, True),
    ]
    assert all(of_the_second[0].clip_id in one.detail for one in found)


def test_clips_that_passed_at_a_later_attempt_and_refused_photos_leave_sets_whole() -> None:
    photo = Reject(kind="photo", id=PLANS[0].clip_id, reason="smile", detail="")
    assert list(left_out(PLANS, [dropped(PLANS[0], final=False), photo])) == []


@given(st.sets(st.sampled_from(PLANS).map(lambda one: one.clip_id)))
def test_every_person_keeps_the_same_programmes(given_up: set[str]) -> None:
    rejects = [dropped(one) for one in PLANS if one.clip_id in given_up]
    gone = given_up | {one.id for one in left_out(PLANS, rejects)}
    kept = [one for one in PLANS if one.clip_id not in gone]
    assert set(Counter(one.plan_id for one in kept).values()) <= {len(PEOPLE)}
    untouched = {one.plan_id for one in PLANS} - {one.plan_id for one in PLANS if one.clip_id in given_up}
    assert {one.plan_id for one in kept} == untouched
