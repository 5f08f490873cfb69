"""What the files of a dataset say of its clips, held against each other: one file after another, in their order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from equime_builder.findings import Finding
from equime_builder.manifest import FileEntry
from equime_builder.records import Placement

Fault = tuple[str, str]
"""The rule that is broken, a key of `equime_builder.findings.RULES`, and how."""


class Seen(NamedTuple):
    """What the other files must agree with, of one row.

    Attributes:
        faults: Of the row alone.
    """

    id: str | None
    subject_id: str
    fold: int
    sha256: str
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What was found in one file, whatever stands in the others.

    Attributes:
        before: Findings that come before those of the rows.
        rows: Of clips or their questions, in their order.
        after: Findings that come after those of the rows.
        is_read: Whether all rows were read.
    """

    before: tuple[Finding, ...] = ()
    rows: tuple[Seen, ...] = ()
    after: tuple[Finding, ...] = ()
    is_read: bool = True


@dataclass(slots=True)
class Ledger:
    """What was seen in the files so far; Parquet shards come before all that holds their clips again.

    Attributes:
        placements: From ``subjects.parquet``; ``None`` where that table cannot be read.
        clips: File of each clip id.
        held: Clips of each file.
        hashes: Hash of each clip under ``data/``, by id.
        asked: Clips whose questions were seen.
        splits: First split in which each subject was seen.
    """

    placements: Mapping[str, Placement] | None
    clips: dict[str, str] = field(default_factory=dict)
    held: Counter[str] = field(default_factory=Counter)
    hashes: dict[str, str] = field(default_factory=dict)
    asked: set[str | None] = field(default_factory=set)
    splits: dict[str, str] = field(default_factory=dict)

    def findings(self, look: Look, entry: FileEntry, *, is_twin: bool) -> Iterator[Finding]:
        """Yield what is wrong with a file, by itself and beside those before it, and note what it holds.

        Args:
            is_twin: Whether the file is a WebDataset shard that holds the clips of a Parquet shard again.
        """
        yield from look.before
        for row in look.rows:
            for rule, detail in (*row.faults, *(self._twin_faults if is_twin else self._faults)(row, entry)):
                yield Finding(file=entry.path, rule=rule, detail=f"clip {row.id!r}: {detail}")
        yield from look.after
        there = self.held[entry.shard]
        if is_twin and look.is_read and len(look.rows) != there:
            detail = f"holds {len(look.rows)} clips, {entry.shard} has {there}"
            yield Finding(file=entry.path, rule="twin", detail=detail)

    def _faults(self, row: Seen, entry: FileEntry) -> Iterator[Fault]:
        yield from self._question_faults(row) if entry.vqa_split else self._id_faults(row, entry)
        if entry.emotion and row.id is not None:
            self.hashes[row.id] = row.sha256
        yield from self._subject_faults(row, entry.split)

    def _id_faults(self, row: Seen, entry: FileEntry) -> Iterator[Fault]:
        if not row.id:
            yield "id", "has no id"
        elif row.id in self.clips:
            yield "id", f"is in {self.clips[row.id]} already"
        else:
            self.clips[row.id] = entry.path
            self.held[entry.path] += 1

    def _question_faults(self, row: Seen) -> Iterator[Fault]:
        if row.id in self.asked:
            yield "id", "has questions already"
        self.asked.add(row.id)
        if row.id not in self.hashes:
            yield "id", "is in no shard under data/"
        elif self.hashes[row.id] != row.sha256:
            yield "clip-hash", "has another video than the clip of this name under data/"

    def _twin_faults(self, row: Seen, entry: FileEntry) -> Iterator[Fault]:
        if row.id is None or self.clips.get(row.id) != entry.shard:
            yield "twin", f"is not in {entry.shard}"
        elif self.hashes.get(row.id, row.sha256) != row.sha256:
            yield "twin", f"has another video than in {entry.shard}"

    def _subject_faults(self, row: Seen, split: str) -> Iterator[Fault]:
        first = self.splits.setdefault(row.subject_id, split)
        if first != split:
            yield "split", f"subject {row.subject_id!r} is in {split} and in {first}"
        if self.placements is None:
            return
        placement = self.placements.get(row.subject_id)
        if placement is None:
            yield "subject", f"subject {row.subject_id!r} is not in subjects.parquet"
        elif (placement.split, placement.fold) != (split, row.fold):
            yield (
                "split",
                f"is in {split}, fold {row.fold}; subjects.parquet has {row.subject_id!r} in {placement.split}, "
                f"fold {placement.fold}",
            )
