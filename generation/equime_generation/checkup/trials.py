"""Every stage tried once, and then one whole clip: photo, plan, frames, video, measurement, screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from time import monotonic
from typing import TYPE_CHECKING, Final

from equime_builder.errors import EquimeError, PhotoError
from equime_generation.checkup.check import Check, tried

if TYPE_CHECKING:
    from equime_generation.faces import Face

_EMOTION: Final = "fear"
Tell = Callable[[str], None]


def trial_checks(tell: Tell) -> Iterator[Check]:
    """Yield what came of trying: the renderer on a GPU, finding a face, coding video, making a clip.

    Args:
        tell: Told what is tried next.
    """
    tell("looking for a GPU")
    yield tried("renderer ltx", _try_diffusion, needed=False)
    tell("finding a face on a built-in photo")
    yield tried("faces", _try_faces, needed=True)
    tell("writing and reading a video")
    yield tried("video", _try_video, needed=True)
    tell("making one whole clip, and measuring it")
    yield tried("renderer warp", _try_clip, needed=True)


def _try_diffusion() -> str:
    from equime_builder.errors import need

    for module in ("torch", "diffusers", "transformers", "accelerate"):
        need(module, extra="ltx")
    from equime_generation.renderers.ltx.device import what_fits

    return what_fits()


def _try_faces() -> str:
    return f"found and aligned {_face().subject.id}"


@cache
def _face() -> Face:
    from equime_builder.errors import need
    from equime_generation.faces import Face
    from equime_generation.gate import admit
    from equime_generation.sources import open_source

    need("mediapipe", extra="render")
    from equime_generation.landmarks import FaceFinder

    with FaceFinder() as finder:
        outcome = next(admit(open_source("openpeople"), finder))
    if not isinstance(outcome, Face):
        raise PhotoError(f"a built-in person was refused: {outcome.detail}; install equime[render] anew")
    return outcome


def _try_video() -> str:
    import numpy as np

    from equime_builder.decode import decode_frames
    from equime_generation.encode import encode

    ramp = np.linspace(0, 255, 64, dtype=np.uint8)
    frames = np.broadcast_to(ramp[None, None, :, None], (8, 64, 64, 3)).copy()
    media = encode(frames)
    worst = int(np.abs(decode_frames(media.data).astype(int) - frames).max())
    return f"H.264 encoded and decoded, largest error {worst} of 255"


def _try_clip() -> str:
    """Make one clip of one built-in person as a run does, and tell how fast such a run would be here."""
    from equime_builder.pool import default_workers
    from equime_builder.records import Placement
    from equime_generation.config import RunConfig
    from equime_generation.renderers import Job
    from equime_generation.run import draw_plans
    from equime_generation.studio import Studio, Task

    config, face = RunConfig(emotions=(_EMOTION,), clips_per_emotion=1, workers=1), _face()
    (plan,) = draw_plans(config, [face.subject])
    studio = Studio(config)
    start_s = monotonic()
    task = Task(job=Job(plan=plan, face=face), placement=Placement(split="train", fold=0))
    ((_, (row, rejects)),) = studio.finished([task], batch_size=studio.batch_size)
    duration_s = monotonic() - start_s
    if row is None:
        raise EquimeError(
            f"the clip was dropped ({rejects[0].detail}); other versions of the pinned packages may be why"
        )
    found = row["measured"]
    pace = 3600 / duration_s * default_workers()
    return (
        f"a clip of {_EMOTION} in {duration_s:.1f} s: {row['num_frames']} frames, {row['size_bytes'] / 1000:.0f} kB, "
        f"correlation {found['correlation']:.3f} with its plan, apex {found['apex_frame']} (planned "
        f"{row['apex_frame']}); up to {pace:,.0f} clips an hour here"
    )
