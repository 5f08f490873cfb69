"""One clip, before anything of it is decoded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """A video file, the bytes of one, or a sequence of images.

    Attributes:
        name: The path that the user gave, followed by what lies below it; for a dataset's clip its shard and id.
        root: The path that the user gave, alone.
        clip_id: Id of a dataset's clip; empty elsewhere.
        key: Changes when the content does; for whoever wants to know whether a clip was done before.
        files: The video, or the images in their order; empty where ``data`` is given.
        data: A whole video file.
        moving: Planned movements as (last frame at rest, first frame at rest again), blinks and head motions among
            them; ``None`` = nobody knows what was planned.
    """

    name: str
    root: str
    key: str
    clip_id: str = ""
    files: tuple[Path, ...] = ()
    data: bytes | None = None
    moving: tuple[tuple[int, int], ...] | None = None

    def at_rest(self, frame: int) -> bool:
        """Tell whether nothing was planned to move in a frame; only where a plan is known."""
        return not any(first < frame < last for first, last in self.moving or ())
