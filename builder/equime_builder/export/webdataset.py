"""WebDataset shards of an existing dataset: the same bytes as ``equime render --format webdataset`` writes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from equime_builder.export.clips import Clip
from equime_builder.export.layouts import Pairs, videos_size_bytes
from equime_builder.layout import place_of, tar_twin
from equime_builder.tars import write_tar

_BLOCK_BYTES: Final = 10_240


class WebDataset:
    """Writes ``webdataset/fear/train-00000.tar``, one for each shard."""

    takes_negatives = True
    about = """\
Layout: webdataset/<emotion>/<split>-<number>.tar, each clip as <id>.mp4, <id>.txt (the prompt) and <id>.json (all
columns of its row, the emotion by its name, frames counted from 0).
"""

    def __init__(self, out: Path, images: str) -> None:
        self._out = out

    def size_bytes(self, clips: Sequence[Clip]) -> int:
        """Return about how much room so many clips take."""
        return videos_size_bytes(clips) + _BLOCK_BYTES * len({clip.shard for clip in clips})

    def write_shard(self, shard: str, pairs: Pairs) -> None:
        """Write a shard; one that is there already stays.

        Raises:
            DatasetError: A row's id is no plain name.
            OutputError: The place cannot be written.
        """
        path = self._out / (tar_twin(shard) if place_of(shard) else shard)
        if not path.exists():
            write_tar(path, (row for _, row in pairs))

    def finish(self) -> None:
        """Do nothing: shards hold their labels."""
