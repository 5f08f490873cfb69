"""Video files with a table for each split, as ``load_dataset("videofolder")`` reads them.

The table is Parquet, which knows its types: of a CSV file `datasets` guesses them split by split, so that a column that
is empty in one split contradicts the others, and a person called 007 becomes the number 7.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from equime_builder.export.clips import Clip
from equime_builder.export.labels import samm_units
from equime_builder.export.layouts import Pairs, videos_size_bytes, write_video
from equime_builder.export.names import safe_name
from equime_builder.publish import publish
from equime_builder.rows import Row
from equime_builder.schema import arrow_schema, named

if TYPE_CHECKING:
    import pyarrow as pa

TABLE_FILE: Final = "metadata.parquet"
_FROM_ROW: Final = (
    "plan_id", "subject_id", "fold", "emotion_3class", "negative_kind", "objective_class", "prompt", "negative_prompt",
    "caption", "onset_frame", "apex_frame", "offset_frame", "gender", "age", "age_group", "ethnicity", "skin_tone",
    "skin_ita", "demographics_source", "num_frames", "fps", "seed", "sha256", "source", "source_license",
    "generated_with",
)  # fmt: skip
_OWN: Final = ("file_name", "id", "emotion", "action_units")


class VideoFolder:
    """Writes ``train/<id>.mp4`` and ``train/metadata.parquet``, for each split."""

    takes_negatives = True
    about = f"""\
Layout: <split>/<id>.mp4, and <split>/{TABLE_FILE} with a line a clip: load_dataset("videofolder", data_dir=...).
action_units holds FACS numbers with the letter of their intensity; L, R: one side only; A: both sides, at unlike
letters. Frames are counted from 0. None is not measured, not declared, or has no meaning for the clip.
"""

    def __init__(self, out: Path, images: str) -> None:
        self._out = out
        self._tables: dict[str, list[Row]] = {}

    def size_bytes(self, clips: Sequence[Clip]) -> int:
        """Return about how much room so many clips take."""
        return videos_size_bytes(clips)

    def write_shard(self, shard: str, pairs: Pairs) -> None:
        """Write videos, and keep their labels.

        Raises:
            OutputError: The place cannot be written.
        """
        for clip, row in pairs:
            file_name = f"{safe_name(clip.id)}.mp4"
            write_video(self._out / clip.split / file_name, row)
            own = (file_name, clip.id, clip.emotion, samm_units(row["aus"]))
            line = dict(zip(_OWN, own, strict=True)) | {name: row[name] for name in _FROM_ROW}
            self._tables.setdefault(clip.split, []).append(line)

    def finish(self) -> None:
        """Write the tables.

        Raises:
            OutputError: The place cannot be written.
        """
        for split, lines in self._tables.items():
            _write_table(self._out / split / TABLE_FILE, lines)


def _write_table(path: Path, lines: list[dict[str, Any]]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pylist(lines, schema=_schema())
    publish(path, lambda partial: pq.write_table(table, partial, compression="zstd"))


def _schema() -> pa.Schema:
    import pyarrow as pa

    return pa.schema([*((name, pa.string()) for name in _OWN), *arrow_schema(named(*_FROM_ROW))])
