"""What `equime_builder.verify` found wrong with a folder is put right: set aside, and made again from recipes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from equime_builder.errors import DatasetError
from equime_builder.findings import Finding
from equime_builder.folder import licence_text
from equime_builder.layout import LICENSE_FILE, MANIFEST_FILE, PAPER_FILES, SUBJECTS_FILE, TABLE_FILES, VQA_FOLDER
from equime_builder.manifest import Manifest, read_manifest
from equime_builder.papers import write_papers
from equime_builder.publish import publish_text
from equime_builder.reading import read_rows
from equime_builder.shards import write_rows
from equime_builder.tables import read_subjects
from equime_builder.tars import read_tar, write_tar
from equime_builder.vqa_shards import add_vqa
from equime_generation.quarantine import bring_back, quarantine
from equime_generation.regeneration import Means, Regenerated, regenerate
from equime_generation.regeneration.assembly import columns_of

if TYPE_CHECKING:
    from equime_generation.progress import Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Repaired:
    """What a repair did.

    Attributes:
        set_aside: Files that were moved aside: where each lay, and where it lies now.
        again: Shards that were made again.
    """

    set_aside: dict[str, str]
    again: Regenerated


def repair(root: Path, findings: Sequence[Finding], means: Means, watch: Watch) -> Repaired:
    """Set bad files aside and make them again; where that fails, they come back to their places.

    Clips are rendered again from their recipes; WebDataset shards are written from the Parquet shards, questions,
    papers and the licence from what they describe.

    Args:
        findings: Of this folder.
        means: With what clips are made again.

    Raises:
        DatasetError: The manifest or a table is damaged, from which everything else is made.
        UsageError: The photos are needed, and no source was named; or another run is at the folder.
        PhotoError: A photo is missing or has changed.
        OutputError: The folder cannot be written.
    """
    bad = list(dict.fromkeys(finding.file for finding in findings))
    lost = [name for name in bad if name in (MANIFEST_FILE, *TABLE_FILES)]
    if lost:
        raise DatasetError(f"{', '.join(lost)} cannot be made again; restore it from where the dataset came from")
    manifest = read_manifest(root)
    moved = quarantine(root, findings)
    try:
        _derive_twins(root, manifest)
        again = regenerate(root, [], means, watch)
        _derive_rest(root, bad)
    except BaseException:
        bring_back(root, moved)
        raise
    return Repaired(set_aside=moved, again=again)


def _derive_twins(root: Path, manifest: Manifest) -> None:
    """Write shards that are not there from those that hold the same clips in the other format."""
    for entry in manifest.tars:
        tar, shard = root / entry.path, root / entry.shard
        columns = columns_of(entry.shard)
        if not tar.is_file() and shard.is_file():
            write_tar(tar, read_rows(shard, columns), columns)
        elif tar.is_file() and not shard.is_file() and not manifest.is_tar_only:
            write_rows(shard, read_tar(tar, columns), columns)


def _derive_rest(root: Path, bad: Collection[str]) -> None:
    """Write anew what describes clips or asks about them, where it was found wrong or is not there."""
    manifest = read_manifest(root)
    questions = [root / entry.path for entry in manifest.files if entry.vqa_split]
    if VQA_FOLDER in bad or not all(path.is_file() for path in questions):
        manifest = add_vqa(root)
    if LICENSE_FILE in bad:
        people = [subject for subject, _ in read_subjects(root / SUBJECTS_FILE).values()]
        publish_text(root / LICENSE_FILE, licence_text(people))
    if set(PAPER_FILES) & set(bad):
        write_papers(root, manifest)
