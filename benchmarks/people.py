"""The ten default people, on one thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from equime_generation.faces import Face


def default_faces() -> list[Face]:
    """Return the faces that a run without ``--faces`` renders, and keep OpenCV and BLAS to one thread from now on."""
    import cv2
    from threadpoolctl import threadpool_limits

    from equime_generation.config import RunConfig
    from equime_generation.progress import Tally
    from equime_generation.subjects import admit_subjects

    cv2.setNumThreads(1)
    threadpool_limits(1)
    faces: list[Face] = []
    admit_subjects(RunConfig(), Tally(), keep=faces.append)
    return faces
