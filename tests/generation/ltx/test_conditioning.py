"""What a model is shown: pictures at the frames that a plan names, painted clean."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

from equime_generation.causal import plan_clip
from equime_generation.renderers import Job
from equime_generation.renderers.ltx.batches import in_batches
from equime_generation.renderers.ltx.compression import compressed
from equime_generation.renderers.ltx.conditioning import Conditioning, conditioning_of, frames_of, moments_of
from equime_generation.renderers.warp.rig import Rig

if TYPE_CHECKING:
    from equime_builder.records import Plan
    from equime_generation.faces import Face


def plan_of(emotion: str, number: int = 0, who: str = "ann") -> Plan:
    return plan_clip(subject_id=who, emotion=emotion, clip_id=f"{who}-{number}", plan_id=f"p{number}", seed=1)


def test_an_expression_shows_rest_apex_rest() -> None:
    plan = plan_of("fear")
    assert plan.apex_frame is not None
    assert frames_of("keyframes", plan) == (0, plan.apex_frame, 144)
    assert frames_of("text", plan) == (0,)
    assert frames_of("guide", plan) == tuple(range(145))


def test_several_events_show_each_apex_and_rest_between() -> None:
    plan = plan_of("spotting")
    moments = moments_of(plan)
    frames = frames_of("keyframes", plan)
    assert {event.apex_frame for event in plan.events} <= set(frames)
    assert [apex for _, apex, _ in moments] == sorted(apex for _, apex, _ in moments)
    for (_, _, offset), (onset, _, _) in pairwise(moments):
        if offset <= onset:
            assert any(offset <= frame <= onset for frame in frames)


@pytest.mark.parametrize("frames", [(), (1,), (0, 5, 5), (0, 9, 3), (0, 145)])
def test_frames_that_diffusers_would_take_silently_are_refused(frames: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="must rise from frame 0 and stay below 145"):
        Conditioning(frames=frames, pictures=np.zeros((len(frames), 8, 8, 3), np.uint8))


def test_rest_is_painted_twice_alike_and_the_apex_otherwise(default_face: Face) -> None:
    plan = plan_of("surprise")
    shown = conditioning_of("keyframes", Rig(default_face), plan)
    assert shown.pictures.shape == (3, 512, 512, 3)
    assert (shown.later, shown.guide) == (2, False)
    first, apex, last = shown.pictures.astype(int)
    assert np.array_equal(first, last)
    assert np.abs(apex - first).max() > 20
    noisier = replace(plan, nuisance=replace(plan.nuisance, noise_sigma=9.0, sway_px=9.0))
    assert np.array_equal(conditioning_of("keyframes", Rig(default_face), noisier).pictures, shown.pictures)


def test_text_shows_the_photo_alone(default_face: Face) -> None:
    shown = conditioning_of("text", Rig(default_face), plan_of("fear"))
    assert np.array_equal(shown.pictures[0], default_face.image)


def test_compression_costs_detail_and_zero_costs_none() -> None:
    picture = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    assert compressed(picture, 0) is picture
    fine, coarse = (np.abs(compressed(picture, crf).astype(int) - picture).mean() for crf in (10, 40))
    assert 0 < fine < coarse


def test_batches_share_the_number_of_pictures(default_face: Face) -> None:
    jobs = [Job(face=default_face, plan=plan_of("fear", number, who)) for number in range(3) for who in ("bo", "ann")]
    batches = in_batches(jobs, 4, lambda job: 2 if job.plan.plan_id == "p1" else 3)
    assert [[job.plan.clip_id for job in batch] for batch in batches] == [
        ["ann-0", "ann-2", "bo-0", "bo-2"],
        ["ann-1", "bo-1"],
    ]
