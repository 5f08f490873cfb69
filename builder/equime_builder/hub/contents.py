"""What of a folder goes to the Hub: a list of what may, so that nothing else ever does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from equime_builder.croissant import write_croissant
from equime_builder.digests import sha256_of_file
from equime_builder.errors import DatasetError
from equime_builder.layout import (
    CROISSANT_FILE,
    DATA_FOLDER,
    DATASHEET_FILE,
    FLOW_FOLDER,
    LABELS_FOLDER,
    LICENSE_FILE,
    MANIFEST_FILE,
    PAPER_FILES,
    RECIPE_FILE,
    REJECTS_FILE,
    SPOTTING_FOLDER,
    TABLE_FILES,
    TAR_FOLDER,
    VQA_FOLDER,
    labels_twin,
)
from equime_builder.manifest import Manifest, entry_of, write_manifest
from equime_builder.records import Reject
from equime_builder.summary import summarize
from equime_builder.tables import read_rejects, write_rejects

CONFIG_FILE: Final = "run.toml"
_FOLDERS: Final = (
    DATA_FOLDER, SPOTTING_FOLDER, VQA_FOLDER, FLOW_FOLDER, TAR_FOLDER, LABELS_FOLDER, "gallery", "audit",
)  # fmt: skip
_FILES: Final = (*TABLE_FILES, *PAPER_FILES, LICENSE_FILE, CONFIG_FILE, MANIFEST_FILE, RECIPE_FILE)
_PAGES: Final = ("gallery/index.html", "gallery/clips/*.mp4", "gallery/frames/*.jpg", "audit/index.html")


def is_ours(path: str) -> bool:
    """Tell whether a path of a repository is one that a dataset or a recipe release has."""
    return path in _FILES or (path.partition("/")[0] in _FOLDERS and "/" in path)


def contents_of_dataset(root: Path, manifest: Manifest, scratch: Path) -> dict[str, Path]:
    """Return what of a dataset folder goes to the Hub, by the path that it has there.

    Names that photos have on this machine are replaced by numbers, in copies that lie in ``scratch``.

    Raises:
        DatasetError: A file is missing, or is not the one that the manifest lists.
    """
    _check(root, manifest)
    listed = {entry.path: root / entry.path for entry in manifest.files}
    pages = [path for pattern in _PAGES for path in sorted(root.glob(pattern))]
    papers = [root / name for name in (*PAPER_FILES, LICENSE_FILE, CONFIG_FILE, MANIFEST_FILE)]
    beside = {path.relative_to(root).as_posix(): path for path in [*papers, *pages] if path.is_file()}
    return listed | beside | _without_names(root, manifest, scratch)


def contents_of_release(root: Path, manifest: Manifest) -> dict[str, Path]:
    """Return what of a recipe release goes to the Hub, by the path that it has there.

    Raises:
        DatasetError: A file is missing.
    """
    clips = (*manifest.clip_files, *manifest.spotting_files)
    names = [
        *TABLE_FILES, PAPER_FILES[0], LICENSE_FILE, RECIPE_FILE, *(labels_twin(entry.shard) for entry in clips),
    ]  # fmt: skip
    missing = [name for name in names if not (root / name).is_file()]
    if missing:
        raise DatasetError(f"{root} lacks {', '.join(missing[:5])}; make the release again with equime recipe")
    more = [name for name in (DATASHEET_FILE, CONFIG_FILE) if (root / name).is_file()]
    return {name: root / name for name in [*names, *more]}


def numbered(rejects: Iterable[Reject], faces: str) -> Iterator[Reject]:
    """Yield rejects with numbers for the names that photos have in a user's own folder.

    Args:
        faces: Source of the run, as its configuration has it.
    """
    for number, reject in enumerate(rejects):
        is_named = reject.kind == "photo" and faces.partition(":")[0] == "folder"
        yield replace(reject, id=f"photo-{number:05d}") if is_named else reject


def _without_names(root: Path, manifest: Manifest, scratch: Path) -> dict[str, Path]:
    before = list(read_rejects(root / REJECTS_FILE))
    after = list(numbered(before, str(manifest.config.get("faces", ""))))
    if after == before:
        return {}
    write_rejects(scratch / REJECTS_FILE, after)
    entry = entry_of(scratch, REJECTS_FILE)
    manifest = replace(manifest, files=tuple(entry if old.path == entry.path else old for old in manifest.files))
    write_manifest(scratch, manifest)
    write_croissant(scratch, manifest, summarize(root, [old.path for old in manifest.clip_files]))
    return {name: scratch / name for name in (REJECTS_FILE, MANIFEST_FILE, CROISSANT_FILE)}


def _check(root: Path, manifest: Manifest) -> None:
    for entry in manifest.files:
        path = root / entry.path
        if not path.is_file() or path.is_symlink() or sha256_of_file(path) != entry.sha256:
            raise DatasetError(f"{entry.path} is missing or damaged, and would be for others; run equime verify {root}")
