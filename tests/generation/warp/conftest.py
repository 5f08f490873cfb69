"""Two faces made ready, and one clip."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

pytest.importorskip("cv2", reason="install equime[render]")

from equime_generation.renderers import Clip, Job
from equime_generation.renderers.warp import WarpRenderer
from equime_generation.renderers.warp.reach import reach_iod
from equime_generation.renderers.warp.rig import Rig
from equime_generation.renderers.warp.units import UNITS
from tests.generation.warp.programme import plan_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from equime_generation.faces import Face


@pytest.fixture(scope="session")
def faces(default_faces: tuple[Face, ...]) -> tuple[Face, Face]:
    """A woman with light skin and a man with tanned skin and stubble."""
    return default_faces[1], default_faces[7]


@pytest.fixture(scope="session")
def rigs(faces: tuple[Face, Face]) -> tuple[Rig, Rig]:
    return Rig(faces[0]), Rig(faces[1])


@pytest.fixture(scope="session")
def rig(rigs: tuple[Rig, Rig]) -> Rig:
    return rigs[1]


@pytest.fixture(scope="session")
def reaches(default_faces: tuple[Face, ...]) -> dict[int, NDArray[np.float64]]:
    """Largest displacement of every unit at intensity 1 on the ten default people, in interocular distances."""
    # Threads cost four times the work on matrices of this size.
    with threadpool_limits(1):
        people = [Rig(face) for face in default_faces]
        return {au: np.array([reach_iod(person, au) for person in people]) for au in UNITS}


@pytest.fixture(scope="session")
def clip(faces: tuple[Face, Face]) -> Clip:
    """A clip of AU1 and AU12 with the usual sway and noise."""
    return next(WarpRenderer().render([Job(face=faces[1], plan=plan_of({1: 0.3, 12: 0.3}))]))
