"""The samples of one WebDataset shard, checked as rows of Parquet are."""

from __future__ import annotations

from pathlib import Path

from equime_builder.errors import DatasetError
from equime_builder.findings import Finding
from equime_builder.inspection import clip_fault, seen
from equime_builder.ledger import Look, Seen
from equime_builder.manifest import FileEntry
from equime_builder.records import SPOTTING
from equime_builder.schema import COLUMNS
from equime_builder.spot_check import SpotCheck
from equime_builder.spotting import SPOTTING_COLUMNS
from equime_builder.tars import read_tar


def look_at_tar(path: Path, entry: FileEntry, check: SpotCheck, *, is_twin: bool) -> Look:
    """Return what a WebDataset shard holds and what is wrong inside it; whatever the file holds, nothing is raised.

    Args:
        path: The file, known to lie inside the dataset folder.
        check: Clips that are hashed as well, and decoded where no Parquet shard holds them.
        is_twin: Whether a Parquet shard holds the same clips, with which the ledger compares their hashes.
    """
    columns = SPOTTING_COLUMNS if (entry.tar_place or ("",))[0] == SPOTTING else COLUMNS
    rows: list[Seen] = []
    try:
        for row in read_tar(path, columns):
            found = seen(row, entry)
            fault = clip_fault(row, decode=not is_twin) if check.holds(str(row["id"])) else None
            own = () if is_twin else found.faults
            rows.append(found._replace(faults=(*own, *([fault] if fault else []))))
    except DatasetError as error:
        finding = Finding(file=entry.path, rule="tar", detail=str(error))
        return Look(rows=tuple(rows), after=(finding,), is_read=False)
    if len(rows) == entry.rows:
        return Look(rows=tuple(rows))
    detail = f"holds {len(rows)} samples, the manifest says {entry.rows}"
    return Look(rows=tuple(rows), after=(Finding(file=entry.path, rule="rows", detail=detail),))
