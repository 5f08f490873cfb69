"""A renderer in name only: rows of the full schema around a tiny grey video, so that all else of a run can be timed."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from equime_builder.records import FPS, FRAMES, SIZE_PX, Measured, Media, Reject, TrueMotion
from equime_builder.rows import row_of
from equime_builder.streams import key_of
from equime_generation.causal import retry
from equime_generation.parts import ClipDone
from equime_generation.recipe import Maker, generation_of
from equime_generation.workspace import Workspace

if TYPE_CHECKING:
    from equime_builder.records import Placement, Plan
    from equime_builder.rows import Row
    from equime_generation.faces import Face
    from equime_generation.parts import Part

CLIPS_A_RETRY = 32
"""One clip in so many is dropped once, so that the lists of what was dropped are as long as in a real run."""
SIZE_VARIABLE = "EQUIME_BENCH_VIDEO_BYTES"
MAKER = Maker(renderer="warp", profile="default")


def simulate_part(part: Part, report: Callable[[ClipDone], None]) -> None:
    """Do what `equime_generation.run.render_part` does, with pixels left out."""
    workspace = Workspace.at(part.config.out)
    if workspace.has_part(part):
        for plan in part.plans:
            report(ClipDone(clip_id=plan.clip_id, reason=None, attempts=0, resumed=True))
        return
    face_of = cache(workspace.face)
    rows, rejects = [], []
    for planned, placement in zip(part.plans, part.placements, strict=True):
        attempt = int(key_of(planned.clip_id, "retry") % CLIPS_A_RETRY == 0)
        rejects += [_reject(planned)] * attempt
        plan = retry(planned, seed=part.config.seed, attempt=attempt)
        rows.append(_row(plan, face_of(plan.subject_id), placement))
        report(ClipDone(clip_id=plan.clip_id, reason=None, attempts=attempt + 1))
    workspace.commit_part(part, rows, rejects)


def _reject(plan: Plan) -> Reject:
    return Reject(
        kind="clip",
        id=plan.clip_id,
        reason="correlation",
        detail="simulated: the measured motion follows the planned one too loosely",
        subject_id=plan.subject_id,
        emotion=plan.emotion,
        attempt=0,
        final=False,
    )


def _row(plan: Plan, face: Face, placement: Placement) -> Row:
    moves = bool(plan.aus)
    found = Measured(
        onset_frame=plan.onset_frame,
        apex_frame=plan.apex_frame,
        offset_frame=plan.offset_frame,
        motion_px=1.5 if moves else None,
        motion_iod=0.012 if moves else None,
        correlation=0.97 if moves else None,
        slope=0.99 if moves else None,
        peaks=int(moves),
        outside_px=0.05,
        measured_by="simulated",
    )
    true = TrueMotion(motion_px=1.5 * moves, motion_iod=0.012 * moves, smallest_jacobian=0.9 if moves else 1.0)
    generation = generation_of(plan, face, MAKER)
    return row_of(plan, face.subject, placement, _media(plan.clip_id), found, generation, true_motion=true)


def _media(clip_id: str) -> Media:
    return Media(
        data=video_of(clip_id),
        num_frames=FRAMES,
        fps=float(FPS),
        width=SIZE_PX,
        height=SIZE_PX,
        codec="h264",
        encoder_profile="default",
    )


def video_of(clip_id: str) -> bytes:
    """Return a video that plays, with bytes of its own: a box that players skip holds the id and noise up to a size."""
    still, name = _still(), clip_id.encode()
    missing = int(os.environ.get(SIZE_VARIABLE, "0")) - len(still) - len(name) - 8
    noise = np.random.default_rng(key_of(clip_id, "noise")).bytes(missing) if missing > 0 else b""
    return still + struct.pack(">I4s", 8 + len(name) + len(noise), b"free") + name + noise


@cache
def _still() -> bytes:
    """Encode 144 grey frames, as small as H.264 makes them."""
    import av

    with TemporaryDirectory() as scratch:
        path = Path(scratch, "still.mp4")
        with av.open(str(path), "w", format="mp4") as container:
            stream = container.add_stream("libx264", rate=FPS, options={"preset": "ultrafast", "g": "250"})
            stream.width, stream.height, stream.pix_fmt = SIZE_PX, SIZE_PX, "yuv420p"
            stream.codec_context.thread_count = 1
            grey = np.full((SIZE_PX, SIZE_PX, 3), 128, np.uint8)
            frame = av.VideoFrame.from_ndarray(grey, format="rgb24").reformat(format="yuv420p")
            for number in range(FRAMES):
                frame.pts = number
                container.mux(stream.encode(frame))
            container.mux(stream.encode())
        return path.read_bytes()
