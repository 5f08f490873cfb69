"""What the writers of all layouts have in common."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from equime_builder.csv_text import Cell, csv_text
from equime_builder.export.clips import Clip
from equime_builder.publish import publish, publish_text
from equime_builder.rows import Row

Pairs = Iterator[tuple[Clip, Row]]


class Layout(Protocol):
    """Writes clips in one layout; made with the folder and the kind of image files."""

    about: str
    """For the notice."""
    takes_negatives: bool
    """Whether it has a place for clips without an expression."""

    def size_bytes(self, clips: Sequence[Clip]) -> int:
        """Return about how much room the media of so many clips take."""
        ...

    def write_shard(self, shard: str, pairs: Pairs) -> None:
        """Write the media of some clips of one shard, each whole or not at all; what is there already stays.

        All of ``pairs`` is read, so that labels are complete after a run that was resumed.
        """
        ...

    def finish(self) -> None:
        """Write the labels of all clips."""
        ...


def write_video(path: Path, row: Row) -> None:
    """Write a clip's video file as it stands in its row; one that is there already stays.

    Raises:
        OutputError: The place cannot be written.
    """
    data: bytes = row["video"]["bytes"]
    if not path.exists() or path.stat().st_size != len(data):
        publish(path, lambda partial: _write(partial, data))


def write_csv(path: Path, rows: Iterable[Sequence[Cell]]) -> None:
    """Write rows, headings among them, as a CSV file in UTF-8, whole or not at all.

    Raises:
        OutputError: The place cannot be written.
    """
    publish_text(path, csv_text(rows))


def videos_size_bytes(clips: Sequence[Clip]) -> int:
    """Return the room that the video files of clips take, with their labels."""
    return sum(clip.size_bytes + 20_000 for clip in clips)


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)
