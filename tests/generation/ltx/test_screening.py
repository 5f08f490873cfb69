"""Clips of the diffusion renderer are measured against their plan and screened by the same rules as warped ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from equime_builder.records import Placement
from equime_generation.causal import plan_clip
from equime_generation.config import RunConfig
from equime_generation.finishing import Order, finish_clip
from equime_generation.recipe import maker_of
from equime_generation.renderers import Job
from equime_generation.renderers.ltx.settings import LtxSettings
from tests.generation.ltx.stand_in import GuideModel, renderer_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from equime_builder.records import Plan
    from equime_generation.faces import Face
    from equime_generation.renderers import Clip

Spoil = Callable[["NDArray[np.uint8]"], "NDArray[np.uint8]"]
CONFIG = RunConfig(renderer="ltx", ltx=LtxSettings(conditioning="guide", device="cpu"))
PLACEMENT = Placement(split="train", fold=0)


def plan_of(face: Face, emotion: str = "surprise") -> Plan:
    who = face.subject.id
    return plan_clip(subject_id=who, emotion=emotion, clip_id=f"{who}-{emotion}-000", plan_id="set-000", seed=0)


@pytest.fixture(scope="module")
def faithful(default_face: Face) -> Clip:
    """A clip of a model that follows its guide."""
    (clip,) = renderer_of(GuideModel()).render([Job(face=default_face, plan=plan_of(default_face))])
    return clip


def finished(clip: Clip, face: Face) -> tuple[dict[str, Any] | None, list[str]]:
    maker = maker_of(renderer_of(GuideModel()), CONFIG)
    row, faults = finish_clip(clip, Order(face=face, placement=PLACEMENT, config=CONFIG, maker=maker))
    return row, [fault.reason for fault in faults]


def test_a_clip_that_follows_its_plan_is_kept(faithful: Clip, default_face: Face) -> None:
    row, faults = finished(faithful, default_face)
    assert faults == []
    assert row is not None
    assert row["true_motion"] is None
    assert row["measured"]["correlation"] > 0.85, "a clean clip loses more to coding than a noisy one"
    assert row["measured"]["slope"] == pytest.approx(1, abs=0.2)
    assert abs(row["measured"]["apex_frame"] - row["apex_frame"]) <= 2
    assert (row["renderer"], row["model"], row["model_revision"]) == ("ltx", "stand-in", "0" * 64)


def frozen(frames: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.repeat(frames[:1], len(frames), axis=0)


def late(frames: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.concatenate([np.repeat(frames[:1], 6, axis=0), frames[:-6]])


def black(frames: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.zeros_like(frames)


def twice(frames: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.concatenate([frames[72:], frames[72:]])


@pytest.mark.parametrize(
    ("spoil", "reason"), [(frozen, "no_peak"), (late, "wrong_apex"), (black, "flat"), (twice, "several_peaks")]
)
def test_a_clip_that_does_something_else_is_dropped(
    faithful: Clip, default_face: Face, spoil: Spoil, reason: str
) -> None:
    row, faults = finished(replace(faithful, frames=spoil(faithful.frames)), default_face)
    assert row is None
    assert reason in faults


def test_batches_hold_people_together_and_prompts_come_first(default_faces: tuple[Face, ...]) -> None:
    model = GuideModel(batch_size=2)
    jobs = [Job(face=face, plan=plan_of(face, "neutral")) for face in (*default_faces[:2], default_faces[0])]
    clips = list(renderer_of(model, "text").render(jobs))
    assert model.batches == [2, 1]
    assert [clip.plan.subject_id for clip in clips] == sorted(job.plan.subject_id for job in jobs)
    assert model.prompts == [job.plan.prompt for job in jobs]
