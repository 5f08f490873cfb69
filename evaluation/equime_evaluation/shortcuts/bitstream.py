"""What the file itself tells of each frame before anybody looks at it: its bytes and its quantiser."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from equime_builder.decode import decode_luma
from equime_builder.demux import decoded, facts_of, opened

if TYPE_CHECKING:
    from av import VideoFrame
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bitstream:
    """A decoded clip with its coding, frames in the order of presentation.

    Attributes:
        luma: (T, H, W) uint8.
        packet_bytes: (T,) float64.
        quantiser: (T,) float64, mean of the macroblocks' quantisers (H.264: 0-51); NaN where the decoder tells none.
    """

    luma: NDArray[np.uint8]
    packet_bytes: NDArray[np.float64]
    quantiser: NDArray[np.float64]


def read_bitstream(data: bytes) -> Bitstream:
    """Read a whole video.

    Raises:
        MediaError: The bytes are no video, are cut off or cannot be decoded.
    """
    with opened(data) as (stream, packets):
        # FFmpeg's AV_CODEC_EXPORT_DATA_VIDEO_ENC_PARAMS; codecs that know nothing of it ignore it.
        stream.codec_context.options = {"export_side_data": "venc_params"}
        frames = facts_of(stream, packets).frames
        shown = sorted((packet for packet in packets if not packet.is_discard), key=lambda packet: packet.pts or 0)
        quantiser = np.full(frames, np.nan)
        for index, frame in decoded(stream, packets, range(frames)):
            quantiser[index] = _quantiser_of(frame)
    sizes = np.array([packet.size for packet in shown], np.float64)
    return Bitstream(luma=decode_luma(data), packet_bytes=sizes, quantiser=quantiser)


def _quantiser_of(frame: VideoFrame) -> float:
    from av.sidedata.encparams import VideoEncParams

    found = next((data for data in frame.side_data if isinstance(data, VideoEncParams)), None)
    return float(found.qp_map().mean()) if found is not None and found.nb_blocks else float("nan")
