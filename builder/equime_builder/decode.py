"""Video bytes become frames: one function, three decoders, the same pixels.

PyAV is part of the base install and the fastest for whole clips and for frames spread over one; torchcodec and
decord are there for pipelines that are built on them. All three hand the same planes to the same converter of
FFmpeg, so that their frames agree to the last bit on clips that `equime_generation.encode` made (tested).
"""

from __future__ import annotations

import importlib.util
import operator
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from equime_builder.demux import VideoFacts, decoded, facts_of, opened, probe_video
from equime_builder.errors import MediaError, UsageError, choose, need

if TYPE_CHECKING:
    from av import VideoFrame
    from av.video.plane import VideoPlane
    from numpy.typing import NDArray

BackendName = Literal["auto", "pyav", "torchcodec", "decord"]
Layout = Literal["THWC", "TCHW"]
LAYOUTS: Final[tuple[Layout, Layout]] = ("THWC", "TCHW")


def decode_frames(
    data: bytes,
    indices: Sequence[int] | None = None,
    *,
    backend: BackendName = "auto",
    layout: Layout = "THWC",
    size_px: int | None = None,
) -> NDArray[np.uint8]:
    """Decode a video's frames to RGB.

    Args:
        data: A whole video file.
        indices: Frames wanted, counted from 0 in the order of presentation, in any order and as often as wanted;
            None = all. Only these are converted to RGB.
        backend: Who decodes; "auto" takes the first of pyav, torchcodec and decord that is installed.
        layout: Order of the axes: time, height, width, channel or time, channel, height, width.
        size_px: Edge of the square that each frame is resized to (area average); None = as it is.

    Returns:
        (T, H, W, 3) or (T, 3, H, W) uint8 RGB.

    Raises:
        MediaError: The bytes are no video, are cut off or cannot be decoded.
        UsageError: An index lies outside the video, or an option is unknown.
        MissingExtraError: The backend is not installed.
    """
    choose("layout", layout, LAYOUTS)
    choose("backend", backend, ("auto", *BACKENDS))
    if size_px is not None and size_px < 1:
        raise UsageError(f"size_px must be 1 or more, got {size_px}")
    facts = probe_video(data)
    wanted = range(facts.frames) if indices is None else _checked(indices, facts.frames)
    frames = BACKENDS[_installed() if backend == "auto" else backend](data, wanted, facts)
    if size_px is not None and frames.shape[1:3] != (size_px, size_px):
        frames = _resized(frames, size_px)
    return np.ascontiguousarray(frames.transpose(0, 3, 1, 2)) if layout == "TCHW" else frames


def decode_luma(data: bytes) -> NDArray[np.uint8]:
    """Decode the luma plane of every frame, without conversion to RGB.

    Returns:
        (T, H, W) uint8, in the range that the stream uses (16-235 for EquiME's clips).

    Raises:
        MediaError: The bytes are no video, are cut off or cannot be decoded.
    """
    with opened(data) as (stream, packets):
        facts = facts_of(stream, packets)
        luma = np.empty((facts.frames, facts.height, facts.width), np.uint8)
        for index, frame in decoded(stream, packets, range(facts.frames)):
            luma[index] = _luma_of(frame)
    return luma


def _checked(indices: Sequence[int], frames: int) -> list[int]:
    wanted = [operator.index(index) for index in indices]
    outside = [index for index in wanted if not 0 <= index < frames]
    if outside:
        raise UsageError(f"frame {outside[0]} is outside the video; it has frames 0 to {frames - 1}")
    return wanted


def _installed() -> str:
    return next(name for name, module in _MODULES.items() if importlib.util.find_spec(module) is not None)


def _luma_of(frame: VideoFrame) -> NDArray[np.uint8]:
    if not frame.format.name.startswith(("yuv4", "yuvj4", "nv12", "gray")) or frame.format.components[0].bits != 8:
        frame = frame.reformat(format="yuv420p")
    return _rows_of(frame.planes[0], frame.width)


def _rows_of(plane: VideoPlane, row_bytes: int) -> NDArray[np.uint8]:
    # FFmpeg pads each row to a round number of bytes.
    return np.frombuffer(bytes(plane), np.uint8).reshape(plane.height, plane.line_size)[:, :row_bytes]


def _resized(frames: NDArray[np.uint8], size_px: int) -> NDArray[np.uint8]:
    from av import VideoFrame
    from av.video.reformatter import Interpolation

    small = np.empty((len(frames), size_px, size_px, 3), np.uint8)
    for place, frame in enumerate(frames):
        video = VideoFrame.from_ndarray(frame, format="rgb24")
        scaled = video.reformat(size_px, size_px, "rgb24", interpolation=Interpolation.AREA)
        small[place] = scaled.to_ndarray()
    return small


def _with_pyav(data: bytes, wanted: Sequence[int], facts: VideoFacts) -> NDArray[np.uint8]:
    from av.video.reformatter import VideoReformatter

    places: dict[int, list[int]] = {}
    for place, index in enumerate(wanted):
        places.setdefault(index, []).append(place)
    frames = np.empty((len(wanted), facts.height, facts.width, 3), np.uint8)
    reformatter = VideoReformatter()
    with opened(data) as (stream, packets):
        for index, frame in decoded(stream, packets, wanted):
            rgb = reformatter.reformat(frame, format="rgb24", threads=1)
            frames[places[index]] = _rows_of(rgb.planes[0], 3 * facts.width).reshape(frames.shape[1:])
    return frames


def _with_torchcodec(data: bytes, wanted: Sequence[int], facts: VideoFacts) -> NDArray[np.uint8]:
    decoders = need("torchcodec.decoders", extra="train")
    try:
        decoder = decoders.VideoDecoder(data, dimension_order="NHWC", num_ffmpeg_threads=1)
        frames: NDArray[np.uint8] = decoder.get_frames_at(list(wanted)).data.numpy()
    except (RuntimeError, ValueError, IndexError) as error:
        raise MediaError(f"torchcodec cannot decode the video: {_first_line(error)}") from error
    return frames


def _with_decord(data: bytes, wanted: Sequence[int], facts: VideoFacts) -> NDArray[np.uint8]:
    decord = need("decord", extra="all")
    try:
        reader = decord.VideoReader(BytesIO(data), num_threads=1)
        frames: NDArray[np.uint8] = reader.get_batch(list(wanted)).asnumpy()
    except (decord.DECORDError, RuntimeError, IndexError) as error:
        raise MediaError(f"decord cannot decode the video: {_first_line(error)}") from error
    return frames


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


BACKENDS: Final[Mapping[str, Callable[[bytes, Sequence[int], VideoFacts], NDArray[np.uint8]]]] = {
    "pyav": _with_pyav,
    "torchcodec": _with_torchcodec,
    "decord": _with_decord,
}
_MODULES: Final = {"pyav": "av", "torchcodec": "torchcodec", "decord": "decord"}
