"""``manifest.json``: what a dataset folder holds, and from which configuration it was made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from equime_builder.digests import fingerprint, sha256_of_file
from equime_builder.errors import DatasetError, DatasetMissingError
from equime_builder.layout import (
    MANIFEST_FILE,
    RECIPE_FILE,
    check_relative_path,
    parquet_twin,
    place_of,
    place_order,
    spotting_split_of,
    tar_place_of,
    vqa_split_of,
)
from equime_builder.publish import publish_text
from equime_builder.records import SPLITS, SPOTTING
from equime_builder.schema import SCHEMA_VERSION
from equime_builder.shards import rows_in
from equime_builder.tars import samples_in

_REMAKE: Final = "download the dataset again, or run equime render once more on this folder"
MOST_MANIFEST_BYTES: Final = 64 * 2**20
"""A manifest of 100,000 clips has some 300 kB."""
_MOST: Final = 2**53
"""Larger numbers are not the same to every reader of JSON."""
_HEX: Final = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEntry:
    """One Parquet or tar file of the folder.

    Attributes:
        path: Relative to the folder, with ``/``; never leaves it.
        rows: Rows in the file.
        size_bytes: Size of the file.
        sha256: Hash of its bytes.
    """

    path: str
    rows: int
    size_bytes: int
    sha256: str

    def __post_init__(self) -> None:
        check_relative_path(self.path)
        if not 0 <= self.rows < _MOST or not 0 <= self.size_bytes < _MOST:
            raise DatasetError(f"{self.path}: rows and bytes must lie in 0 to 2^53")
        if len(self.sha256) != 64 or not _HEX.issuperset(self.sha256):
            raise DatasetError(f"{self.path}: sha256 must be 64 hex digits, got {self.sha256!r:.80}")

    @property
    def place(self) -> tuple[str, str] | None:
        """Emotion and split of a shard, from its path; ``None`` for other files."""
        return place_of(self.path)

    @property
    def spotting_split(self) -> str | None:
        """Split of a shard of clips of several events; ``None`` for other files."""
        return spotting_split_of(self.path)

    @property
    def vqa_split(self) -> str | None:
        """Split of a shard of questions; ``None`` for other files."""
        return vqa_split_of(self.path)

    @property
    def tar_place(self) -> tuple[str, str] | None:
        """Emotion, or `equime_builder.records.SPOTTING`, and split of a WebDataset shard; ``None`` for other files."""
        return tar_place_of(self.path)

    @property
    def shard(self) -> str:
        """Path that its clips' Parquet shard has, as the table of plans names it, whether that is there or not."""
        return parquet_twin(self.path) if self.tar_place else self.path

    @property
    def emotion(self) -> str:
        """Emotion of a shard of clips of at most one event; empty for other files."""
        emotion, _ = self.place or self.tar_place or ("", "")
        return emotion if emotion != SPOTTING else ""

    @property
    def split(self) -> str:
        """Split of a shard of any kind; empty for other files."""
        place = self.place or self.tar_place
        return place[1] if place else self.spotting_split or self.vqa_split or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a dataset folder holds.

    Attributes:
        code_version: Version of the software that wrote the folder.
        config: Configuration of the run, as the caller gave it; JSON values only.
        files: Shards and side tables, sorted by path.
    """

    code_version: str
    config: Mapping[str, Any]
    files: tuple[FileEntry, ...]
    schema_version: int = SCHEMA_VERSION

    @property
    def fingerprint(self) -> str:
        """16 hex digits that name the configuration."""
        return fingerprint(self.config)

    @property
    def contents(self) -> str:
        """16 hex digits that name the bytes of all shards."""
        return fingerprint({entry.path: entry.sha256 for entry in self.files if entry.split})

    @property
    def shards(self) -> tuple[FileEntry, ...]:
        """The Parquet files that hold clips of at most one event."""
        return tuple(entry for entry in self.files if entry.place is not None)

    @property
    def tars(self) -> tuple[FileEntry, ...]:
        """The WebDataset shards, of clips of one event and of several."""
        return tuple(entry for entry in self.files if entry.tar_place is not None)

    @property
    def is_tar_only(self) -> bool:
        """Whether clips stand in WebDataset shards alone; else these hold the clips of the Parquet shards again."""
        return bool(self.tars) and not self.shards

    @property
    def is_planned(self) -> bool:
        """Whether it is that of a plan alone, which lists no shard since nobody rendered it."""
        return not any(entry.split for entry in self.files)

    @property
    def clip_files(self) -> tuple[FileEntry, ...]:
        """The files that hold clips of at most one event, each clip once."""
        tars = (entry for entry in self.tars if (entry.tar_place or ("",))[0] != SPOTTING)
        return tuple(tars) if self.is_tar_only else self.shards

    @property
    def spotting_files(self) -> tuple[FileEntry, ...]:
        """The files that hold clips of several events, each clip once."""
        tars = (entry for entry in self.tars if (entry.tar_place or ("",))[0] == SPOTTING)
        return tuple(tars) if self.is_tar_only else tuple(entry for entry in self.files if entry.spotting_split)

    @property
    def spotting(self) -> dict[str, int]:
        """Clips of several events by split, which no other count includes; only what is there."""
        found: dict[str, int] = dict.fromkeys(SPLITS, 0)
        for entry in self.spotting_files:
            found[entry.split] += entry.rows
        return {split: rows for split, rows in found.items() if rows}

    @property
    def vqa(self) -> dict[str, int]:
        """Clips with questions by split, each of which a shard under ``data/`` holds as well; only what is there."""
        found = {split: sum(entry.rows for entry in self.files if entry.vqa_split == split) for split in SPLITS}
        return {split: rows for split, rows in found.items() if rows}

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """Clips by emotion and split; only what is there, in the order of the label and of the splits."""
        counts: dict[str, dict[str, int]] = {}
        for entry in sorted(self.clip_files, key=lambda entry: place_order(entry.path)):
            emotion, split = entry.place or entry.tar_place or ("", "")
            of_emotion = counts.setdefault(emotion, {})
            of_emotion[split] = of_emotion.get(split, 0) + entry.rows
        return counts

    @property
    def clips(self) -> int:
        """Clips of at most one event."""
        return sum(entry.rows for entry in self.clip_files)


def entry_of(root: Path, path: str) -> FileEntry:
    """Return the entry of a Parquet or tar file, from what stands on the disk.

    Raises:
        DatasetError: The file is missing or unreadable.
    """
    rows = samples_in(root / path) if tar_place_of(path) else rows_in(root / path)
    size_bytes = (root / path).stat().st_size
    return FileEntry(path=path, rows=rows, size_bytes=size_bytes, sha256=sha256_of_file(root / path))


def write_manifest(root: Path, manifest: Manifest, name: str = MANIFEST_FILE) -> Path:
    """Write the manifest; its presence makes the folder a dataset, so it comes last.

    Args:
        name: `equime_builder.layout.RECIPE_FILE` where the files that it lists are yet to be made.

    Raises:
        OutputError: The place cannot be written.
    """
    content = {
        "schema_version": manifest.schema_version,
        "code_version": manifest.code_version,
        "fingerprint": manifest.fingerprint,
        "config": dict(manifest.config),
        "clips": manifest.clips,
        "counts": manifest.counts,
        "files": [_as_json(entry) for entry in manifest.files],
    }
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
    return publish_text(root / name, text + "\n")


def dataset_root(path: Path) -> Path:
    """Return ``path`` where it is a dataset folder.

    Raises:
        DatasetMissingError: There is no folder, or it holds no ``manifest.json``.
        DatasetError: It is a recipe release whose ``recipe.json`` is damaged.
    """
    if not path.is_dir():
        raise DatasetMissingError(f"{path}: no such folder; make a dataset with: equime render --out {path}")
    if (path / RECIPE_FILE).is_file() and not (path / MANIFEST_FILE).is_file():
        if _read(path / RECIPE_FILE).is_planned:
            raise DatasetMissingError(
                f"{path}: a plan that was never rendered, so there is no hash of a clip to hold anything against; "
                f"make its clips with: equime render --config {path / 'run.toml'} --faces SOURCE --out DIR"
            )
        raise DatasetMissingError(
            f"{path}: a recipe release, which holds no clips; make them with: equime regenerate {path} --faces SOURCE"
        )
    if not (path / MANIFEST_FILE).is_file():
        raise DatasetMissingError(
            f"{path}: no dataset, for it holds no {MANIFEST_FILE}; make one with: equime render --out DIR"
        )
    return path


def read_manifest(root: Path) -> Manifest:
    """Read and check the manifest of a dataset folder.

    Raises:
        DatasetMissingError: There is no dataset folder.
        DatasetError: The file is damaged, of another schema version, or contradicts itself.
    """
    return _read(dataset_root(root) / MANIFEST_FILE)


def stated_manifest(root: Path) -> Manifest:
    """Read the manifest of a dataset folder, or that of the dataset which a recipe release makes.

    Raises:
        DatasetMissingError: The folder is neither.
        DatasetError: As `read_manifest`.
    """
    is_release = (root / RECIPE_FILE).is_file() and not (root / MANIFEST_FILE).exists()
    return _read(root / RECIPE_FILE) if is_release else read_manifest(root)


def _read(path: Path) -> Manifest:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_MANIFEST_BYTES + 1)
    except OSError as error:
        raise DatasetError(f"{path.name}: cannot be read: {error.strerror}; {_REMAKE}") from error
    return parse_manifest(data)


def parse_manifest(data: bytes) -> Manifest:
    """Return the manifest that a JSON text states.

    Raises:
        DatasetError: It is no such JSON, is of another schema version, or contradicts itself.
    """
    if len(data) > MOST_MANIFEST_BYTES:
        raise DatasetError(f"{MANIFEST_FILE}: over {MOST_MANIFEST_BYTES} bytes; {_REMAKE}")
    try:
        content = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"{MANIFEST_FILE}: no valid JSON: {error}; {_REMAKE}") from error
    fields = _typed(content, _FIELDS, "the file")
    if fields["schema_version"] != SCHEMA_VERSION:
        raise DatasetError(
            f"{MANIFEST_FILE}: schema version is {fields['schema_version']}, this software reads {SCHEMA_VERSION}; "
            "install the version of equime that wrote it, or render again"
        )
    manifest = Manifest(
        code_version=fields["code_version"], config=fields["config"], files=_parse_files(fields["files"])
    )
    _check_consistent(manifest, fields)
    return manifest


_FIELDS: Final[dict[str, type]] = {
    "schema_version": int,
    "code_version": str,
    "fingerprint": str,
    "config": dict,
    "clips": int,
    "counts": dict,
    "files": list,
}
_FILE_FIELDS: Final[dict[str, type]] = {"path": str, "rows": int, "bytes": int, "sha256": str}


def _typed(content: object, types: Mapping[str, type], what: str) -> dict[str, Any]:
    if not isinstance(content, dict):
        raise DatasetError(f"{MANIFEST_FILE}: {what} must be a JSON object; {_REMAKE}")
    for name, wanted in types.items():
        if type(content.get(name)) is not wanted:  # bool is an int to isinstance
            raise DatasetError(f"{MANIFEST_FILE}: {what} needs {name!r} as {wanted.__name__}; {_REMAKE}")
    return content


def _parse_files(entries: list[object]) -> tuple[FileEntry, ...]:
    fields = [_typed(entry, _FILE_FIELDS, "each file") for entry in entries]
    files = tuple(
        FileEntry(path=entry["path"], rows=entry["rows"], size_bytes=entry["bytes"], sha256=entry["sha256"])
        for entry in fields
    )
    # file systems of Windows and macOS hold names apart only by more than their case
    if len({entry.path.casefold() for entry in files}) != len(files):
        raise DatasetError(f"{MANIFEST_FILE}: lists a file twice; {_REMAKE}")
    return files


def _check_consistent(manifest: Manifest, fields: Mapping[str, Any]) -> None:
    try:
        stated = {"fingerprint": manifest.fingerprint, "clips": manifest.clips, "counts": manifest.counts}
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"{MANIFEST_FILE}: config holds a value that is no JSON: {error}; {_REMAKE}") from error
    for name, value in stated.items():
        if fields[name] != value:
            raise DatasetError(f"{MANIFEST_FILE}: {name!r} contradicts the rest of the file; {_REMAKE}")


def _as_json(entry: FileEntry) -> dict[str, object]:
    fields = asdict(entry)
    return {"path": fields["path"], "rows": entry.rows, "bytes": entry.size_bytes, "sha256": entry.sha256}
