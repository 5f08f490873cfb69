"""A picture as a video codec would leave it: LTX-Video was trained on frames of compressed videos."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def compressed(picture: NDArray[np.uint8], crf: int) -> NDArray[np.uint8]:
    """Return a picture after one trip through H.264.

    Source: Lightricks' inference code sends conditioning pictures through libx264 at CRF 29; diffusers does not.

    Args:
        picture: (H, W, 3) uint8 RGB, H and W even.
        crf: Quality, 1 (best) to 51; 0 returns the picture as it is.
    """
    if crf == 0:
        return picture
    import av

    data = io.BytesIO()
    with av.open(data, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=1, options={"crf": str(crf), "preset": "veryfast"})
        stream.height, stream.width = picture.shape[:2]
        stream.pix_fmt = "yuv420p"
        # Threads would make the bytes depend on the machine.
        stream.codec_context.thread_count = 1
        container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    data.seek(0)
    with av.open(data, "r") as written:
        frame = next(written.decode(video=0))
        return np.asarray(frame.to_ndarray(format="rgb24"), dtype=np.uint8)
