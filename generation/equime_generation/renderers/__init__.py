"""Renderers turn a face and a plan into a clip; all stand behind one protocol and in one table."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

from equime_builder.errors import choose
from equime_builder.records import Plan

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from equime_generation.faces import Face


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One clip to render."""

    face: Face
    plan: Plan


class Truth(Protocol):
    """The motion that a clip really holds, known because it was made, not because it was measured."""

    def field(self, frame: int) -> NDArray[np.float32]:
        """Return the skin's displacement at ``frame`` relative to the photo, head sway left out.

        Returns:
            Forward field (H, W, 2) float32 in pixels, x then y (y grows downwards), sampled on the photo's pixels.
        """
        ...

    def head(self, frame: int) -> NDArray[np.float64]:
        """Return the rigid motion of the head at ``frame`` as a 2 x 3 affine matrix, photo to frame, in pixels."""
        ...

    def probe(self) -> NDArray[np.float32]:
        """Return the fields to look for in the decoded clip.

        Returns:
            (K, H, W, 2) float32 in pixels: the field at the apex (K = 1); on a clip of several events the field at
            each apex, and closed eyes last; on a negative one field for each AU (both sides together) at intensity 1.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """Rendered frames with their truth.

    Attributes:
        frames: (144, 512, 512, 3) uint8 RGB.
        plan: The plan as rendered; it differs from the job's in its intensities alone, and only where ``scaled`` < 1.
        smallest_jacobian: Least determinant of the warp over all frames, layers apart; 1 without motion.
        scaled: Factor by which the job's intensities had to be weakened to keep skin from folding; 1 = not at all.
    """

    plan: Plan
    frames: NDArray[np.uint8]
    truth: Truth
    smallest_jacobian: float
    scaled: float = 1.0

    def __post_init__(self) -> None:
        if self.frames.ndim != 4 or self.frames.shape[-1] != 3 or self.frames.dtype.name != "uint8":
            raise ValueError(f"frames must be (T, H, W, 3) uint8, got {self.frames.shape} {self.frames.dtype}")


class Renderer(Protocol):
    """Renders jobs one after the other; a clip depends on its own job alone."""

    def render(self, jobs: Iterable[Job]) -> Iterator[Clip]:
        """Yield one clip a job, in order."""
        ...


@runtime_checkable
class KnowsTruth(Protocol):
    """A renderer that knows the motion of a clip without painting it."""

    def truth(self, job: Job) -> Truth:
        """Return the truth of a plan as rendered: nothing is held back any further."""
        ...


RENDERERS: Final[dict[str, str]] = {"warp": "equime_generation.renderers.warp:WarpRenderer"}
"""Name to ``module:class``; the class takes no arguments."""


def load_renderer(name: str) -> Renderer:
    """Return the renderer that stands under ``name`` in the table.

    Raises:
        UsageError: The name is unknown.
        MissingExtraError: Its packages are not installed.
    """
    choose("renderer", name, tuple(RENDERERS))
    module_name, _, class_name = RENDERERS[name].partition(":")
    renderer: Renderer = getattr(importlib.import_module(module_name), class_name)()
    return renderer
