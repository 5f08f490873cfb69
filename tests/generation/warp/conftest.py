"""Two faces made ready, and one clip."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

pytest.importorskip("cv2", reason="install equime[render]")

from equime_generation.renderers import Clip, Job
from equime_generation.renderers.warp import WarpRenderer
from equime_generation.renderers.warp.rig import Rig
from tests.generation.warp.programme import plan_of

if TYPE_CHECKING:
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
def clip(faces: tuple[Face, Face]) -> Clip:
    """A clip of AU1 and AU12 with the usual sway and noise."""
    return next(WarpRenderer().render([Job(face=faces[1], plan=plan_of({1: 0.3, 12: 0.3}))]))
