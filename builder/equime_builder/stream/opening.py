"""From names to a stream: where, which rows, which frames, in which order."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import and_

from equime_builder.errors import choose
from equime_builder.selection import of_emotions, of_fold, within_aus
from equime_builder.stream.chunks import RowChoice
from equime_builder.stream.clip_stream import BUFFER_ROWS, ClipStream
from equime_builder.stream.folder import Folder
from equime_builder.stream.samples import FrameChoice, sample_maker
from equime_builder.stream.source import Format, OnError, find_shards, list_source


def open_stream(
    folder: Folder,
    name: str = "all",
    *,
    split: str = "train",
    emotions: str | Sequence[str] | None = None,
    aus: Sequence[int] | None = None,
    fold: int | None = None,
    format: Format | None = None,
    columns: Sequence[str] | None = None,
    frames: FrameChoice | None = None,
    shuffle: bool = False,
    seed: int = 0,
    buffer_rows: int = BUFFER_ROWS,
    on_error: OnError = "raise",
) -> ClipStream:
    """Open the clips of a dataset folder for streaming; reads its manifest, and the footers or headers of its shards.

    Args:
        folder: As from `equime_builder.stream.folder.open_folder`.
        name: Configuration: ``"all"``, an emotion, ``"spotting"`` or ``"vqa"``.
        split: ``"train"``, ``"validation"``, ``"test"`` or ``"all"``; with ``fold`` ``"train"`` or ``"test"``.
        emotions: Keep these emotions.
        aus: Keep the clips in which no Action Unit outside these moves; negatives stay.
        fold: ``"test"`` is this fold of all clips (0-4), ``"train"`` the other four.
        format: Kind of shard; ``None`` takes Parquet where there is any.
        columns: Of the samples; ``None`` takes a few with frames, and all without.
        frames: Which frames to decode; ``None`` leaves ``video`` as ``{"bytes", "path"}``.
        shuffle: Whether to mix rows.
        seed: Of the order and of drawn frames.
        buffer_rows: Rows that are mixed with each other, in memory.
        on_error: ``"raise"`` or ``"skip"``.

    Raises:
        DatasetMissingError: There is no dataset.
        DatasetError: The manifest or a shard is damaged.
        TransferError: Another machine does not deliver the dataset.
        UsageError: A name is unknown, or no row is left.
    """
    choose("on_error", on_error, ("raise", "skip"))
    if fold is not None:
        choose("split, with a fold,", split, ["train", "test"])
    rows = _choice(emotions, aus, fold, held_out=split == "test")
    paths = find_shards(folder, name, split if fold is None else "all", format)
    source = list_source(folder, paths, choice=rows, on_error=on_error)
    maker = sample_maker(source.columns, columns=columns, frames=frames, seed=seed)
    return ClipStream(source, maker, shuffle=shuffle, seed=seed, buffer_rows=buffer_rows, on_error=on_error)


def _choice(
    emotions: str | Sequence[str] | None, aus: Sequence[int] | None, fold: int | None, *, held_out: bool
) -> RowChoice | None:
    chosen = []
    if emotions is not None:
        chosen.append(("emotion", of_emotions(emotions)))
    if aus is not None:
        chosen.append(("au_intensity", within_aus(aus)))
    if fold is not None:
        chosen.append(("fold", of_fold(fold, held_out=held_out)))
    if not chosen:
        return None
    return RowChoice(rows=reduce(and_, (rows for _, rows in chosen)), columns=tuple(column for column, _ in chosen))
