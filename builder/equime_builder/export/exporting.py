"""A dataset folder in the layout that somebody else's reader expects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Final

from equime_builder.digests import fingerprint
from equime_builder.errors import UsageError, choose
from equime_builder.export.casme2 import Casme2
from equime_builder.export.clips import Clip, chosen, list_clips, rows_of
from equime_builder.export.folder import Folder
from equime_builder.export.frames import IMAGES
from equime_builder.export.layouts import Layout, Pairs
from equime_builder.export.megc import Megc
from equime_builder.export.mevqa import MeVqa
from equime_builder.export.notice import held_back, write_notice
from equime_builder.export.place import claim, mark_whole, refuse_full_disk
from equime_builder.export.samm import Samm
from equime_builder.export.videofolder import VideoFolder
from equime_builder.export.webdataset import WebDataset
from equime_builder.manifest import Manifest, read_manifest

FORMATS: Final[dict[str, Callable[[Path, str], Layout]]] = {
    "folder": Folder,
    "casme2": Casme2,
    "samm": Samm,
    "megc": Megc,
    "mevqa": MeVqa,
    "webdataset": WebDataset,
    "videofolder": VideoFolder,
}

Progress = Callable[[int, int, str], None]
"""Called before each clip with the clips done, the clips in all, and the clip's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What an export holds.

    Attributes:
        clips: By emotion.
        left_out: Negatives that were chosen and that the layout has no place for.
        held_back: Clips that must not leave this machine, for their photos' licences.
        already_whole: Whether an earlier run had finished the very same export.
    """

    out: str
    format: str
    clips: dict[str, int]
    left_out: int
    held_back: int
    already_whole: bool


def export_dataset(
    root: Path,
    out: Path,
    *,
    format: str,
    emotions: Sequence[str] = (),
    splits: Sequence[str] = (),
    images: str = "jpg",
    progress: Progress | None = None,
) -> Exported:
    """Write clips of a dataset folder in another layout; stopped or killed, it goes on where it was.

    Clips of several events stay out, for none of the layouts knows them. The same dataset and choices give the same
    bytes. Memory holds a few clips, and the labels of all.

    Args:
        root: The dataset folder.
        out: Made where it is missing; must be empty or this very export's.
        format: One of `FORMATS`.
        emotions: Which; none = all.
        splits: Which; none = all.
        images: One of `equime_builder.export.frames.IMAGES`, for layouts of image sequences.

    Raises:
        DatasetMissingError: There is no dataset.
        UsageError: A choice is unknown or leaves nothing, or the folder is not free.
        DatasetError: The dataset is damaged.
        MediaError: A video cannot be decoded.
        OutputError: The folder cannot be written, or the disk is too full.
    """
    choose("format", format, tuple(FORMATS))
    choose("kind of images", images, IMAGES)
    manifest = read_manifest(root)
    layout = FORMATS[format](out, images)
    picked = chosen(list_clips(root, manifest), emotions=emotions, splits=splits)
    clips = [clip for clip in picked if clip.event_frames or layout.takes_negatives]
    if not clips:
        raise UsageError(f"the layout {format} has no place for clips without an expression; name other --emotions")
    request = _request(manifest, format, emotions=emotions, splits=splits, images=images)
    with claim(root, out, request) as already_whole:
        if not already_whole:
            refuse_full_disk(out, layout.size_bytes(clips))
            _write(root, layout, clips, progress)
            left_out = len(picked) - len(clips)
            write_notice(out, format=format, about=layout.about, clips=clips, left_out=left_out)
            mark_whole(out, request)
    return Exported(
        out=str(out),
        format=format,
        clips=dict(Counter(clip.emotion for clip in clips)),
        left_out=len(picked) - len(clips),
        held_back=held_back(clips),
        already_whole=already_whole,
    )


def _write(root: Path, layout: Layout, clips: Sequence[Clip], progress: Progress | None) -> None:
    done = 0
    for shard, group in groupby(clips, key=attrgetter("shard")):
        members = list(group)
        pairs = _reported(rows_of(root, shard, members), progress, done, len(clips))
        layout.write_shard(shard, pairs)
        done += len(members)
    layout.finish()


def _reported(pairs: Pairs, progress: Progress | None, done: int, total: int) -> Pairs:
    for number, (clip, row) in enumerate(pairs, start=done):
        if progress is not None:
            progress(number, total, clip.id)
        yield clip, row


def _request(
    manifest: Manifest, format: str, *, emotions: Sequence[str], splits: Sequence[str], images: str
) -> dict[str, object]:
    return {
        "format": format,
        "emotions": sorted(set(emotions)),
        "splits": sorted(set(splits)),
        "images": images,
        "dataset": manifest.fingerprint,
        "contents": fingerprint({entry.path: entry.sha256 for entry in manifest.files}),
    }
