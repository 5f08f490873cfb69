"""The samples of one WebDataset shard, checked as rows of Parquet are, and against the Parquet shard of the clips."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from equime_builder.errors import DatasetError
from equime_builder.findings import Finding
from equime_builder.inspection import Ledger, clip_fault, row_faults
from equime_builder.layout import parquet_twin
from equime_builder.manifest import FileEntry
from equime_builder.records import SPOTTING
from equime_builder.rows import Row, table_of
from equime_builder.schema import COLUMNS
from equime_builder.spotting import SPOTTING_COLUMNS
from equime_builder.tars import read_tar


def inspect_tar(path: Path, entry: FileEntry, ledger: Ledger, *, deep: bool, alone: bool) -> Iterator[Finding]:
    """Yield what is wrong inside a WebDataset shard; whatever the file holds, nothing is raised.

    Args:
        path: The file, known to lie inside the dataset folder.
        ledger: What was seen so far; Parquet shards come first.
        deep: Hash every clip as well, and decode those that no Parquet shard holds.
        alone: Whether no Parquet shard holds the clips.
    """
    columns = SPOTTING_COLUMNS if (entry.tar_place or ("",))[0] == SPOTTING else COLUMNS
    twin = parquet_twin(entry.path)
    seen = 0
    try:
        for row in read_tar(path, columns):
            table_of([row], columns)  # every value must fit its column
            seen += 1
            faults = row_faults(row, entry, ledger) if alone else _twin_faults(row, twin, ledger)
            clip = clip_fault(row, decode=ledger.hashes.get(row["id"]) != row["sha256"] or alone) if deep else None
            for rule, detail in [*faults, *([clip] if clip else [])]:
                yield Finding(file=entry.path, rule=rule, detail=f"clip {row['id']!r}: {detail}")
    except DatasetError as error:
        yield Finding(file=entry.path, rule="tar", detail=str(error))
        return
    if seen != entry.rows:
        yield Finding(file=entry.path, rule="rows", detail=f"holds {seen} samples, the manifest says {entry.rows}")
    there = sum(file == twin for file in ledger.clips.values())
    if not alone and seen != there:
        yield Finding(file=entry.path, rule="twin", detail=f"holds {seen} clips, {twin} has {there}")


def _twin_faults(row: Row, twin: str, ledger: Ledger) -> Iterator[tuple[str, str]]:
    if ledger.clips.get(row["id"]) != twin:
        yield "twin", f"is not in {twin}"
    elif ledger.hashes.get(row["id"], row["sha256"]) != row["sha256"]:
        yield "twin", f"has another video than in {twin}"
