"""What stands in a row's ``video`` column, with or without torchcodec."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Mapping
from typing import Any, Final

from equime_builder.errors import MediaError

COLUMN: Final = "video"
TAR_COLUMN: Final = "mp4"
"""Its name in rows that `datasets` reads from WebDataset shards."""


@functools.cache
def torchcodec_loads() -> bool:
    """Return whether `datasets` can decode rows here: torchcodec is installed and finds FFmpeg's libraries."""
    try:
        importlib.import_module("torchcodec.decoders")
    except (ImportError, OSError, RuntimeError):  # RuntimeError: torchcodec's own word for missing FFmpeg
        return False
    return True


def undecoded(loaded: Any) -> Any:
    """Return what ``load_dataset`` returned with ``{"bytes", "path"}`` in place of decoders."""
    from datasets import Video

    if isinstance(loaded, list):
        return [undecoded(part) for part in loaded]
    first = next(iter(loaded.values())) if isinstance(loaded, dict) else loaded
    column = next((name for name in (COLUMN, TAR_COLUMN) if name in (first.column_names or ())), None)
    return loaded if column is None else loaded.cast_column(column, Video(decode=False))


def video_bytes(video: Any) -> bytes:
    """Return the file's bytes of a row, of its ``video`` value in either form, or of bytes.

    A path in a row is never followed: rows embed their video, and a path would be the writer's, not the reader's.

    Raises:
        MediaError: There are no bytes.
    """
    columns = [name for name in (COLUMN, TAR_COLUMN) if isinstance(video, Mapping) and name in video]
    value = video[columns[0]] if columns else video
    if not isinstance(value, (bytes, bytearray, memoryview, Mapping)):
        value = getattr(value, "_hf_encoded", None)  # datasets keeps the row's value on the decoder it makes
    data = value.get("bytes") if isinstance(value, Mapping) else value
    if not data:
        raise MediaError(
            f"no video bytes in this {type(video).__name__}; pass a row with a {COLUMN!r} or {TAR_COLUMN!r} "
            "column, that column's value, or the bytes of a video file"
        )
    return bytes(data)
