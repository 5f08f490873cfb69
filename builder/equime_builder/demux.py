"""Video bytes become packets, and packets pictures: what is there is counted before anything is decoded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from equime_builder.errors import MediaError

if TYPE_CHECKING:
    from av import Packet, VideoFrame, VideoStream
    from av.container import InputContainer

MAX_PIXELS: Final = 7680 * 4320
"""Largest frame that is decoded; a header may promise more than the memory holds."""
MAX_DECODED_BYTES: Final = 4 * 2**30
"""Most that the frames asked for may take together; a few kilobytes of black hold hours."""

# Playlists and image patterns would let bytes from outside name other files and addresses.
_OPEN_OPTIONS: Final = {"format_whitelist": "mov,mp4,matroska,webm,avi,mpegts", "protocol_whitelist": ""}
# FFmpeg decodes the first picture merely to look at it, which costs a third of opening; the packets say what is needed.
_STREAM_OPTIONS: Final = [{"skip_frame": "all"}]


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoFacts:
    """What a video's container says of its first video stream; ``frames`` is counted, not believed."""

    codec: str
    fps: float
    frames: int
    width: int
    height: int


def probe_video(data: bytes) -> VideoFacts:
    """Return codec, rate, number of frames and size without decoding a picture.

    Raises:
        MediaError: The bytes are no video, are cut off, or announce a frame larger than `MAX_PIXELS`.
    """
    with opened(data) as (stream, packets):
        return facts_of(stream, packets)


@contextmanager
def opened(data: bytes) -> Iterator[tuple[VideoStream, list[Packet[VideoStream]]]]:
    """Open the first video stream and read all its packets; FFmpeg's errors become one-line MediaErrors."""
    import av

    try:
        with _container(data) as container:
            stream = next((stream for stream in container.streams.video if stream.codec_context is not None), None)
            if stream is None:
                raise MediaError("the bytes hold no video stream that can be decoded; give the bytes of an MP4 file")
            stream.codec_context.thread_count = 1
            # the pictures themselves may be larger than the container says
            stream.codec_context.options = {"max_pixels": str(MAX_PIXELS)}
            yield stream, [packet for packet in container.demux(stream) if packet.size]
    except av.FFmpegError as error:
        raise MediaError(f"the {len(data)} bytes cannot be read as a video: {error.strerror}") from error


def _container(data: bytes) -> InputContainer:
    import av

    # PyAV's stubs say list[str] where its code takes a dictionary a stream.
    stream_options: Any = _STREAM_OPTIONS
    kind: Any = {"options": _OPEN_OPTIONS, "metadata_errors": "replace"}  # titles are in any code page
    try:
        container: InputContainer = av.open(BytesIO(data), "r", stream_options=stream_options, **kind)
    except av.FFmpegError:
        raise
    except ValueError:  # PyAV's word for a format that knows its streams only from its packets, such as MPEG-TS
        container = av.open(BytesIO(data), "r", **kind)
    return container


def facts_of(stream: VideoStream, packets: list[Packet[VideoStream]]) -> VideoFacts:
    """Return what the stream and its packets say.

    Raises:
        MediaError: Frames are missing, carry no times, or are larger than `MAX_PIXELS`.
    """
    width, height = stream.codec_context.width, stream.codec_context.height
    if not 0 < width * height <= MAX_PIXELS:
        raise MediaError(f"frames of {width} x {height} are not decoded; the limit is {MAX_PIXELS} pixels")
    whole = sum(not packet.is_corrupt for packet in packets)
    if not whole or whole < max(stream.frames, len(packets)):
        raise MediaError(f"the video is cut off: {whole} of {stream.frames or 'its'} frames are whole")
    if stream.average_rate is None or any(packet.pts is None for packet in packets):
        raise MediaError("the video's frames carry no times; remux it to MP4")
    return VideoFacts(
        codec=stream.codec_context.name,
        fps=float(stream.average_rate),
        frames=sum(not packet.is_discard for packet in packets),
        width=width,
        height=height,
    )


def check_room(frames: int, height: int, width: int, *, channels: int) -> None:
    """Check that frames fit into `MAX_DECODED_BYTES` together.

    Raises:
        MediaError: They do not.
    """
    wanted = frames * height * width * channels
    if wanted > MAX_DECODED_BYTES:
        raise MediaError(
            f"{frames} frames of {width} x {height} take {wanted / 2**30:.1f} GiB, at most "
            f"{MAX_DECODED_BYTES // 2**30} are decoded at once; ask for fewer frames, or for smaller ones with size_px"
        )


def decoded(
    stream: VideoStream, packets: list[Packet[VideoStream]], wanted: Sequence[int]
) -> Iterator[tuple[int, VideoFrame]]:
    """Yield the wanted frames with their indices, each once, decoding as little as the references allow.

    Raises:
        MediaError: A wanted frame cannot be decoded, or two frames carry the same time.
    """
    times = sorted(_time_of(packet) for packet in packets if not packet.is_discard)
    if any(earlier == later for earlier, later in pairwise(times)):
        raise MediaError("two of the video's frames carry the same time; remux it to MP4")
    index_of = {time: index for index, time in enumerate(times)}
    missing = {times[index] for index in wanted}
    context = stream.codec_context
    for packet in [*packets[_start_of(packets, missing) :], None]:
        if not missing:
            return
        unwanted = packet is not None and packet.pts not in missing
        context.skip_frame = "NONREF" if unwanted else "DEFAULT"
        for frame in context.decode(packet):
            if frame.pts in missing and not frame.is_corrupt:
                missing.remove(frame.pts)
                yield index_of[frame.pts], frame
    if missing:
        raise MediaError(f"the video is damaged: frame {index_of[min(missing)]} cannot be decoded")


def _time_of(packet: Packet[VideoStream]) -> int:
    if packet.pts is None:
        raise MediaError("the video's frames carry no times; remux it to MP4")
    return packet.pts


def _start_of(packets: list[Packet[VideoStream]], wanted: set[int]) -> int:
    # From the last key frame at or before the first wanted frame nothing earlier is needed.
    first = min(wanted, default=0)
    keys = [place for place, packet in enumerate(packets) if packet.is_keyframe and _time_of(packet) <= first]
    return keys[-1] if keys else 0
