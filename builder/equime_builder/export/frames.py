"""Frames of a clip as image files, numbered from 1 as the recorded sets number theirs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from equime_builder.decode import decode_frames
from equime_builder.errors import MediaError
from equime_builder.export.place import publish_folder
from equime_builder.publish import publish
from equime_builder.rows import Row

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

IMAGES: Final = ("jpg", "png")
"""``jpg`` as the owners distribute theirs; ``png`` holds every pixel as it was decoded."""

BYTES_PER_IMAGE: Final = {"jpg": 150_000, "png": 400_000}
"""At 512 x 512, rounded up."""

# Without subsampled colours and close to the coder's best, so that motion of a tenth of a pixel survives.
_SAVE: Final[dict[str, dict[str, Any]]] = {
    "jpg": {"format": "JPEG", "quality": 98, "subsampling": 0},
    "png": {"format": "PNG", "compress_level": 4},
}


def write_event(folder: Path, row: Row, images: str, name: Callable[[int], str]) -> Path:
    """Write the frames from onset to offset, both included, into a folder that appears whole or not at all.

    Args:
        row: Of an expression.
        images: One of `IMAGES`.
        name: From a frame's number, counted from 1, to the name of its file without ending.

    Raises:
        MediaError: The video cannot be decoded.
        OutputError: The place cannot be written.
    """
    indices = range(row["onset_frame"], row["offset_frame"] + 1)

    def write(partial: Path) -> None:
        for index, frame in zip(indices, _decoded(row, indices), strict=True):
            _save(partial / f"{name(index + 1)}.{images}", frame, images)

    return publish_folder(folder, write)


def write_frame(path: Path, row: Row, index: int) -> None:
    """Write one frame, counted from 0, as an image file of the kind that its ending names; one that is there stays.

    Raises:
        MediaError: The video cannot be decoded.
        OutputError: The place cannot be written.
    """
    if not path.exists():
        frame = _decoded(row, [index])[0]
        publish(path, lambda partial: _save(partial, frame, path.suffix[1:]))


def _save(path: Path, frame: NDArray[np.uint8], images: str) -> None:
    from PIL import Image

    Image.fromarray(frame).save(path, **_SAVE[images])


def _decoded(row: Row, indices: Sequence[int]) -> NDArray[np.uint8]:
    try:
        return decode_frames(row["video"]["bytes"], indices)
    except MediaError as error:
        raise MediaError(f"clip {row['id']}: {error}; run equime verify") from error
