"""Which clips stand behind the paths that somebody gave: datasets, folders, video files, sequences of images."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from equime_builder.errors import DatasetError, UsageError
from equime_builder.layout import MANIFEST_FILE
from equime_builder.manifest import FileEntry, Manifest, read_manifest
from equime_builder.reading import read_rows
from equime_builder.schema import COLUMNS
from equime_builder.spotting import SPOTTING_COLUMNS
from equime_builder.tars import read_tar
from equime_evaluation.clips.clip import Clip

if TYPE_CHECKING:
    from equime_builder.rows import Row

VIDEO_SUFFIXES: Final = (".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".ts")
IMAGE_SUFFIXES: Final = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp")

_SHARED: Final = ("id", "video", "sha256", "distractors")
_FRAMES: Final = ("onset_frame", "offset_frame")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Clips to come, and how many.

    Attributes:
        files: Clips of folders and files, as nothing of them is read yet.
        datasets: Dataset folders with what their manifests say.
    """

    files: tuple[Clip, ...]
    datasets: tuple[tuple[Path, Manifest], ...]

    def __len__(self) -> int:
        return len(self.files) + sum(entry.rows for _, manifest in self.datasets for entry in _shards(manifest))

    def __iter__(self) -> Iterator[Clip]:
        """Yield the clips; those of datasets are read a few at a time, with their videos.

        Raises:
            DatasetError: A shard is damaged.
        """
        yield from self.files
        for root, manifest in self.datasets:
            for entry in _shards(manifest):
                yield from _of_shard(root, entry)


def find_clips(paths: Sequence[Path], *, photos: bool = False) -> Found:
    """Look behind paths.

    A folder with a ``manifest.json`` is a dataset. In any other folder, and all below it, each video is a clip, and so
    are the images of each folder that holds some, in the order of the numbers in their names.

    Args:
        paths: Files and folders.
        photos: Whether each image is a clip of its own, of one frame.

    Raises:
        UsageError: A path is missing or of no use, or there is no clip behind any of them.
        DatasetError: A dataset's manifest is damaged.
    """
    files: list[Clip] = []
    datasets = []
    for path in paths:
        if (path / MANIFEST_FILE).is_file():
            datasets.append((path, read_manifest(path)))
        elif path.is_dir():
            files += _in_folder(path, photos=photos)
        else:
            files.append(_of_file(path, path))
    found = Found(files=tuple(files), datasets=tuple(datasets))
    if not len(found):
        raise UsageError(
            f"no clip in {', '.join(map(str, paths))}; wanted are dataset folders, videos "
            f"({' '.join(VIDEO_SUFFIXES)}), or folders of images ({' '.join(IMAGE_SUFFIXES)})"
        )
    return found


def _in_folder(folder: Path, *, photos: bool) -> Iterator[Clip]:
    shown = (path for path in sorted(folder.rglob("*")) if not path.name.startswith(".") and path.is_file())
    for parent, members in groupby(shown, key=lambda path: path.parent):
        listed = list(members)
        for path in listed:
            if path.suffix.lower() in (*VIDEO_SUFFIXES, *(IMAGE_SUFFIXES if photos else ())):
                yield _of_file(path, folder)
        images = sorted((path for path in listed if path.suffix.lower() in IMAGE_SUFFIXES), key=_number_order)
        if images and not photos:
            yield Clip(name=str(parent), root=str(folder), key=_key_of(images), files=tuple(images))


def _of_file(path: Path, root: Path) -> Clip:
    if not path.is_file():
        raise UsageError(
            f"{path}: no such file or folder; name a dataset folder, a folder of videos or of images, or a video file"
        )
    if path.suffix.lower() not in (*VIDEO_SUFFIXES, *IMAGE_SUFFIXES):
        raise UsageError(f"{path}: neither a video ({' '.join(VIDEO_SUFFIXES)}) nor an image; give a folder or a video")
    return Clip(name=str(path), root=str(root), key=_key_of([path]), files=(path,))


def _key_of(files: Sequence[Path]) -> str:
    facts = [(path.name, path.stat()) for path in files]
    return "|".join(f"{name}:{fact.st_size}:{fact.st_mtime_ns}" for name, fact in facts)


def _number_order(path: Path) -> list[tuple[int, int, str]]:
    """Sort img2 before img10."""
    words = re.split(r"(\d+)", path.name)
    return [(0, int(word), "") if word.isdecimal() else (1, 0, word) for word in words]


def _shards(manifest: Manifest) -> tuple[FileEntry, ...]:
    return (*manifest.clip_files, *manifest.spotting_files)


def _of_shard(root: Path, entry: FileEntry) -> Iterator[Clip]:
    several = not entry.emotion
    columns = SPOTTING_COLUMNS if several else COLUMNS
    wanted = (*_SHARED, "events") if several else (*_SHARED, *_FRAMES)
    path = root / entry.path
    rows = read_tar(path, columns) if entry.tar_place else read_rows(path, columns, only=wanted)
    for row in rows:
        try:
            moving = tuple(_movements(row))
        except (TypeError, KeyError) as error:
            raise DatasetError(f"{entry.path}: clip {row['id']!r:.80} moves at no frames; run equime verify") from error
        yield Clip(
            name=f"{root / entry.path}#{row['id']}",
            root=str(root),
            clip_id=row["id"],
            key=row["sha256"],
            data=(row["video"] or {}).get("bytes") or b"",
            moving=moving,
        )


def _movements(row: Row) -> Iterator[tuple[int, int]]:
    spans: list[dict[str, Any]] = [*(row.get("events") or ()), *(row["distractors"] or ())]
    if row.get("onset_frame") is not None:
        spans.append(row)
    yield from sorted((span["onset_frame"], span["offset_frame"]) for span in spans)
