"""From a face and a plan to the frames of a clip."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final

import numpy as np

from equime_builder.records import FRAMES, SIZE_PX
from equime_generation.renderers import Clip
from equime_generation.renderers.warp.frame import MovedFrame, still
from equime_generation.renderers.warp.metering import relight
from equime_generation.renderers.warp.nuisance import Sensor, heads_of
from equime_generation.renderers.warp.programme import held_back, moving
from equime_generation.renderers.warp.rig import Rig
from equime_generation.renderers.warp.truth import WarpTruth

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from equime_builder.records import Plan
    from equime_generation.faces import Face
    from equime_generation.renderers import Job

_RIGS_KEPT: Final = 4


class WarpRenderer:
    """Renders clips by warping the photo; every frame is resampled once, from the photo itself.

    A plan that would fold the skin is scaled down: `Clip.plan` is then the plan as rendered and `Clip.scaled` the
    factor. That does not happen at the intensities of micro-expressions.
    """

    batch_size: Final = 1
    model: Final = None
    model_revision: Final = None
    shape: Final[Mapping[str, object]] = {}

    def __init__(self) -> None:
        # Keyed by identity; the rig holds the face, so that an identity is not reused while it stands here.
        self._rigs: OrderedDict[int, Rig] = OrderedDict()

    def render(self, jobs: Iterable[Job]) -> Iterator[Clip]:
        """Yield one clip a job, in order."""
        for job in jobs:
            rig = self.rig(job.face)
            plan, least, factor = held_back(rig, job.plan)
            heads = heads_of(plan)
            yield Clip(
                plan=plan,
                frames=paint(rig, plan),
                truth=WarpTruth(rig, plan, heads),
                smallest_jacobian=least,
                scaled=factor,
            )

    def truth(self, job: Job) -> WarpTruth:
        """Return the truth of a plan as rendered, without painting a frame."""
        return WarpTruth(self.rig(job.face), job.plan, heads_of(job.plan))

    def rig(self, face: Face) -> Rig:
        """Return the rig of a face, kept for the next clips of the same face."""
        rig = self._rigs.pop(id(face), None) or Rig(face)
        self._rigs[id(face)] = rig
        while len(self._rigs) > _RIGS_KEPT:
            self._rigs.popitem(last=False)
        return rig


def paint(rig: Rig, plan: Plan, frames: Sequence[int] = range(FRAMES)) -> NDArray[np.uint8]:
    """Return frames of a plan as rendered: nothing is held back any further.

    Args:
        rig: The face.
        plan: What moves; without sway and noise (`equime_builder.records.Nuisance`) it is painted as it is.
        frames: Which frames, each in 0-143.

    Returns:
        (number of frames, 512, 512, 3) uint8 RGB.
    """
    painted = np.empty((len(frames), SIZE_PX, SIZE_PX, 3), np.uint8)
    heads, sensor = heads_of(plan), Sensor(plan.nuisance)
    for index, frame in zip(frames, painted, strict=True):
        frame[:] = still(rig, heads[index])
        intensities = moving(plan, index)
        relit = None
        if intensities:
            face = frame[rig.region.window]
            moved = MovedFrame(rig, intensities, heads[index]).paint()
            relit = relight(rig, face, moved)
            face[:] = moved
        sensor.expose(frame, index, relit)
    return painted
