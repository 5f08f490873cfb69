from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equime_builder.facs import EMOTIONS
from equime_generation.causal import plan_clip, plan_clips, retry
from equime_generation.programmes import draw_programme
from equime_generation.prompts import describe

PEOPLE = [f"person-{number}" for number in range(7)]
who = st.sampled_from([f"p{number}" for number in range(8)])


@given(st.lists(who, max_size=20), st.lists(who, max_size=20), st.sampled_from(["independent", "crossed"]))
def test_each_turn_gives_one_clip_of_its_own(fear: list[str], anger: list[str], design: str) -> None:
    plans = list(plan_clips({"fear": fear, "anger": anger}, design=design, seed=3))
    assert [plan.subject_id for plan in plans] == fear + anger
    assert len({plan.clip_id for plan in plans}) == len(plans)


@given(st.lists(who, max_size=12), st.lists(who, max_size=12), st.randoms(use_true_random=False))
def test_plans_do_not_depend_on_order_or_company(few: list[str], more: list[str], shuffler: Random) -> None:
    company = few + more
    shuffler.shuffle(company)
    alone = plan_clips({"anger": few}, design="independent", seed=3)
    together = plan_clips({"fear": more, "anger": company}, design="independent", seed=3)
    known = {plan.clip_id: plan for plan in together}
    assert all(known[plan.clip_id] == plan for plan in alone)


def test_crossed_clips_share_programme_and_nuisance() -> None:
    plans = list(plan_clips({"fear": PEOPLE * 2}, design="crossed", seed=0))
    by_plan: dict[str, list[object]] = {}
    for plan in plans:
        by_plan.setdefault(plan.plan_id, []).append((plan.aus, plan.nuisance, plan.prompt))
    assert sorted(by_plan) == ["fear-000", "fear-001"]
    for members in by_plan.values():
        assert len(members) == 7
        assert all(member == members[0] for member in members)
    assert len({plan.seed for plan in plans}) == 14


def test_independent_clips_differ() -> None:
    plans = list(plan_clips({"fear": PEOPLE}, design="independent", seed=0))
    assert len({plan.aus for plan in plans}) == 7


def test_a_retry_keeps_the_programme_and_draws_new_nuisance() -> None:
    first = plan_clip(subject_id="p", emotion="sadness", clip_id="c", plan_id="c", seed=1)
    second = retry(first, seed=1, attempt=1)
    assert retry(second, seed=1, attempt=1) is second
    assert retry(second, seed=1, attempt=0) == first
    assert first.aus == second.aus
    assert first.prompt == second.prompt
    assert first.nuisance != second.nuisance
    assert first.seed != second.seed


def test_another_seed_gives_other_programmes() -> None:
    programmes = {draw_programme("surprise", seed=seed, plan_id="x") for seed in range(20)}
    assert len(programmes) == 20


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_events_frame_every_movement(emotion: str) -> None:
    for number in range(50):
        plan = plan_clip(subject_id="p", emotion=emotion, clip_id=f"c{number}", plan_id=f"c{number}", seed=0)
        if emotion == "neutral":
            assert (plan.aus, plan.onset_frame, plan.apex_frame, plan.offset_frame) == ((), None, None, None)
            continue
        assert plan.onset_frame is not None
        assert plan.apex_frame is not None
        assert plan.offset_frame is not None
        frames = range(plan.onset_frame, plan.offset_frame + 1)
        total = np.array([sum(au.at(frame) for au in plan.aus) for frame in frames])
        assert total[0] == total[-1] == 0
        held = plan.onset_frame + np.flatnonzero(total >= 0.99 * total.max())
        assert abs(plan.apex_frame - (held[0] + held[-1]) / 2) <= 0.5, "the middle of the hold"
        assert len(frames) - 1 <= 14, "12 frames and a lag at either end"


def test_prompts_name_the_movements_and_no_person() -> None:
    plan = plan_clip(subject_id="p", emotion="happiness", clip_id="c", plan_id="c", seed=5)
    assert describe(plan.aus) in plan.prompt
    assert "happiness" in plan.prompt
    assert not {"man", "woman", "male", "female", "old", "young", "skin"} & set(plan.prompt.lower().split())
