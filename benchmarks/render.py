"""What a clip costs on one thread, against the cost of encoding the same frames, which no renderer can avoid."""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.figures import Figure

if TYPE_CHECKING:
    from equime_generation.faces import Face

CLIPS_PER_PERSON = 12
PEOPLE = 2


def figures() -> Iterator[Figure]:
    """Render, encode and measure 12 clips a photo as a worker does, in turn, in one run."""
    import cv2
    from threadpoolctl import threadpool_limits

    from equime_builder.facs import EMOTIONS
    from equime_evaluation.motion import measure
    from equime_generation.causal import plan_clips
    from equime_generation.config import RunConfig
    from equime_generation.encode import encode
    from equime_generation.progress import Tally
    from equime_generation.renderers import Job, load_renderer
    from equime_generation.subjects import admit_subjects
    from equime_generation.true_motion import motion_to_find

    cv2.setNumThreads(1)
    threadpool_limits(1)
    faces: list[Face] = []
    admit_subjects(RunConfig(), Tally(), keep=faces.append)
    by_id = {face.subject.id: face for face in faces[:PEOPLE]}
    turns = {emotion: list(by_id) * (CLIPS_PER_PERSON // len(EMOTIONS)) for emotion in EMOTIONS}
    renderer = load_renderer("warp")
    render_s, encode_s, measure_s = [], [], []
    for plan in plan_clips(turns, design="independent", seed=0):
        face = by_id[plan.subject_id]
        start = time.process_time()
        clip = next(iter(renderer.render([Job(face=face, plan=plan)])))
        rendered = time.process_time()
        media = encode(clip.frames)
        encoded = time.process_time()
        fields = motion_to_find(clip, face).probe()
        measure(media.data, fields, interocular_px=face.interocular_px, negative=not plan.aus)
        render_s.append(rendered - start)
        encode_s.append(encoded - rendered)
        measure_s.append(time.process_time() - encoded)
    clips = len(render_s)
    cost = f"CPU seconds a clip: render {sum(render_s) / clips:.2f}, encode {sum(encode_s) / clips:.2f}, n {clips}"
    ratio = sum(render_s + encode_s) / sum(encode_s)
    yield Figure(
        name="render_and_encode_over_encode", value=ratio, unit="ratio", target=2.2, better="lower", detail=cost
    )
    yield Figure(
        name="measure_cpu",
        value=sum(measure_s) / clips,
        unit="s a clip",
        target=1.5,
        better="lower",
        detail=f"median {median(measure_s):.2f}, largest {max(measure_s):.2f}",
    )
