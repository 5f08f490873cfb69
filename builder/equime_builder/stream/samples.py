"""A row becomes what a model is fed: the columns asked for, and frames decoded and sampled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from equime_builder.decode import BACKENDS, LAYOUTS, BackendName, Layout, decode_frames
from equime_builder.demux import probe_video
from equime_builder.errors import DatasetError, MediaError, UsageError, choose
from equime_builder.sampling import HOWS, How, frame_indices
from equime_builder.schema import COLUMNS
from equime_builder.stream.chunks import Row
from equime_builder.videos import COLUMN, video_bytes

Sample = dict[str, Any]

DEFAULT_COLUMNS: Final = (
    "id", "subject_id", "emotion", "caption", "prompt", "au_intensity", "onset_frame", "apex_frame", "offset_frame"
)  # fmt: skip
"""What a sample with frames holds unless columns are named, as far as the shards have them."""

_EVENT: Final = ("onset_frame", "apex_frame", "offset_frame")
_NUMBERS: Final = ("num_frames", *_EVENT)
_VECTORS: Final = frozenset(column.name for column in COLUMNS if column.kind == "slots")


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameChoice:
    """Which frames of each clip to decode, and how to give them.

    Attributes:
        how: As for `frame_indices`.
        count: Frames a clip; ``None`` for ``how="all"``.
        jitter: Whether each epoch draws other frames.
        size_px: Edge of the square that frames are resized to; ``None`` = as they are.
        layout: ``"TCHW"`` or ``"THWC"``.
        backend: As for `decode_frames`.
    """

    how: How = "event"
    count: int | None = 8
    jitter: bool = False
    size_px: int | None = None
    layout: Layout = "TCHW"
    backend: BackendName = "auto"

    def __post_init__(self) -> None:
        choose("how", self.how, HOWS)
        choose("layout", self.layout, LAYOUTS)
        choose("backend", self.backend, ("auto", *BACKENDS))
        if self.how != "all" and (self.count is None or self.count < 1):
            raise UsageError(f"count must be 1 or more for {self.how!r}, got {self.count}")
        if self.size_px is not None and self.size_px < 1:
            raise UsageError(f"size_px must be 1 or more, got {self.size_px}")

    @property
    def follows_event(self) -> bool:
        """Whether the frames depend on where the event is."""
        return self.how not in ("uniform", "all")


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleMaker:
    """Makes samples of rows; plain data, so that it can be sent to worker processes.

    Attributes:
        columns: Of the sample.
        read: Columns that are read from the shards.
        frames: Which frames to decode; ``None`` leaves the row's ``video`` as its bytes.
        seed: Of the frames that are drawn.
    """

    columns: tuple[str, ...]
    read: tuple[str, ...]
    frames: FrameChoice | None
    seed: int

    def __call__(self, row: Row, epoch: int) -> Sample:
        """Return the columns of a row, and ``frames`` and ``frame_indices`` where frames are wanted.

        Raises:
            MediaError: The video is missing, damaged or shorter than its row says.
            DatasetError: The row holds something else than its columns are for, as rows of tar files may.
        """
        if self.frames is None:
            return {name: row[name] for name in self.columns}
        for name in _NUMBERS:
            if not isinstance(row.get(name), int | None):
                raise DatasetError(f"the row's {name} is no whole number, got {row[name]!r:.40}")
        sample = {name: _array(name, row[name]) if name in _VECTORS else row[name] for name in self.columns}
        data = video_bytes(row)
        try:
            indices = self._indices(row, data, epoch)
            pictures = decode_frames(
                data, indices, backend=self.frames.backend, layout=self.frames.layout, size_px=self.frames.size_px
            )
        except UsageError as error:  # of the row, not of the user: his choices were checked before
            raise MediaError(f"the row contradicts its video: {error}") from error
        return {**sample, "frames": pictures, "frame_indices": indices}

    def _indices(self, row: Row, data: bytes, epoch: int) -> np.ndarray[Any, np.dtype[np.int64]]:
        choice = self.frames or FrameChoice()
        return frame_indices(
            choice.how,
            choice.count,
            num_frames=row.get("num_frames") or probe_video(data).frames,
            **({name: row[name] for name in _EVENT} if choice.follows_event else {}),
            seed=self.seed,
            epoch=epoch,
            clip_id=str(row.get("id", "")),
            jitter=choice.jitter,
        )


def sample_maker(
    there: Sequence[str], *, columns: Sequence[str] | None, frames: FrameChoice | None, seed: int
) -> SampleMaker:
    """Return what makes samples from shards with the columns ``there``.

    Args:
        columns: Of the samples; ``None`` = `DEFAULT_COLUMNS`, or all where no frames are decoded.

    Raises:
        UsageError: A column is unknown, or the shards do not say where the event is that the frames should follow.
    """
    if columns is None:
        columns = there if frames is None else tuple(name for name in DEFAULT_COLUMNS if name in there)
    for name in columns:
        choose("column", name, list(there))
    read = dict.fromkeys(columns)
    if frames is None:
        read[COLUMN] = None
        return SampleMaker(columns=tuple(read), read=tuple(read), frames=None, seed=seed)
    if frames.follows_event and not set(_EVENT) <= set(there):
        raise UsageError(f"how={frames.how!r} needs the columns {', '.join(_EVENT)}; choose 'uniform' or 'all' here")
    wanted = ("id", "num_frames", *(_EVENT if frames.follows_event else ()), COLUMN)
    read |= dict.fromkeys(name for name in wanted if name in there)
    plain = tuple(name for name in columns if name != COLUMN)
    return SampleMaker(columns=plain, read=tuple(read), frames=frames, seed=seed)


def _array(name: str, values: Any) -> Any:
    try:
        return None if values is None else np.asarray(values, dtype=np.float32)
    except (TypeError, ValueError, OverflowError) as error:
        raise DatasetError(f"the row's {name} is no vector of numbers, got {values!r:.40}") from error
