"""True motion beside the clips: for each frame of an event the field that it was rendered with, at a quarter size.

The field of a stored frame is the mean over blocks of 4 x 4 pixels, in pixels of the clip, as 16-bit floats, which keep
11 significant bits; what is exact is the recipe (see `true_field` in ``equime_generation.truth``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from equime_builder.errors import DatasetError
from equime_builder.publish import publish
from equime_builder.records import SIZE_PX

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

BLOCK_PX: Final = 4
SIDE: Final = SIZE_PX // BLOCK_PX
_ROWS_PER_GROUP: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FlowFrame:
    """The true motion of one frame of a clip.

    Attributes:
        field: (128, 128, 2) float16 in pixels of the clip, x then y (y grows downwards), head motion left out.
    """

    clip_id: str
    frame: int
    field: NDArray[np.float16]

    def __post_init__(self) -> None:
        if self.field.shape != (SIDE, SIDE, 2) or self.field.dtype != np.float16:
            raise ValueError(f"field must be ({SIDE}, {SIDE}, 2) float16, got {self.field.shape} {self.field.dtype}")


def reduced(field: NDArray[np.float32]) -> NDArray[np.float16]:
    """Return a field (512, 512, 2) float32 at a quarter of its size, by means over blocks."""
    blocks = field.reshape(SIDE, BLOCK_PX, SIDE, BLOCK_PX, 2)
    return np.asarray(blocks.mean(axis=(1, 3), dtype=np.float32).astype(np.float16))


def write_flow(path: Path, frames: Iterable[FlowFrame]) -> Path:
    """Write the frames of one part, in their order; an empty part is a valid file.

    Raises:
        OutputError: The place cannot be written.
    """
    return _publish(path, map(_table, _groups(frames)))


def join_flow(part_paths: Sequence[Path], path: Path, dropped: AbstractSet[str] = frozenset()) -> Path | None:
    """Join parts, in the order given, to a file; ``None`` where they hold no frame, for then none is written.

    Args:
        dropped: Ids of clips that do not go along.

    Raises:
        OutputError: The place cannot be written.
        DatasetError: A part is missing or damaged.
    """
    frames = (frame for part in part_paths for frame in read_frames(part) if frame.clip_id not in dropped)
    first = next(frames, None)
    if first is None:
        return None
    return _publish(path, map(_table, _groups(_chain(first, frames))))


def read_flow(path: Path, clip_id: str) -> dict[int, NDArray[np.float32]]:
    """Return the true motion of a clip, frame by frame; frames at rest are left out, for nothing moves on them.

    Args:
        path: A file ``flow/<emotion>/<split>-<number>.parquet``.

    Returns:
        Frame to field, (128, 128, 2) float32 in pixels of the clip.

    Raises:
        DatasetError: The file is missing or damaged.
    """
    return {frame.frame: frame.field.astype(np.float32) for frame in read_frames(path) if frame.clip_id == clip_id}


def check_flow(path: Path, rows: int) -> str | None:
    """Return what is wrong with a file in one line, or None; fields are read, not judged."""
    try:
        found = sum(1 for _ in read_frames(path))
    except DatasetError as error:
        return str(error)
    return None if found == rows else f"holds {found} rows, the manifest says {rows}"


def _publish(path: Path, tables: Iterable[pa.Table]) -> Path:
    import pyarrow.parquet as pq

    def write(partial: Path) -> None:
        with pq.ParquetWriter(partial, _schema(), compression="zstd", use_dictionary=["id"]) as writer:
            for table in tables:
                writer.write_table(table)

    return publish(path, write)


def _table(frames: Sequence[FlowFrame]) -> pa.Table:
    import pyarrow as pa

    values = np.concatenate([frame.field.ravel() for frame in frames])
    columns = [
        pa.array([frame.clip_id for frame in frames], pa.string()),
        pa.array([frame.frame for frame in frames], pa.int32()),
        pa.FixedSizeListArray.from_arrays(pa.array(values), SIDE * SIDE * 2),
    ]
    return pa.Table.from_arrays(columns, schema=_schema())


def read_frames(path: Path) -> Iterator[FlowFrame]:
    """Yield all frames of a file or part, in its order.

    Raises:
        DatasetError: The file is missing or damaged.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            if file.schema_arrow != _schema():
                raise ValueError("its columns are not id, frame and field")
            for batch in file.iter_batches(batch_size=_ROWS_PER_GROUP):
                yield from _frames_of(batch)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise DatasetError(f"{path.name}: no readable file of true motion: {' '.join(str(error).split())}") from error


def _frames_of(batch: pa.RecordBatch) -> Iterator[FlowFrame]:
    values = batch.column("field").flatten().to_numpy(zero_copy_only=False)
    fields = values.reshape(batch.num_rows, SIDE, SIDE, 2)
    for clip_id, frame, field in zip(
        batch.column("id").to_pylist(), batch.column("frame").to_pylist(), fields, strict=True
    ):
        yield FlowFrame(clip_id=clip_id, frame=frame, field=field)


def _groups(frames: Iterable[FlowFrame]) -> Iterator[list[FlowFrame]]:
    group: list[FlowFrame] = []
    for frame in frames:
        group.append(frame)
        if len(group) == _ROWS_PER_GROUP:
            yield group
            group = []
    if group:
        yield group


def _chain(first: FlowFrame, rest: Iterator[FlowFrame]) -> Iterator[FlowFrame]:
    yield first
    yield from rest


def _schema() -> pa.Schema:
    import pyarrow as pa

    field = pa.list_(pa.float16(), SIDE * SIDE * 2)
    return pa.schema([("id", pa.string()), ("frame", pa.int32()), ("field", field)])
