"""The papers of a dataset folder, made from its shards, its tables and its manifest, and never typed by hand."""

from __future__ import annotations

from pathlib import Path

from equime_builder.card import write_card
from equime_builder.croissant import write_croissant
from equime_builder.datasheet import write_datasheet
from equime_builder.manifest import Manifest
from equime_builder.summary import summarize


def write_papers(root: Path, manifest: Manifest) -> None:
    """Write the card, the datasheet and the Croissant file; the same shards, manifest and reviews give the same bytes.

    Args:
        root: The folder, whose shards and side tables are whole.

    Raises:
        DatasetError: A shard or a table cannot be read.
        OutputError: The folder cannot be written.
    """
    summary = summarize(root, [entry.path for entry in manifest.clip_files])
    write_card(root, manifest, summary)
    write_datasheet(root, manifest, summary)
    write_croissant(root, manifest, summary)
