"""Questions of a whole folder, derived from its shards: at the end of a render, or at any time later."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from equime_builder.errors import OutputError
from equime_builder.folder import shard_paths, vqa_paths
from equime_builder.layout import place_of, place_order, vqa_path
from equime_builder.manifest import Manifest, entry_of, read_manifest, write_manifest
from equime_builder.papers import write_papers
from equime_builder.reading import read_rows
from equime_builder.records import SPLITS
from equime_builder.rows import Row
from equime_builder.shards import write_rows
from equime_builder.vqa_rows import FROM_COLUMNS, VQA_COLUMNS, vqa_row_of

SHARD_BYTES: Final = 256 * 2**20
"""Videos of a shard, a clip more at most."""


def add_vqa(root: Path) -> Manifest:
    """Give a dataset folder its configuration ``vqa``, or make that anew, and return its manifest.

    Raises:
        DatasetMissingError: There is no dataset.
        DatasetError: The manifest or a shard is damaged.
        OutputError: The folder cannot be written.
    """
    manifest = read_manifest(root)
    entries = [entry_of(root, path) for path in write_vqa(root)]
    kept = [entry for entry in manifest.files if entry.vqa_split is None]
    manifest = replace(manifest, files=tuple(sorted([*kept, *entries], key=lambda entry: entry.path)))
    write_papers(root, manifest)
    write_manifest(root, manifest)
    return manifest


def write_vqa(root: Path) -> list[str]:
    """Write the shards of questions of all clips under ``data/``, and return their paths; the same clips, same bytes.

    Emotions take turns, so that any stretch of a shard holds all of them. Shards of other clips are removed.

    Raises:
        DatasetError: There is no shard, or one is damaged.
        OutputError: The folder cannot be written.
    """
    by_place: dict[tuple[str, str] | None, list[str]] = {}
    for path in sorted(shard_paths(root), key=place_order):
        by_place.setdefault(place_of(path), []).append(path)
    written = []
    for split in SPLITS:
        lanes = [_rows(root, paths) for place, paths in by_place.items() if place and place[1] == split]
        written += _write_split(root, split, _in_turn(lanes))
    for path in set(vqa_paths(root)) - set(written):
        _remove(root / path)
    return written


def _write_split(root: Path, split: str, rows: Iterator[Row]) -> list[str]:
    written: list[str] = []
    while (first := next(rows, None)) is not None:
        path = vqa_path(split, len(written))
        write_rows(root / path, _up_to_size(first, rows), VQA_COLUMNS)
        written.append(path)
    return written


def _up_to_size(first: Row, rows: Iterator[Row]) -> Iterator[Row]:
    size_bytes = first["size_bytes"]
    yield first
    while size_bytes < SHARD_BYTES and (row := next(rows, None)) is not None:
        size_bytes += row["size_bytes"]
        yield row


def _in_turn(lanes: list[Iterator[Row]]) -> Iterator[Row]:
    while lanes:
        for lane in list(lanes):
            row = next(lane, None)
            if row is None:
                lanes.remove(lane)
            else:
                yield row


def _rows(root: Path, paths: list[str]) -> Iterator[Row]:
    for path in paths:
        yield from map(vqa_row_of, read_rows(root / path, only=FROM_COLUMNS, where=path))


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"cannot remove {path}: {error.strerror}; remove it yourself and start again") from error
