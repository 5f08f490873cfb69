"""Which clips are reviewed, and in which order: spread over emotions and groups, the same for the same seed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from equime_builder.errors import DatasetError
from equime_builder.groups import Group, group_of
from equime_builder.layout import PLAN_FILE, REJECTS_FILE, SUBJECTS_FILE, place_of
from equime_builder.manifest import dataset_root
from equime_builder.records import SPOTTING
from equime_builder.streams import key_of
from equime_builder.tables import read_rejects, read_subjects


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A clip that can be reviewed.

    Attributes:
        shard: Path of its Parquet shard, relative to the folder; the rows of a folder of WebDataset shards alone lie
            in its twin.
        group: Gender and band of skin tone of the person, as declared or measured, never guessed.
    """

    clip_id: str
    emotion: str
    shard: str
    group: Group


def candidates(root: Path) -> list[Candidate]:
    """Return the clips of at most one event that a dataset folder holds, in the order of its table of plans.

    Raises:
        DatasetMissingError: There is no dataset folder.
        DatasetError: A table is damaged.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    dropped = {one.id for one in read_rejects(dataset_root(root) / REJECTS_FILE) if one.kind == "clip" and one.final}
    groups = {who: group_of(subject) for who, (subject, _) in read_subjects(root / SUBJECTS_FILE).items()}
    try:
        table = pq.read_table(root / PLAN_FILE, columns=["clip_id", "subject_id", "emotion", "shard"])
        return [
            Candidate(clip_id=clip_id, emotion=emotion, shard=_shard(shard), group=groups[subject_id])
            for clip_id, subject_id, emotion, shard in zip(
                *(column.to_pylist() for column in table.columns), strict=True
            )
            if emotion != SPOTTING and clip_id not in dropped
        ]
    except (pa.ArrowException, OSError, KeyError, TypeError, ValueError) as error:
        raise DatasetError(f"{PLAN_FILE}: cannot be read: {' '.join(str(error).split())}; run equime verify") from error


def _shard(path: str) -> str:
    if place_of(path) is None:
        raise ValueError(f"{path!r:.80} is no shard of a dataset")
    return path


def draw(clips: Iterable[Candidate], count: int, *, seed: int = 0) -> list[Candidate]:
    """Return a sample spread as evenly as it goes over emotions and groups.

    Each emotion of each group gives one clip, then each a second one, and so on, so that rare groups are seen as often
    as frequent ones. A larger sample of the same seed holds the smaller one.

    Args:
        count: How many clips; all where there are no more.
    """
    cells: dict[tuple[str, Group], list[Candidate]] = defaultdict(list)
    for clip in clips:
        cells[clip.emotion, clip.group].append(clip)
    turns = []
    for cell, members in cells.items():
        first = key_of("review", seed, *cell)
        drawn = sorted(members, key=lambda clip: key_of("review", seed, clip.clip_id))
        turns += [(turn, first, clip) for turn, clip in enumerate(drawn)]
    return [clip for _, _, clip in sorted(turns, key=lambda item: item[:2])[:count]]


def in_order_of(reviewer: str, clips: Sequence[Candidate], *, seed: int = 0) -> list[Candidate]:
    """Return clips in the reviewer's own order, so that no clip is seen last, and tired, by everybody."""
    return sorted(clips, key=lambda clip: key_of("review order", seed, reviewer, clip.clip_id))
