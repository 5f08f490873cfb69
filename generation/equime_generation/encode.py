"""Frames become an MP4 file that keeps sub-pixel motion, in colours that every decoder reads alike."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from equime_builder.errors import MediaError, OutputError, choose
from equime_builder.records import FPS, Media

if TYPE_CHECKING:
    from av import VideoFrame, VideoStream
    from av.container import OutputContainer
    from numpy.typing import NDArray

SYNTHETIC: Final = "Synthetic micro-expression made by EquiME; it shows nobody's real emotion."
"""Stands in the comment of every file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How x264 encodes.

    Attributes:
        pixel_format: "yuv420p", or "yuv444p" where colour must survive as well as luma.
        quality: "crf" (18 = fine, 23 = coarse) or "qp" (the same for all frames; 0 = without loss) and its value.
        preset: x264's trade of time for size.
        params: Further x264 parameters.
    """

    pixel_format: str
    quality: tuple[str, str]
    preset: str
    params: str


PROFILES: Final[dict[str, Profile]] = {
    # x264 zeroes blocks with few coefficients and skips blocks that hardly differ: that is where micro-motion is.
    # Its B frames are coarser than their neighbours: without them a movement of 1-2 px keeps .93-.99 of its
    # amplitude at crf 20.5 and 260 KB, with them .84-.95 at crf 18 and 400 KB.
    # One rate throughout: rate control looks ahead, spends less on what moves and so marks the event in sharpness,
    # bytes and quantiser (a classifier without motion found the apex with an AUC of .72). Within a frame flat skin is
    # coded finer than hair: its noise takes most of the bytes, so that they vary by three times what a movement adds,
    # and smooth skin keeps the detail that the flow holds on to (one quantiser for all blocks made it err by .9 px).
    "default": Profile(
        pixel_format="yuv420p",
        quality=("crf", "22.5"),
        preset="medium",
        params="no-dct-decimate=1:no-fast-pskip=1:bframes=0:keyint=infinite:scenecut=0:mbtree=0:qcomp=1",
    ),
    "lossless": Profile(
        pixel_format="yuv444p", quality=("qp", "0"), preset="veryfast", params="keyint=infinite:scenecut=0"
    ),
    "preview": Profile(pixel_format="yuv420p", quality=("crf", "23"), preset="veryfast", params="keyint=24"),
}

# BT.601 is what decoders assume of a file of this height where they do not read the tags, so all agree; the
# values are those of ISO/IEC 23091-2: SMPTE 170M matrix, BT.709 primaries (sRGB's own), sRGB transfer.
_MATRIX: Final = 6
_PRIMARIES: Final = 1
_TRANSFER: Final = 13
_LIMITED_RANGE: Final = 1
_FULL_RANGE: Final = 2


def encode(frames: NDArray[np.uint8], *, profile: str = "default", fps: int = FPS, comment: str = "") -> Media:
    """Encode frames as H.264 in MP4, one file byte for byte whenever the frames are the same.

    Args:
        frames: (T, H, W, 3) uint8 RGB; even height and width.
        profile: Name in `PROFILES`.
        fps: Constant rate in frames a second.
        comment: Appended to the statement that the clip is synthetic, in the file's comment.

    Raises:
        UsageError: The profile is unknown.
        MediaError: The frames have another shape or type, or the encoder refuses them.
        OutputError: The temporary file cannot be written.
    """
    choose("encoder profile", profile, tuple(PROFILES))
    _check(frames)
    return Media(
        data=_written(frames, PROFILES[profile], fps, f"{SYNTHETIC} {comment}".strip()),
        num_frames=len(frames),
        fps=float(fps),
        width=frames.shape[2],
        height=frames.shape[1],
        codec="h264",
        encoder_profile=profile,
    )


def _check(frames: NDArray[np.uint8]) -> None:
    if frames.dtype != np.uint8 or frames.ndim != 4 or frames.shape[3] != 3 or not frames.size:
        raise MediaError(f"frames must be (T, H, W, 3) uint8 with T >= 1, got {frames.shape} {frames.dtype}")
    if frames.shape[1] % 2 or frames.shape[2] % 2:
        raise MediaError(f"H.264 needs an even height and width, got {frames.shape[1]} x {frames.shape[2]}")


def _written(frames: NDArray[np.uint8], profile: Profile, fps: int, comment: str) -> bytes:
    import av

    try:
        # "+faststart" reads the file again by its name, so that memory will not do.
        with tempfile.TemporaryDirectory(prefix="equime-") as folder:
            path = Path(folder) / "clip.mp4"
            options = {"movflags": "+faststart", "fflags": "+bitexact"}
            with av.open(str(path), "w", container_options=options) as container:
                container.metadata.update(title="EquiME synthetic clip", comment=comment)
                _mux(container, frames, profile, fps)
            return path.read_bytes()
    except OSError as error:
        raise OutputError(
            f"the clip cannot be written to {tempfile.gettempdir()}: {error.strerror}; free space there or set TMPDIR"
        ) from error
    except av.FFmpegError as error:
        raise MediaError(f"x264 cannot encode {frames.shape}: {error.strerror}") from error


def _mux(container: OutputContainer, frames: NDArray[np.uint8], profile: Profile, fps: int) -> None:
    stream = _stream(container, frames, profile, fps)
    for picture in _pictures(frames, profile.pixel_format):
        picture.time_base = stream.codec_context.time_base
        container.mux(stream.encode(picture))
    container.mux(stream.encode(None))


def _stream(container: OutputContainer, frames: NDArray[np.uint8], profile: Profile, fps: int) -> VideoStream:
    name, value = profile.quality
    options = {name: value, "preset": profile.preset, "x264-params": profile.params, "flags": "+bitexact"}
    stream = container.add_stream("libx264", rate=fps, options=options)
    stream.height, stream.width = frames.shape[1:3]
    stream.pix_fmt = profile.pixel_format
    context = stream.codec_context
    context.time_base = Fraction(1, fps)
    context.thread_count = 1  # more threads cut the picture differently: other bytes
    context.colorspace, context.color_range = _MATRIX, _LIMITED_RANGE
    context.color_primaries, context.color_trc = _PRIMARIES, _TRANSFER
    return stream


def _pictures(frames: NDArray[np.uint8], pixel_format: str) -> Iterator[VideoFrame]:
    """Convert to YCbCr, rounded exactly and alike on every processor; a repeated frame is converted once."""
    from av import VideoFrame
    from av.video.reformatter import Interpolation, VideoReformatter

    exact = Interpolation.AREA | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INP | Interpolation.BITEXACT
    reformatter = VideoReformatter()
    for index, frame in enumerate(frames):
        if index == 0 or not np.array_equal(frame, frames[index - 1]):
            picture = reformatter.reformat(
                VideoFrame.from_ndarray(frame, format="rgb24"),
                format=pixel_format,
                dst_colorspace=_MATRIX,
                src_color_range=_FULL_RANGE,
                dst_color_range=_LIMITED_RANGE,
                interpolation=exact,
                threads=1,
            )
        picture.pts = index
        yield picture
