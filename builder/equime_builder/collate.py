"""Rows and samples become batches of plain tensors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from equime_builder.decode import decode_frames
from equime_builder.errors import need
from equime_builder.records import FRAMES
from equime_builder.videos import video_bytes

if TYPE_CHECKING:
    import numpy.typing as npt

_TENSORS: Final[dict[str, npt.DTypeLike]] = {"au_intensity": np.float32, "emotion": np.int64, "frame_indices": np.int64}


def event_frames(row: Mapping[str, Any]) -> tuple[int, int, int]:
    """Return the onset, apex and offset frames of a row's plan; on negatives the frames at 1/4, 1/2 and 3/4."""
    if row["apex_frame"] is None:
        return FRAMES // 4, FRAMES // 2, 3 * FRAMES // 4
    return row["onset_frame"], row["apex_frame"], row["offset_frame"]


def collate(
    rows: Sequence[Mapping[str, Any]],
    *,
    indices: Sequence[int] | Callable[[Mapping[str, Any]], Sequence[int]] = event_frames,
    size_px: int | None = None,
) -> dict[str, Any]:
    """Make a batch of plain tensors: ``DataLoader(dataset, collate_fn=collate)``.

    Args:
        rows: Rows with the column ``video`` (and what ``indices`` reads), or samples of a stream, whose ``frames`` are
            decoded already.
        indices: Frames of every clip, or a function from a row to as many frames on each; samples have theirs.
        size_px: Edge of the square that frames of rows are resized to; ``None`` leaves them as they are.

    Returns:
        ``frames`` (B, T, 3, H, W) uint8; where rows have them, ``au_intensity`` (B, 36) float32 in 0-1 and ``emotion``
        (B,) int64 class label. Of samples also ``frame_indices`` (B, T) int64, and each other column as a list.

    Raises:
        MissingExtraError: torch is not installed.
        MediaError: A row's video cannot be decoded.
    """
    torch = need("torch", extra="train")
    decoded = [_frames_of(row, indices, size_px) for row in rows]
    batch: dict[str, Any] = {"frames": torch.from_numpy(np.stack(decoded))}
    for name in (name for name in _TENSORS if name in rows[0]):
        batch[name] = torch.from_numpy(np.stack([np.asarray(row[name], dtype=_TENSORS[name]) for row in rows]))
    if "frames" in rows[0]:
        batch |= {name: [row[name] for row in rows] for name in rows[0] if name not in batch}
    return batch


def _frames_of(
    row: Mapping[str, Any],
    indices: Sequence[int] | Callable[[Mapping[str, Any]], Sequence[int]],
    size_px: int | None,
) -> npt.NDArray[np.uint8]:
    if "frames" in row:
        frames: npt.NDArray[np.uint8] = row["frames"]
        return frames
    wanted = indices(row) if callable(indices) else indices
    return decode_frames(video_bytes(row), wanted, layout="TCHW", size_px=size_px)
