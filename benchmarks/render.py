"""What a clip costs on one thread, against the cost of encoding the same frames, which no renderer can avoid."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.figures import Figure

if TYPE_CHECKING:
    from equime_builder.records import Plan
    from equime_generation.faces import Face
    from equime_generation.renderers import Renderer

CLIPS_PER_PERSON = 12
MORE_CLIPS_PER_PERSON = 24
PEOPLE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """CPU seconds of one clip; the first of a person holds what is worked out once a photo."""

    render_s: float
    encode_s: float
    measure_s: float


def figures() -> Iterator[Figure]:
    """Render, encode and measure 12 clips a photo as a worker does, in turn, in one run; then 12 more of each."""
    everything = list(_costs())
    usual = everything[: CLIPS_PER_PERSON * PEOPLE]
    render_s, encode_s = sum(cost.render_s for cost in usual), sum(cost.encode_s for cost in usual)
    measure_s = [cost.measure_s for cost in usual]
    clips = len(usual)
    yield Figure(
        name="cost_over_encode",
        value=(render_s + encode_s) / encode_s,
        unit="ratio",
        target=2.2,
        better="lower",
        detail=f"CPU seconds a clip: render {render_s / clips:.2f}, encode {encode_s / clips:.2f}, n {clips}",
        facts={"clip_s": _mean_s(usual), "render_s": render_s / clips, "encode_s": encode_s / clips},
    )
    yield Figure(
        name="measure_cpu",
        value=sum(measure_s) / clips,
        unit="s a clip",
        target=1.5,
        better="lower",
        detail=f"median {median(measure_s):.2f}, largest {max(measure_s):.2f}",
    )
    less_s, more_s = _mean_s(usual), _mean_s(everything)
    yield Figure(
        name="clip_cost_at_24_over_12",
        value=more_s / less_s,
        unit="ratio",
        target=1.1,
        better="lower",
        detail=f"CPU seconds a clip, all told: {more_s:.2f} at 24 clips a photo, {less_s:.2f} at 12; 1 = linear",
    )


def _mean_s(costs: Sequence[Cost]) -> float:
    return sum(cost.render_s + cost.encode_s + cost.measure_s for cost in costs) / len(costs)


def _costs() -> Iterator[Cost]:
    """Yield the cost of each clip: every emotion of both people once, then again with other programmes, and so on."""
    import cv2
    from threadpoolctl import threadpool_limits

    from equime_builder.facs import EMOTIONS
    from equime_generation.causal import plan_clips
    from equime_generation.config import RunConfig
    from equime_generation.progress import Tally
    from equime_generation.renderers import load_renderer
    from equime_generation.subjects import admit_subjects

    cv2.setNumThreads(1)
    threadpool_limits(1)
    faces: list[Face] = []
    admit_subjects(RunConfig(), Tally(), keep=faces.append)
    by_id = {face.subject.id: face for face in faces[:PEOPLE]}
    turns = {emotion: list(by_id) * (MORE_CLIPS_PER_PERSON // len(EMOTIONS)) for emotion in EMOTIONS}
    renderer = load_renderer("warp")
    plans = plan_clips(turns, design="independent", seed=0)
    for plan in sorted(plans, key=lambda plan: plan.clip_id.rsplit("-", 1)[-1]):
        yield _cost(renderer, by_id[plan.subject_id], plan)


def _cost(renderer: Renderer, face: Face, plan: Plan) -> Cost:
    from equime_evaluation.motion import measure
    from equime_generation.encode import encode
    from equime_generation.renderers import Job
    from equime_generation.true_motion import motion_to_find

    start_s = time.process_time()
    clip = next(iter(renderer.render([Job(face=face, plan=plan)])))
    rendered_s = time.process_time()
    media = encode(clip.frames)
    encoded_s = time.process_time()
    fields = motion_to_find(clip, face).probe()
    measure(media.data, fields, interocular_px=face.interocular_px, negative=not plan.aus)
    return Cost(
        render_s=rendered_s - start_s, encode_s=encoded_s - rendered_s, measure_s=time.process_time() - encoded_s
    )
