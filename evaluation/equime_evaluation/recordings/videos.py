"""Any folder of videos or of image sequences, without labels: what a trained model may be pointed at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from equime_builder.decode import decode_frames
from equime_builder.demux import probe_video
from equime_builder.errors import DatasetError, MediaError
from equime_evaluation.recordings.images import SUFFIXES, sequence_in
from equime_evaluation.recordings.recording import Frames, Listing, Recording

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DATASET: Final = "videos"
VIDEO_SUFFIXES: Final = (".mp4", ".avi", ".mov", ".mkv", ".webm", ".m4v")
_LARGEST_BYTES: Final = 500_000_000


@dataclass(frozen=True, slots=True)
class VideoFile:
    """The frames of a video file."""

    path: Path
    count: int

    @property
    def identity(self) -> str:
        """Its size and time."""
        facts = self.path.stat()
        return f"{self.path.name},{facts.st_size},{facts.st_mtime_ns}"

    def read(self, indices: Sequence[int]) -> NDArray[np.uint8]:
        """Return frames.

        Raises:
            MediaError: The video cannot be decoded.
        """
        try:
            return decode_frames(self.path.read_bytes(), list(indices))
        except MediaError as error:
            raise MediaError(f"{self.path}: {error}") from error


def read_videos(root: Path) -> Listing:
    """List videos and image sequences, each as a clip of nobody in particular.

    Who is shown is not known, so that each clip counts as a person of its own.

    Raises:
        DatasetError: There are none.
    """
    recordings, left_out = [], {}
    for name, place in _clips(root):
        try:
            frames = _video(place) if place.is_file() else sequence_in(place)
        except (MediaError, DatasetError, OSError) as error:
            left_out[name] = str(error)
            continue
        recordings.append(_recording(name, frames))
    if not recordings:
        raise DatasetError(f"{root}: holds no video ({', '.join(VIDEO_SUFFIXES)}) and no folder of numbered images")
    return Listing(recordings=tuple(recordings), left_out=left_out)


def _clips(root: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        is_sequence = path.is_dir() and any(image.suffix.lower() in SUFFIXES for image in path.iterdir())
        if is_sequence or (path.is_file() and path.suffix.lower() in VIDEO_SUFFIXES):
            yield name, path


def _video(path: Path) -> VideoFile:
    if path.stat().st_size > _LARGEST_BYTES:
        raise MediaError(f"{path}: is larger than 500 MB; cut it into clips of some seconds")
    count = probe_video(path.read_bytes()).frames
    if count < 2:
        raise MediaError(f"{path}: has {count} frame; a clip has two or more")
    return VideoFile(path, count)


def _recording(name: str, frames: Frames) -> Recording:
    return Recording(dataset=DATASET, subject=name, name=name, emotion=None, frames=frames)
