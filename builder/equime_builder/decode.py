"""Video bytes become frames: one function, three decoders, the same pixels.

PyAV is part of the base install and the fastest; torchcodec and decord are there for pipelines that are built on them.
All three hand the same planes to the same converter of FFmpeg, so that their frames agree to the last bit on clips
that `equime_generation.encode` made. Frames that are resized are resized while they are decoded, each decoder in its
own way: PyAV and decord scale the planes before the conversion to RGB, torchcodec the RGB picture.
"""

from __future__ import annotations

import importlib
import operator
import threading
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import numpy as np

from equime_builder.demux import VideoFacts, check_room, decoded, facts_of, opened, probe_video
from equime_builder.errors import MediaError, UsageError, choose, need

if TYPE_CHECKING:
    from av import VideoFrame
    from av.video.plane import VideoPlane
    from numpy.typing import NDArray

BackendName = Literal["auto", "pyav", "torchcodec", "decord"]
Layout = Literal["THWC", "TCHW"]
LAYOUTS: Final[tuple[Layout, Layout]] = ("THWC", "TCHW")


class _Wanted(NamedTuple):
    """What is asked of a decoder; ``indices`` as the caller gave them."""

    indices: Sequence[int] | None
    size_px: int | None
    layout: Layout

    def of(self, facts: VideoFacts) -> tuple[list[int], int, int]:
        """Return the frames wanted, and the height and width to give them."""
        indices = list(range(facts.frames)) if self.indices is None else _checked(self.indices, facts.frames)
        height, width = self.size_px or facts.height, self.size_px or facts.width
        check_room(len(indices), height, width, channels=3)
        return indices, height, width


def decode_frames(
    data: bytes,
    indices: Sequence[int] | NDArray[np.int64] | None = None,
    *,
    backend: BackendName = "auto",
    layout: Layout = "THWC",
    size_px: int | None = None,
) -> NDArray[np.uint8]:
    """Decode a video's frames to RGB.

    Args:
        data: A whole video file.
        indices: Frames wanted, counted from 0 in the order of presentation, in any order and as often as wanted;
            None = all. Only these are converted to RGB, and nothing behind the last is decoded.
        backend: Who decodes; "auto" takes pyav. One that cannot be imported is replaced by the next that can, which
            is said once.
        layout: Order of the axes: time, height, width, channel or time, channel, height, width.
        size_px: Edge of the square that each frame is resized to; None = as it is. Backends agree within 2 levels on
            average and 24 at the sharpest edges; without resizing they agree to the last bit.

    Returns:
        (T, H, W, 3) or (T, 3, H, W) uint8 RGB.

    Raises:
        MediaError: The bytes are no video, are cut off or cannot be decoded, or the frames take more than
            `equime_builder.demux.MAX_DECODED_BYTES`.
        UsageError: An index lies outside the video, or an option is unknown.
    """
    choose("layout", layout, LAYOUTS)
    choose("backend", backend, ("auto", *BACKENDS))
    if size_px is not None and size_px < 1:
        raise UsageError(f"size_px must be 1 or more, got {size_px}")
    decode = BACKENDS[usable_backend(backend)]
    frames = decode(data, _Wanted(None if indices is None else list(indices), size_px, layout))
    return np.ascontiguousarray(frames.transpose(0, 3, 1, 2)) if layout == "TCHW" else frames


def usable_backend(backend: BackendName) -> str:
    """Return the backend itself where it can be imported, else the next that can; warns once a process.

    PyAV is always there, as the base install brings it.
    """
    with _choosing:  # threads that decode would each try and each warn
        return _found_backend(backend)


_choosing: Final = threading.Lock()


@cache
def _found_backend(backend: BackendName) -> str:
    if backend in ("auto", "pyav"):
        return "pyav"
    try:
        importlib.import_module(_MODULES[backend])
    except (ImportError, OSError, RuntimeError) as error:  # torchcodec without FFmpeg's libraries: RuntimeError
        warnings.warn(
            f"{backend} cannot be imported here ({_first_line(error):.100}); pyav decodes instead",
            RuntimeWarning,
            stacklevel=4,
        )
        return "pyav"
    return backend


def decode_luma(data: bytes) -> NDArray[np.uint8]:
    """Decode the luma plane of every frame, without conversion to RGB.

    Returns:
        (T, H, W) uint8, in the range that the stream uses (16-235 for EquiME's clips).

    Raises:
        MediaError: The bytes are no video, are cut off or cannot be decoded.
    """
    with opened(data) as (stream, packets):
        facts = facts_of(stream, packets)
        check_room(facts.frames, facts.height, facts.width, channels=1)
        luma = np.empty((facts.frames, facts.height, facts.width), np.uint8)
        for index, frame in decoded(stream, packets, range(facts.frames)):
            if (frame.height, frame.width) != (facts.height, facts.width):
                raise MediaError(
                    f"frame {index} is {frame.width} x {frame.height}, the video {facts.width} x {facts.height}"
                )
            luma[index] = _luma_of(frame)
    return luma


def _checked(indices: Sequence[int], frames: int) -> list[int]:
    wanted = [operator.index(index) for index in indices]
    outside = [index for index in wanted if not 0 <= index < frames]
    if outside:
        raise UsageError(f"frame {outside[0]} is outside the video; it has frames 0 to {frames - 1}")
    return wanted


def _luma_of(frame: VideoFrame) -> NDArray[np.uint8]:
    if not frame.format.name.startswith(("yuv4", "yuvj4", "nv12", "gray")) or frame.format.components[0].bits != 8:
        frame = frame.reformat(format="yuv420p")
    return _rows_of(frame.planes[0], frame.width)


def _rows_of(plane: VideoPlane, row_bytes: int) -> NDArray[np.uint8]:
    # FFmpeg pads each row to a round number of bytes.
    return np.frombuffer(bytes(plane), np.uint8).reshape(plane.height, plane.line_size)[:, :row_bytes]


def _with_pyav(data: bytes, wanted: _Wanted) -> NDArray[np.uint8]:
    from av.video.reformatter import Interpolation, VideoReformatter

    reformatter = VideoReformatter()
    with opened(data) as (stream, packets):
        indices, height, width = wanted.of(facts_of(stream, packets))
        places: dict[int, list[int]] = {}
        for place, index in enumerate(indices):
            places.setdefault(index, []).append(place)
        frames = _empty(len(indices), height, width, wanted.layout)
        for index, frame in decoded(stream, packets, indices):
            # One pass scales the planes by area and converts them.
            rgb = reformatter.reformat(frame, width, height, "rgb24", interpolation=Interpolation.AREA, threads=1)
            frames[places[index]] = _rows_of(rgb.planes[0], 3 * width).reshape(height, width, 3)
    return frames


def _empty(count: int, height: int, width: int, layout: Layout) -> NDArray[np.uint8]:
    # Laid out in memory as it will be returned, and seen as (T, H, W, 3): frames are written once and not copied.
    if layout == "TCHW":
        return np.empty((count, 3, height, width), np.uint8).transpose(0, 2, 3, 1)
    return np.empty((count, height, width, 3), np.uint8)


def _with_torchcodec(data: bytes, wanted: _Wanted) -> NDArray[np.uint8]:
    decoders = need("torchcodec.decoders", extra="train")
    transforms = need("torchcodec.transforms", extra="train")
    facts = probe_video(data)
    indices, height, width = wanted.of(facts)
    resize = [] if (height, width) == (facts.height, facts.width) else [transforms.Resize((height, width))]
    try:
        decoder = decoders.VideoDecoder(data, dimension_order="NHWC", num_ffmpeg_threads=1, transforms=resize)
        frames: NDArray[np.uint8] = decoder.get_frames_at(indices).data.numpy()
    except (RuntimeError, ValueError, IndexError) as error:
        raise MediaError(f"torchcodec cannot decode the video: {_first_line(error)}") from error
    return frames


def _with_decord(data: bytes, wanted: _Wanted) -> NDArray[np.uint8]:
    decord = need("decord", extra="all")
    facts = probe_video(data)
    indices, height, width = wanted.of(facts)
    # decord 0.6.0 copies rows as if they had no padding, which FFmpeg gives to those of other sizes.
    scaled = (height, width) != (facts.height, facts.width) and width % 32 == 0
    size = {"height": height, "width": width} if scaled else {}
    try:
        reader = decord.VideoReader(BytesIO(data), num_threads=1, **size)
        frames: NDArray[np.uint8] = reader.get_batch(indices).asnumpy()
    except (decord.DECORDError, RuntimeError, IndexError) as error:
        raise MediaError(f"decord cannot decode the video: {_first_line(error)}") from error
    return frames if frames.shape[1:3] == (height, width) else _resized(frames, height, width)


def _resized(frames: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    from av import VideoFrame
    from av.video.reformatter import Interpolation

    small = np.empty((len(frames), height, width, 3), np.uint8)
    for place, frame in enumerate(frames):
        video = VideoFrame.from_ndarray(frame, format="rgb24")
        small[place] = video.reformat(width, height, "rgb24", interpolation=Interpolation.AREA).to_ndarray()
    return small


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


BACKENDS: Final[Mapping[str, Callable[[bytes, _Wanted], NDArray[np.uint8]]]] = {
    "pyav": _with_pyav,
    "torchcodec": _with_torchcodec,
    "decord": _with_decord,
}
_MODULES: Final = {"torchcodec": "torchcodec.decoders", "decord": "decord"}
