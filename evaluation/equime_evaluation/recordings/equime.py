"""Clips of one event in an EquiME dataset folder; videos stay in their shards until they are wanted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from equime_builder.decode import decode_frames
from equime_builder.errors import DatasetError
from equime_builder.facs import EMOTION_LABELS, level_of
from equime_builder.layout import SUBJECTS_FILE
from equime_builder.manifest import read_manifest
from equime_builder.records import FRAMES, Placement, Subject
from equime_builder.schema import check_schema
from equime_builder.tables import read_subjects
from equime_builder.values import check_values
from equime_evaluation.equity.people import ATTRIBUTES
from equime_evaluation.recordings.recording import Listing, Recording

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DATASET: Final = "equime"
_COLUMNS: Final = [
    "id", "plan_id", "subject_id", "emotion", "au_intensity", "onset_frame", "apex_frame", "offset_frame", "sha256",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class ShardVideo:
    """The frames of a row.

    Attributes:
        path: The shard.
        row_group: Of the row, and its place in it.
        sha256: Of the video.
    """

    path: Path
    row_group: int
    place: int
    sha256: str

    @property
    def count(self) -> int:
        """As every row promises."""
        return FRAMES

    @property
    def identity(self) -> str:
        """The hash of the video."""
        return self.sha256

    def read(self, indices: Sequence[int]) -> NDArray[np.uint8]:
        """Return frames.

        Raises:
            DatasetError: The shard cannot be read.
            MediaError: The video cannot be decoded.
        """
        return decode_frames(_videos(self.path, self.row_group)[self.place], list(indices))


def read_equime(root: Path) -> Listing:
    """List the clips of a dataset folder, negatives among them.

    Raises:
        DatasetMissingError: There is no dataset.
        DatasetError: It is damaged.
    """
    manifest = read_manifest(root)
    people = read_subjects(root / SUBJECTS_FILE)
    found = [item for entry in manifest.shards for item in _shard(root / entry.path, people)]
    return Listing(recordings=tuple(found))


def _shard(path: Path, people: Mapping[str, tuple[Subject, Placement]]) -> Iterator[Recording]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            check_schema(file.schema_arrow, where=path.name)
            for row_group in range(file.num_row_groups):
                table = file.read_row_group(row_group, columns=_COLUMNS)
                check_values(table, where=path.name)
                for place, row in enumerate(table.to_pylist()):
                    video = ShardVideo(path, row_group, place, row["sha256"])
                    yield _recording(row, video, *people[row["subject_id"]])
    except DatasetError:
        raise
    except (pa.ArrowException, OSError, LookupError, TypeError, ValueError) as error:
        raise DatasetError(f"{path.name}: cannot be read: {' '.join(str(error).split())}; run equime verify") from error


def _recording(row: Mapping[str, Any], video: ShardVideo, subject: Subject, placement: Placement) -> Recording:
    groups = {attribute: take(subject) for attribute, take in ATTRIBUTES.items()}
    strongest = max(row["au_intensity"])
    return Recording(
        dataset=DATASET,
        subject=subject.id,
        name=row["id"],
        emotion=EMOTION_LABELS[row["emotion"]],
        frames=video,
        onset_frame=row["onset_frame"],
        apex_frame=row["apex_frame"],
        offset_frame=row["offset_frame"],
        groups={attribute: group for attribute, group in groups.items() if group is not None},
        programme=row["plan_id"],
        level=level_of(min(1.0, strongest)) if strongest > 0 else None,
        split=placement.split,
        fold=placement.fold,
    )


@lru_cache(maxsize=1)
def _videos(path: Path, row_group: int) -> list[bytes]:
    """Return the videos of one row group; clips are read in their order, so one group in memory is enough."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            column = file.read_row_group(row_group, columns=["video.bytes"]).column(0)
        return [(row or {}).get("bytes") or b"" for row in column.to_pylist()]
    except (pa.ArrowException, OSError, LookupError, ValueError) as error:
        raise DatasetError(f"{path.name}: cannot be read: {' '.join(str(error).split())}; run equime verify") from error
