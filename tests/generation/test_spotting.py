from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise

import pytest

from equime_builder.records import FRAMES, SPOTTING, Event, Plan
from equime_generation.causal import plan_clip, plan_clips, retry
from equime_generation.distractors import BLINK_FRAMES, HEAD_FRAMES
from equime_generation.programmes import draw_programme
from equime_generation.spotting import BLINK_SHARE, EVENT_SHARES, EXPRESSIONS, GAP_FRAMES, HEAD_SHARE, MARGIN_FRAMES
from equime_generation.timeline import MOST_FRAMES


def planned(number: int) -> Plan:
    name = f"p-spotting-{number:03d}"
    return plan_clip(subject_id="p", emotion=SPOTTING, clip_id=name, plan_id=name, seed=0)


PLANS = [planned(number) for number in range(300)]


def spans(plan: Plan) -> list[tuple[int, int]]:
    happenings = [(event.onset_frame, event.offset_frame) for event in plan.events]
    happenings += [(onset, offset) for onset, _, offset in plan.blink_spans]
    return sorted(happenings + [(motion.onset_frame, motion.offset_frame) for motion in plan.head_motions])


def test_nothing_happens_at_the_same_time_as_anything_else() -> None:
    for plan in PLANS:
        times = spans(plan)
        assert times[0][0] >= MARGIN_FRAMES
        assert times[-1][1] <= FRAMES - 1 - MARGIN_FRAMES
        assert all(later[0] - earlier[1] >= GAP_FRAMES for earlier, later in pairwise(times))


def test_the_fullest_scene_fits() -> None:
    lags = 2
    longest = [MOST_FRAMES + lags] * max(EVENT_SHARES) + [BLINK_FRAMES[1], HEAD_FRAMES[1]]
    assert sum(longest) + GAP_FRAMES * (len(longest) - 1) + 2 * MARGIN_FRAMES <= FRAMES - 1


def test_events_blinks_and_head_motions_have_their_shares() -> None:
    def near(count: int, share: float) -> bool:
        return abs(count - len(PLANS) * share) < 3.5 * math.sqrt(len(PLANS) * share * (1 - share))

    numbers = Counter(len(plan.events) for plan in PLANS)
    assert all(near(numbers[number], share) for number, share in EVENT_SHARES.items())
    assert near(sum(bool(plan.blinks) for plan in PLANS), BLINK_SHARE)
    assert near(sum(bool(plan.head_motions) for plan in PLANS), HEAD_SHARE)
    emotions = Counter(event.emotion for plan in PLANS for event in plan.events)
    assert set(emotions) == set(EXPRESSIONS)
    assert max(emotions.values()) < 1.5 * min(emotions.values())


def test_each_event_is_that_of_a_clip_of_its_own() -> None:
    for plan in PLANS[:40]:
        alone = [plan.of_event(event) for event in plan.events]
        assert [au for one in alone for au in one.aus] == list(plan.aus)
        for one in alone:
            frames = range(FRAMES)
            total = [sum(au.at(frame) for au in one.aus) for frame in frames]
            assert one.apex_frame is not None
            held = [frame for frame in frames if total[frame] >= 0.99 * max(total)]
            assert abs(one.apex_frame - (held[0] + held[-1]) / 2) <= 0.5
            assert (one.blinks, one.head_motions, one.events) == ((), (), ())


def test_an_event_is_the_programme_of_its_emotion_moved_in_time() -> None:
    plan = next(plan for plan in PLANS if len(plan.events) == 1)
    (event,) = plan.events
    drawn = draw_programme(event.emotion, seed=0, plan_id=f"{plan.plan_id}/event-0")
    assert [(au.au, au.side, au.curve) for au in plan.aus] == [(au.au, au.side, au.curve) for au in drawn]
    shifts = {mine.onset_frame - theirs.onset_frame for mine, theirs in zip(plan.aus, drawn, strict=True)}
    assert len(shifts) == 1


def test_the_words_tell_events_in_order_of_time() -> None:
    plan = next(plan for plan in PLANS if len({event.emotion for event in plan.events}) == 3 and plan.blinks)
    for words in (plan.prompt, plan.caption):
        places = [words.index(event.emotion) for event in plan.events]
        assert places == sorted(places)
        assert f"{plan.events[0].apex_frame / 24:.1f} s" in words
        assert "blink" in words
    assert "blinking" not in plan.negative_prompt


def test_the_person_has_no_say() -> None:
    plans = list(plan_clips({SPOTTING: ["a", "b", "a", "b"]}, design="crossed", seed=4))
    first, second, third, fourth = ((plan.events, plan.aus, plan.blinks, plan.caption) for plan in plans)
    assert (first, third) == (second, fourth)
    assert first != third


def test_a_retry_keeps_the_scene() -> None:
    again = retry(PLANS[0], seed=0, attempt=1)
    assert (again.events, again.aus, again.blinks) == (PLANS[0].events, PLANS[0].aus, PLANS[0].blinks)
    assert again.nuisance != PLANS[0].nuisance


@pytest.mark.parametrize("emotion", ["boredom", "spotting"])
def test_an_event_shows_one_emotion(emotion: str) -> None:
    with pytest.raises(ValueError, match="emotion must be one of"):
        Event(emotion=emotion, onset_frame=1, apex_frame=2, offset_frame=3)
