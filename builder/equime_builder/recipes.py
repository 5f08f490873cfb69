"""A recipe release: all that makes a dataset again but its media, for photos that must not be passed on."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from equime_builder.errors import UsageError
from equime_builder.hub.contents import CONFIG_FILE, numbered
from equime_builder.labels import LABEL_COLUMNS, SPOTTING_LABEL_COLUMNS, write_labels
from equime_builder.layout import (
    DATASHEET_FILE,
    LICENSE_FILE,
    MANIFEST_FILE,
    PLAN_FILE,
    RECIPE_FILE,
    REJECTS_FILE,
    SUBJECTS_FILE,
    labels_twin,
)
from equime_builder.manifest import FileEntry, entry_of, read_manifest, write_manifest
from equime_builder.publish import publish
from equime_builder.reading import read_rows
from equime_builder.recipe_card import write_recipe_card
from equime_builder.records import SPOTTING
from equime_builder.rows import Row
from equime_builder.schema import COLUMNS
from equime_builder.spotting import SPOTTING_COLUMNS
from equime_builder.tables import read_rejects, write_rejects
from equime_builder.tars import read_tar


def write_recipe_release(root: Path, out: Path) -> Path:
    """Write the recipe release of a dataset: plans, labels, tables and hashes, and no picture of anybody.

    ``equime regenerate`` builds the very same shards from it where the photos are. ``recipe.json``, the manifest of the
    dataset that comes of it, is written last.

    Args:
        root: A dataset folder.
        out: A new or empty folder, or one with an earlier release of the same dataset.

    Raises:
        DatasetMissingError: ``root`` is no dataset.
        UsageError: ``out`` holds something else.
        DatasetError: A file is damaged.
        OutputError: The folder cannot be written.
    """
    manifest = read_manifest(root)
    if (out / MANIFEST_FILE).exists() or (out.is_dir() and any(out.iterdir()) and not (out / RECIPE_FILE).is_file()):
        raise UsageError(f"{out} holds something that is no recipe release; choose a new or empty folder")
    (out / RECIPE_FILE).unlink(missing_ok=True)
    for name in (PLAN_FILE, SUBJECTS_FILE, LICENSE_FILE, DATASHEET_FILE, CONFIG_FILE):
        if (root / name).is_file():
            _copy(root / name, out / name)
    faces = str(manifest.config.get("faces", ""))
    write_rejects(out / REJECTS_FILE, numbered(read_rejects(root / REJECTS_FILE), faces))
    for entry in (*manifest.clip_files, *manifest.spotting_files):
        columns = SPOTTING_LABEL_COLUMNS if _is_spotting(entry) else LABEL_COLUMNS
        write_labels(out / labels_twin(entry.shard), _rows(root, entry), columns)
    rejects = entry_of(out, REJECTS_FILE)
    files = tuple(rejects if entry.path == REJECTS_FILE else entry for entry in manifest.files)
    manifest = replace(manifest, files=files)
    write_recipe_card(out, manifest)
    return write_manifest(out, manifest, RECIPE_FILE)


def _rows(root: Path, entry: FileEntry) -> Iterator[Row]:
    columns, labels = (SPOTTING_COLUMNS, SPOTTING_LABEL_COLUMNS) if _is_spotting(entry) else (COLUMNS, LABEL_COLUMNS)
    if entry.tar_place:
        return read_tar(root / entry.path, columns)
    return read_rows(root / entry.path, columns, only=[column.name for column in labels])


def _is_spotting(entry: FileEntry) -> bool:
    return bool(entry.spotting_split) or (entry.tar_place or ("",))[0] == SPOTTING


def _copy(source: Path, target: Path) -> None:
    def write(partial: Path) -> None:
        shutil.copyfile(source, partial)

    publish(target, write)
