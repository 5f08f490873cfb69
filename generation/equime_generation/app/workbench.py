"""The landmark model, the renderer and the faces, kept warm for every visitor of the app; one works at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

from equime_builder.errors import PhotoError
from equime_builder.records import Demographics, Placement, Reject
from equime_generation.app.refusals import in_plain_words
from equime_generation.app.wishes import STILL
from equime_generation.config import RunConfig
from equime_generation.sources import open_source
from equime_generation.sources.photo import UNDECLARED_LICENSE, Photo

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from equime_builder.records import Plan
    from equime_builder.rows import Row
    from equime_generation.faces import Face
    from equime_generation.landmarks import FaceFinder
    from equime_generation.renderers.warp import WarpRenderer

_ALONE: Final = Placement(split="train", fold=0)
"""A clip by itself is in no split; its row says this."""
Tell = Callable[[float, str], None]
"""Told how far a clip is (0-1), and what is done next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A clip made by hand.

    Attributes:
        row: As of a dataset, whether the clip would have been kept or not.
        faults: Why a run would have dropped it; empty = it would have kept it.
        face: (512, 512, 3) uint8 RGB, at rest.
        field: (512, 512, 2) float32 true displacement at the apex in pixels; ``None`` on a clip where nothing moves.
    """

    row: Row
    faults: tuple[Reject, ...]
    face: NDArray[np.uint8]
    field: NDArray[np.float32] | None


class Workbench:
    """Makes faces of photos, pictures of plans and clips of both."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._faces: dict[str, Face] = {}
        self._finder: FaceFinder | None = None
        self.people: Final[dict[str, Photo]] = {str(photo.subject_id): photo for photo in open_source()}

    @cached_property
    def _renderer(self) -> WarpRenderer:
        from equime_generation.renderers.warp import WarpRenderer

        return WarpRenderer()

    def person(self, subject_id: str) -> Face:
        """Return the face of one of the ten people.

        Raises:
            KeyError: There is no such person.
        """
        with self._lock:
            if subject_id not in self._faces:
                self._faces[subject_id] = self._admitted(self.people[subject_id])
            return self._faces[subject_id]

    def face_of(self, data: bytes) -> Face:
        """Return the face on a visitor's photo; nothing of it is kept here.

        Args:
            data: A whole file of unknown origin.

        Raises:
            PhotoError: The gate refuses it; the message says in plain words why, and what to do.
        """
        photo = Photo(
            name="your photo",
            content=data,
            subject_id=None,
            demographics=Demographics(),
            source="folder",
            license=UNDECLARED_LICENSE,
        )
        with self._lock:
            return self._admitted(photo)

    def _admitted(self, photo: Photo) -> Face:
        from equime_generation.gate import admit
        from equime_generation.landmarks import FaceFinder

        self._finder = self._finder or FaceFinder()
        outcome = next(admit([photo], self._finder))
        if isinstance(outcome, Reject):
            raise PhotoError(in_plain_words(outcome))
        return outcome

    def apex(self, face: Face, plan: Plan) -> NDArray[np.uint8]:
        """Return the face at a plan's apex, without sway and noise: (512, 512, 3) uint8 RGB."""
        from equime_generation.renderers.warp.programme import held_back
        from equime_generation.renderers.warp.render import paint

        with self._lock:
            rig = self._renderer.rig(face)
            rendered, _, _ = held_back(rig, replace(plan, nuisance=STILL))
            picture: NDArray[np.uint8] = paint(rig, rendered, [plan.apex_frame or 0])[0]
            return picture

    def make(self, face: Face, plan: Plan, tell: Tell) -> Made:
        """Render, encode, measure and judge one clip, as a run does, and keep it whatever the verdict is.

        Raises:
            MediaError: The clip cannot be encoded, or shows nothing that could be measured.
        """
        from equime_builder.rows import row_of
        from equime_evaluation.motion import measure
        from equime_generation.encode import encode
        from equime_generation.recipe import generation_of, maker_of
        from equime_generation.renderers import Job
        from equime_generation.screen import screen
        from equime_generation.true_motion import motion_to_find, true_motion_of

        config, px = RunConfig(), face.interocular_px
        with self._lock:
            tell(0.0, "Moving the face")
            clip = next(self._renderer.render([Job(face=face, plan=plan)]))
            tell(0.5, "Writing the video")
            media = encode(clip.frames, profile=config.profile)
            tell(0.7, "Measuring what it shows")
            fields = motion_to_find(clip, face).probe()
            measured = measure(media.data, fields, interocular_px=px, negative=not clip.plan.aus)
        return Made(
            row=row_of(
                clip.plan,
                face.subject,
                _ALONE,
                media,
                measured,
                generation_of(clip.plan, face, maker_of(self._renderer, config)),
                true_motion=true_motion_of(clip, fields, interocular_px=px),
            ),
            faults=screen(clip.plan, media, measured, smallest_jacobian=clip.smallest_jacobian),
            face=face.image,
            field=fields[0] if clip.plan.aus else None,
        )

    def close(self) -> None:
        """Release the landmark model."""
        if self._finder is not None:
            self._finder.close()
