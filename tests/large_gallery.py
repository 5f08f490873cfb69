"""A gallery of many clips from the files of a small one."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from equime_builder.folder import shard_paths
from equime_builder.gallery.choice import candidates, rows_of
from equime_builder.gallery.entry import clip_path, entry, picture_path
from equime_builder.gallery.page import page
from equime_builder.gallery.pictures import PICTURE_KINDS
from equime_builder.gallery.tally import tally_of
from equime_builder.summary import summarize


def write_large_gallery(root: Path, folder: Path, *, clips: int) -> Path:
    """Write a page of so many clips, whose files are links to those of a dataset's gallery, and return it.

    Args:
        root: A dataset folder whose gallery is written and shows every clip.
    """
    shards = shard_paths(root)
    known = list(rows_of(root, candidates(root, shards)))
    entries = []
    for number in range(clips):
        clip, row = known[number % len(known)]
        copy = replace(clip, id=f"clip-{number:05d}")
        entries.append((copy, entry(copy, {**row, "id": copy.id})))
        files = [(picture_path(clip.id, kind), picture_path(copy.id, kind)) for kind in PICTURE_KINDS]
        for source, target in [(clip_path(clip.id), clip_path(copy.id)), *files]:
            (folder / target).parent.mkdir(exist_ok=True)
            os.link(root / "gallery" / source, folder / target)
    entries.sort(key=lambda pair: pair[0].emotion)
    aus = sorted({unit["au"] for _, row in known for unit in row["aus"]})
    path = folder / "index.html"
    path.write_text(page(entries, aus, summarize(root, shards), tally_of(root, shards)), encoding="utf-8")
    return path
