"""The papers of a dataset folder against the shards that they describe."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from equime_builder.findings import Finding
from equime_builder.layout import CARD_FILE, LICENSE_FILE, PAPER_FILES
from equime_builder.manifest import Manifest

_LARGEST_BYTES: Final = 64 * 2**20
_WHY: Final = {CARD_FILE: "is not there, so load_dataset finds no configurations"}


def inspect_papers(root: Path, manifest: Manifest) -> Iterator[Finding]:
    """Yield a finding for each paper that is missing or describes other shards; nothing is raised."""
    for name in (*PAPER_FILES, LICENSE_FILE):
        path = root / name
        if not path.is_file():
            yield Finding(file=name, rule="missing", detail=_WHY.get(name, "is not there, and every dataset has it"))
        elif not path.resolve().is_relative_to(root.resolve()):
            yield Finding(file=name, rule="outside", detail="is a link that leaves the folder; it was not followed")
        elif name in PAPER_FILES and not _names(path, manifest.contents):
            yield Finding(file=name, rule="paper", detail="describes other shards than those of the manifest")


def _names(path: Path, contents: str) -> bool:
    try:
        with path.open("rb") as file:
            return contents.encode() in file.read(_LARGEST_BYTES)
    except OSError:
        return False
