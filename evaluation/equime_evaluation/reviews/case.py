"""What a reviewer gets to see of a clip: with its plan, or blind."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from equime_builder.errors import DatasetError
from equime_builder.facs import EMOTION_LABELS
from equime_builder.layout import tar_twin
from equime_builder.schema import check_schema
from equime_builder.tars import read_tar
from equime_builder.values import check_values
from equime_evaluation.reviews.sampling import Candidate

_COLUMNS: Final = [
    "id", "video", "fps", "emotion", "caption", "prompt", "aus", "onset_frame", "apex_frame", "offset_frame",
    "gender", "age_group", "skin_tone",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What was planned of a clip, and on whom, in words.

    Attributes:
        units: Such as ``"AU4 left B"``, in the order of the row.
        frames: Onset, apex and offset; ``None`` on clips without an expression.
        person: What was declared of them.
    """

    emotion: str
    caption: str
    prompt: str
    units: tuple[str, ...]
    frames: tuple[int, int, int] | None
    person: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A clip in front of a reviewer.

    Attributes:
        video: A whole MP4 file; nothing in it names the plan.
        plan: ``None`` = hidden, as is the clip's id, which names emotion and person.
    """

    video: bytes
    fps: float
    plan: Plan | None


def open_case(root: Path, clip: Candidate, *, blind: bool) -> Case:
    """Read a clip for a reviewer.

    Raises:
        DatasetError: The clip is not where the table of plans says, or its shard is damaged.
    """
    row = _row(root, clip)
    return Case(video=row["video"]["bytes"], fps=row["fps"], plan=None if blind else _plan_of(row))


def _row(root: Path, clip: Candidate) -> dict[str, Any]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = root / clip.shard
    if not path.is_file() and (root / tar_twin(clip.shard)).is_file():
        found = next((row for row in read_tar(root / tar_twin(clip.shard)) if row["id"] == clip.clip_id), None)
        return _there(found, clip)
    try:
        with pq.ParquetFile(path) as file:
            check_schema(file.schema_arrow, where=clip.shard)
            for group in range(file.num_row_groups):
                ids = file.read_row_group(group, columns=["id"]).column(0).to_pylist()
                if clip.clip_id in ids:
                    row = file.read_row_group(group, columns=_COLUMNS).slice(ids.index(clip.clip_id), 1)
                    check_values(row, where=clip.shard)
                    return dict(row.to_pylist()[0])
    except DatasetError:
        raise
    except (pa.ArrowException, OSError, KeyError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise DatasetError(f"{clip.shard}: cannot be read: {reason:.200}; run equime verify") from error
    return _there(None, clip)


def _there(row: dict[str, Any] | None, clip: Candidate) -> dict[str, Any]:
    if row is None:
        raise DatasetError(f"{clip.shard}: lacks {clip.clip_id}, which is planned and not dropped; run equime verify")
    return row


def _plan_of(row: dict[str, Any]) -> Plan:
    frames = (row["onset_frame"], row["apex_frame"], row["offset_frame"])
    return Plan(
        emotion=EMOTION_LABELS[row["emotion"]],
        caption=row["caption"],
        prompt=row["prompt"],
        units=tuple(f"AU{unit['au']} {unit['side']} {unit['level']}" for unit in row["aus"]),
        frames=None if frames[1] is None else frames,
        person=tuple(str(row[name]) for name in ("gender", "age_group", "skin_tone") if row[name] is not None),
    )
