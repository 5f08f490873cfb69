"""Where the faces of a frame are, and which of them counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from equime_builder.errors import EquimeError, need

if TYPE_CHECKING:
    from numpy.typing import NDArray

HOG: Final = "hog"
WHOLE: Final = "whole"
DEEPFACE_DETECTORS: Final = (
    "retinaface", "yunet", "mtcnn", "fastmtcnn", "ssd", "dlib", "centerface", "mediapipe", "opencv", "yolov8n",
    "yolov11n", "yolov12n",
)  # fmt: skip
DETECTORS: Final = (HOG, WHOLE, *DEEPFACE_DETECTORS)
"""hog is dlib's, in its library; whole takes the frame for a face; DeepFace fetches its own from the network."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FoundFace:
    """A face in a frame.

    Attributes:
        crop: (h, w, 3) float32 BGR, 0-1, as DeepFace's models take it; aligned where the detector aligns.
    """

    x: int
    y: int
    width: int
    height: int
    crop: NDArray[np.float32]


Detector = Callable[["NDArray[np.uint8]"], Sequence[FoundFace]]


def largest(faces: Sequence[FoundFace]) -> FoundFace | None:
    """Return the face that covers most pixels, the first of equal ones.

    The published script took the face of which the ethnicity model was surest, whoever that was.
    """
    return max(faces, key=lambda face: face.width * face.height, default=None)


def open_detector(name: str) -> Detector:
    """Load a detector.

    Raises:
        MissingExtraError: Its package is not installed.
    """
    if name == WHOLE:
        return lambda frame: [_cut(frame, 0, 0, frame.shape[1], frame.shape[0])]
    return _open_hog() if name == HOG else _open_deepface(name)


def _open_hog() -> Detector:
    detect = need("dlib", extra="attributes").get_frontal_face_detector()

    def found(frame: NDArray[np.uint8]) -> Sequence[FoundFace]:
        boxes = detect(frame, 0)
        return [_cut(frame, box.left(), box.top(), box.width(), box.height()) for box in boxes]

    return found


def _open_deepface(name: str) -> Detector:
    detection = need("deepface.modules.detection", extra="attributes")
    exceptions = need("deepface.modules.exceptions", extra="attributes")

    def found(frame: NDArray[np.uint8]) -> Sequence[FoundFace]:
        try:
            faces = detection.extract_faces(
                np.ascontiguousarray(frame[..., ::-1]), detector_backend=name, color_face="bgr", enforce_detection=True
            )
        except exceptions.FaceNotDetected:
            return []
        except (ValueError, ImportError, AttributeError) as error:  # its words for weights or packages that are missing
            raise EquimeError(
                f"DeepFace's detector {name} cannot be used here: {' '.join(str(error).split()):.200}; "
                f"take --detector {HOG}, or {WHOLE} for frames that are faces already"
            ) from error
        return [_of_deepface(face) for face in faces]

    return found


def _of_deepface(face: dict[str, Any]) -> FoundFace:
    area = face["facial_area"]
    crop = np.asarray(face["face"], dtype=np.float32)
    return FoundFace(x=area["x"], y=area["y"], width=area["w"], height=area["h"], crop=crop)


def _cut(frame: NDArray[np.uint8], x: int, y: int, width: int, height: int) -> FoundFace:
    crop = frame[max(y, 0) : y + height, max(x, 0) : x + width, ::-1].astype(np.float32) / np.float32(255)
    return FoundFace(x=x, y=y, width=width, height=height, crop=crop)
