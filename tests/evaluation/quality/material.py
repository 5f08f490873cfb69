"""Pictures, clips and a small BRISQUE model, all made here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from equime_builder.streams import stream
from equime_evaluation.quality.regression import Regression
from tests.moving import picture


def textured(height: int, width: int, seed: int = 0) -> np.ndarray:
    """Return a (height, width, 3) picture with edges, texture and grain."""
    grain = stream("tests/quality", seed).normal(0, 3, (height, width, 3))
    still = cv2.resize(picture(max(height, width, 32)), (width, height))[..., None] * np.array([1.0, 0.9, 0.8])
    return np.asarray(np.clip(np.rint(still + grain), 0, 255), dtype=np.uint8)


def grey(height: int, width: int, seed: int = 0) -> np.ndarray:
    return np.ascontiguousarray(textured(height, width, seed)[..., 0])


def small_model(vectors: int = 12) -> Regression:
    """Return a model of LIVE's shape with numbers of its own."""
    random = stream("tests/quality/model")
    return Regression(
        coefficients=np.round(random.normal(0, 40, vectors), 4),
        vectors=np.round(random.uniform(-1, 1, (vectors, 36)), 6),
    )


def libsvm_text(model: Regression) -> str:
    """Write a model in the format of LIVE's ``allmodel``; zeros are left out, as libsvm does."""
    lines = [
        f"{coefficient!r} " + " ".join(f"{place}:{value!r}" for place, value in enumerate(vector, 1) if value) + " "
        for coefficient, vector in zip(model.coefficients.tolist(), model.vectors.tolist(), strict=True)
    ]
    head = f"svm_type epsilon_svr\nkernel_type rbf\ngamma {model.gamma}\nnr_class 2\ntotal_sv {len(lines)}\n"
    return f"{head}rho {model.rho}\nprobA 5.7\nSV\n" + "\n".join(lines) + "\n"


def write_video(
    path: Path,
    frames: Iterable[np.ndarray],
    *,
    fps: int = 24,
    times: Sequence[int] | None = None,
    sound: bool = False,
    pix_fmt: str = "yuv420p",
) -> Path:
    """Write frames as lossless H.264 in MP4, or in what the suffix says.

    Args:
        times: When each frame comes, in 24ths of a second; evenly where left out.
    """
    import av

    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=fps, options={"qp": "0", "preset": "ultrafast"})
        video.pix_fmt, video.codec_context.time_base = pix_fmt, Fraction(1, fps)
        audio = container.add_stream("aac", rate=48_000) if sound else None
        for number, frame in enumerate(frames):
            if number == 0:
                video.height, video.width = frame.shape[:2]
            picture = av.VideoFrame.from_ndarray(frame, format="rgb24")
            picture.pts = number if times is None else times[number]
            picture.time_base = Fraction(1, fps)
            container.mux(video.encode(picture))
        container.mux(video.encode())
        if audio is not None:
            silence = av.AudioFrame.from_ndarray(np.zeros((2, 24_000), np.float32), format="fltp", layout="stereo")
            silence.rate, silence.pts = 48_000, 0
            container.mux(audio.encode(silence))
            container.mux(audio.encode())
    return path


def turned(path: Path) -> Path:
    """Turn a video a quarter to the right, by its display matrix alone, as phones do."""
    data = bytearray(path.read_bytes())
    matrix = data.index(b"tkhd") + 4 + 40
    quarter = (0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000)
    data[matrix : matrix + 36] = b"".join(value.to_bytes(4, "big", signed=True) for value in quarter)
    path.write_bytes(data)
    return path


def decoded_grey(path: Path) -> list[np.ndarray]:
    """Decode a video as the published loop does: OpenCV, upright, grey."""
    reader, frames = cv2.VideoCapture(str(path)), list[np.ndarray]()
    while True:
        there, frame = reader.read()
        if not there:
            return frames
        frames.append(np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)))
