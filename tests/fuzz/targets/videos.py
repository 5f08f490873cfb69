"""Videos in every container that is opened."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import numpy as np

from equime_builder.decode import decode_frames, decode_luma
from equime_builder.demux import probe_video
from equime_evaluation.clips import Clip, open_reel
from tests.fuzz.target import Target

if TYPE_CHECKING:
    from av import VideoStream

_MARKS: Final = (
    b"ftyp", b"moov", b"mvhd", b"trak", b"tkhd", b"elst", b"mdhd", b"hdlr", b"stbl", b"stsd", b"avc1", b"avcC", b"stts",
    b"stss", b"ctts", b"stsc", b"stsz", b"stco", b"moof", b"tfhd", b"trun", b"udta", b"meta", b"dref", b"url ", b"alis",
    b"RIFF", b"avih", b"strh", b"strf", b"idx1", b"movi", b"\x1a\x45\xdf\xa3", b"\x16\x54\xae\x6b", b"\x00\x00\x01\x67",
)  # fmt: skip
_FRAMES: Final = 8


def _samples(folder: Path) -> list[bytes]:
    return [
        _encoded("mp4", "libx264", {"bf": "2"}),
        _encoded("mp4", "libx264", {}, {"movflags": "frag_keyframe+empty_moov"}),
        _encoded("mp4", "libx264", {"qp": "0"}),
        _encoded("mov", "mpeg4", {}),
        _encoded("matroska", "libx264", {}),
        _encoded("avi", "mpeg4", {}),
        _encoded("mpegts", "libx264", {}),
    ]


def _encoded(container: str, codec: str, options: dict[str, str], layout: dict[str, str] | None = None) -> bytes:
    import av

    buffer = BytesIO()
    with av.open(buffer, "w", format=container, options=layout or {}) as out:
        out.metadata["title"] = "a clip"
        settings = {"preset": "ultrafast", "g": "4"} | options
        stream = cast("VideoStream", out.add_stream(codec, rate=24, options=settings))
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(_FRAMES):
            picture = np.full((48, 64, 3), 20 * number, np.uint8)
            picture[:, :32] = np.arange(32, dtype=np.uint8)[:, None] * 7
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts = number
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    return buffer.getvalue()


def _bytes(folder: Path) -> bytes:
    return (folder / "clip.mp4").read_bytes()


def _reel(folder: Path) -> object:
    with open_reel(Clip(name="clip", root="", key="", data=_bytes(folder))) as reel:
        return sum(frame.size for frame in reel.frames)


TARGETS: Final[dict[str, Target]] = {
    "video": Target(
        file="clip.mp4",
        samples=_samples,
        readers=(
            lambda folder: probe_video(_bytes(folder)),
            lambda folder: decode_frames(_bytes(folder)),
            lambda folder: decode_frames(_bytes(folder), [0], size_px=32, layout="TCHW"),
            lambda folder: decode_luma(_bytes(folder)),
            _reel,
        ),
        marks=_MARKS,
        refused=True,
    )
}
