"""Files that were made again go to their places, and what is derived from them follows; the manifest comes last."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from equime_builder.digests import sha256_of_file
from equime_builder.errors import OutputError
from equime_builder.gallery import write_gallery
from equime_builder.layout import LABELS_FOLDER, MANIFEST_FILE, RECIPE_FILE, TABLE_FILES
from equime_builder.manifest import Manifest, entry_of, write_manifest
from equime_builder.papers import write_papers
from equime_builder.publish import remove_tree
from equime_builder.vqa_shards import write_vqa
from equime_generation.regeneration.assembly import Assembled


def install(files: Assembled, root: Path) -> list[str]:
    """Move the files of a shard to their places in a folder, and return those that were not there so before.

    Raises:
        OutputError: A place cannot be written.
    """
    moved = []
    for path in files.paths:
        made, place = files.folder / path, root / path
        if place.is_file() and sha256_of_file(place) == sha256_of_file(made):
            continue
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            os.replace(made, place)
        except OSError as error:
            raise OutputError(f"cannot write {place}: {error.strerror}; make it writable and run again") from error
        moved.append(path)
    return moved


def complete(root: Path, manifest: Manifest, changed: Sequence[str]) -> bool:
    """Bring everything that follows from the shards up to date, and tell whether the folder is a whole dataset.

    Args:
        manifest: As it stood before.
        changed: Files that were put into the folder since.

    Raises:
        DatasetError: A shard is damaged.
        OutputError: The folder cannot be written.
    """
    derived = [entry.path for entry in manifest.files if entry.vqa_split]
    if any(not (root / entry.path).is_file() for entry in manifest.files if entry.path not in derived):
        return False
    is_release = not (root / MANIFEST_FILE).exists()
    if derived and (changed or not all((root / path).is_file() for path in derived)):
        write_vqa(root)
    if not changed and not is_release:
        return True
    stale = {*changed, *derived, *TABLE_FILES}
    files = tuple(entry_of(root, entry.path) if entry.path in stale else entry for entry in manifest.files)
    manifest = replace(manifest, files=files)
    if not manifest.is_tar_only:
        write_gallery(root)
    write_papers(root, manifest)
    write_manifest(root, manifest)
    if is_release:
        remove_tree(root / LABELS_FOLDER)
        (root / RECIPE_FILE).unlink(missing_ok=True)
    return True
