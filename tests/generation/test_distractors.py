from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from equime_builder.facs import EMOTIONS
from equime_builder.records import FRAMES
from equime_builder.streams import stream
from equime_generation.causal import MODEL, Draw, plan_clip
from equime_generation.distractors import (
    BLINK_FRAMES,
    CLOSURE,
    HEAD_FRAMES,
    KIND_SHARES,
    MARGIN_FRAMES,
    SHIFT_PX,
    draw_blink,
    draw_distraction,
)

DRAWS = [draw_distraction("neutral", stream("t", number)) for number in range(400)]


def test_kinds_have_their_shares() -> None:
    counts = Counter(draw.kind for draw in DRAWS)
    for kind, share in KIND_SHARES.items():
        deviation = (400 * share * (1 - share)) ** 0.5
        assert abs(counts[kind] - 400 * share) < 3 * deviation


@pytest.mark.parametrize("emotion", [name for name in EMOTIONS if name != "neutral"])
def test_no_expression_has_a_distractor(emotion: str) -> None:
    assert {draw_distraction(emotion, stream("t", number)).kind for number in range(50)} == {"rest"}


def test_blinks_last_150_to_400_ms_and_close_faster_than_they_open() -> None:
    blinks = [lid for draw in DRAWS for lid in draw.blinks]
    assert {lid.au for lid in blinks} == {43}
    assert {lid.offset_frame - lid.onset_frame for lid in blinks} == set(range(BLINK_FRAMES[0], BLINK_FRAMES[1] + 1))
    assert all(0.15 <= frames / 24 <= 0.40 for frames in BLINK_FRAMES)
    assert all(lid.apex_frame - lid.onset_frame < lid.offset_frame - lid.apex_frame for lid in blinks)
    assert all(CLOSURE[0] <= lid.intensity <= CLOSURE[1] for lid in blinks)


def test_both_lids_close_alike() -> None:
    left, right = draw_blink(30, 6, stream("t"))
    assert (left.side, right.side) == ("left", "right")
    assert (left.curve, left.onset_frame) == (right.curve, right.onset_frame)
    assert left.curve[0] == left.curve[-1] == 0


def test_one_or_two_blinks_apart() -> None:
    plans = [plan_clip(subject_id="p", emotion="neutral", clip_id=f"{n}", plan_id=f"{n}", seed=0) for n in range(200)]
    spans = [plan.blink_spans for plan in plans if plan.negative_kind == "blink"]
    assert {len(found) for found in spans} == {1, 2}
    for found in spans:
        assert found[0][0] >= MARGIN_FRAMES
        assert found[-1][2] <= FRAMES - 1 - MARGIN_FRAMES
        assert all(later[0] - earlier[2] >= MARGIN_FRAMES for earlier, later in pairwise(found))


def test_the_head_moves_slowly_and_a_few_pixels() -> None:
    motions = [motion for draw in DRAWS for motion in draw.head_motions]
    assert len(motions) > 50
    for motion in motions:
        assert HEAD_FRAMES[0] <= motion.offset_frame - motion.onset_frame <= HEAD_FRAMES[1]
        assert SHIFT_PX[0] <= (motion.shift_x_px**2 + motion.shift_y_px**2) ** 0.5 <= SHIFT_PX[1]
    assert min(motion.shift_x_px for motion in motions) < -2
    assert max(motion.shift_x_px for motion in motions) > 2


def test_the_person_has_no_say_and_the_plan_has_all() -> None:
    assert MODEL.independent("D", "B")
    same = {plan_clip(subject_id=who, emotion="neutral", clip_id=who, plan_id="n-3", seed=1).blinks for who in "abc"}
    assert len(same) == 1
    drawn = MODEL.do(D="a", E="neutral").sample(Draw(seed=1, plan_id="n-3"))["B"]
    assert drawn == MODEL.do(D="b", E="neutral").sample(Draw(seed=1, plan_id="n-3"))["B"]


def test_words_say_what_moves() -> None:
    plans = {
        plan.negative_kind: plan
        for number in range(40)
        for plan in [plan_clip(subject_id="p", emotion="neutral", clip_id=f"{number}", plan_id=f"{number}", seed=0)]
    }
    assert "blink" in plans["blink"].prompt
    assert "blink" in plans["blink"].caption
    assert "blinking" not in plans["blink"].negative_prompt
    assert "head movement" in plans["blink"].negative_prompt
    assert "head movement" not in plans["head"].negative_prompt
    assert {"blinking", "closed eyes", "head movement"} <= set(plans["rest"].negative_prompt.split(", "))
