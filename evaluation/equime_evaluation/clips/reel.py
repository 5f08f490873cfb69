"""Frames one after another, upright, in RGB, whatever they came from; no clip is ever held as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from equime_builder.demux import MAX_PIXELS, opened
from equime_builder.errors import MediaError
from equime_evaluation.clips.picture import opened_picture

if TYPE_CHECKING:
    from pathlib import Path

    from av import Packet, VideoFrame, VideoStream
    from av.video.reformatter import VideoReformatter
    from numpy.typing import NDArray

    from equime_evaluation.clips.clip import Clip


@dataclass(frozen=True, slots=True, kw_only=True)
class Reel:
    """An open clip.

    Attributes:
        count: Frames to come, as the container tells.
        frames: (H, W, 3) uint8 each, all of one size.
        duration_s: From the first frame's start to the last one's end; ``None`` = images without a rate.
        size_bytes: Of the file, sound and container included, or of all images.
        stream_bytes: Of the pictures alone.
    """

    count: int
    frames: Iterator[NDArray[np.uint8]]
    duration_s: float | None
    size_bytes: int
    stream_bytes: int


@contextmanager
def open_reel(clip: Clip, *, image_fps: float | None = None) -> Iterator[Reel]:
    """Open a clip for one pass.

    Args:
        image_fps: Frames a second of sequences of images, which do not tell.

    Raises:
        MediaError: The clip cannot be read, is cut off, or its frames change size; while it is opened or on the way.
    """
    from equime_evaluation.clips.finding import IMAGE_SUFFIXES

    if clip.files and clip.files[0].suffix.lower() in IMAGE_SUFFIXES:
        size_bytes = sum(path.stat().st_size for path in clip.files)
        duration_s = len(clip.files) / image_fps if image_fps else None
        frames = _of_one_size(map(_picture, clip.files))
        count = len(clip.files)
        yield Reel(count=count, frames=frames, duration_s=duration_s, size_bytes=size_bytes, stream_bytes=size_bytes)
        return
    data = _bytes_of(clip)
    with opened(data) as (stream, packets):
        shown = [packet for packet in packets if not packet.is_discard]
        _check(stream, packets)
        if not shown:
            raise MediaError("the video says of all of its frames that they are not to be shown")
        yield Reel(
            count=len(shown),
            frames=_of_one_size(_decoded(stream, packets)),
            duration_s=_duration_s(stream, shown),
            size_bytes=len(data),
            stream_bytes=sum(packet.size for packet in shown),
        )


def _bytes_of(clip: Clip) -> bytes:
    if clip.data is not None:
        return clip.data
    try:
        return clip.files[0].read_bytes()
    except OSError as error:
        raise MediaError(f"cannot be read: {error.strerror or error}") from error


def _check(stream: VideoStream, packets: Sequence[Packet[VideoStream]]) -> None:
    width, height = stream.codec_context.width, stream.codec_context.height
    if not 0 < width * height <= MAX_PIXELS:
        raise MediaError(f"frames of {width} x {height} are not decoded; the limit is {MAX_PIXELS} pixels")
    whole = sum(not packet.is_corrupt for packet in packets)
    if not whole or whole < max(stream.frames, len(packets)):
        raise MediaError(f"the video is cut off: {whole} of {stream.frames or 'its'} frames are whole")


def _duration_s(stream: VideoStream, packets: Sequence[Packet[VideoStream]]) -> float | None:
    """Return how long the frames are shown; where the last one's length is unknown, it counts as the mean of all."""
    times = [packet.pts if packet.pts is not None else packet.dts for packet in packets]
    known = [time for time in times if time is not None]
    if len(known) < len(times) or stream.time_base is None:
        return None if not stream.average_rate else float(len(packets) / stream.average_rate)
    last = max(range(len(known)), key=known.__getitem__)
    lasting = packets[last].duration or (stream.average_rate and 1 / (stream.average_rate * stream.time_base)) or 0
    return float((known[last] + lasting - min(known)) * stream.time_base)


def _decoded(stream: VideoStream, packets: Sequence[Packet[VideoStream]]) -> Iterator[NDArray[np.uint8]]:
    from av.video.reformatter import VideoReformatter

    reformatter = VideoReformatter()
    context = stream.codec_context
    context.skip_frame = "DEFAULT"
    count = 0
    for packet in (*packets, None):
        for frame in context.decode(packet):
            if frame.is_corrupt:
                raise MediaError(f"the video is damaged: frame {count} cannot be decoded")
            count += 1
            yield _upright(reformatter, frame)
    if count < sum(not packet.is_discard for packet in packets):
        raise MediaError(f"the video is damaged: {count} of {len(packets)} frames can be decoded")


def _upright(reformatter: VideoReformatter, frame: VideoFrame) -> NDArray[np.uint8]:
    rgb = reformatter.reformat(frame, format="rgb24", threads=1)
    plane = rgb.planes[0]
    rows = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)  # type: ignore[call-overload]
    picture = rows[:, : 3 * rgb.width].reshape(rgb.height, rgb.width, 3)
    quarters = round(frame.rotation / 90) % 4
    return np.ascontiguousarray(np.rot90(picture, quarters))


def _of_one_size(frames: Iterator[NDArray[np.uint8]]) -> Iterator[NDArray[np.uint8]]:
    size = None
    for number, frame in enumerate(frames):
        size = size or frame.shape
        if frame.shape != size:
            raise MediaError(
                f"frame {number} is {frame.shape[1]} x {frame.shape[0]} and those before it {size[1]} x {size[0]}; "
                "frames of one clip must be of one size"
            )
        yield frame


def _picture(path: Path) -> NDArray[np.uint8]:
    from PIL import ImageOps

    with opened_picture(path, most_pixels=MAX_PIXELS) as image:
        if image.mode.startswith(("I", "F")):
            raise MediaError(f"{path.name}: has more than 8 bits a channel; convert it to 8 bits first")
        return np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
