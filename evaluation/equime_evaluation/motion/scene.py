"""How a picture changes, to first order, when its skin moves along given fields and the head moves rigidly.

Brightness constancy gives I(x + d(x)) = R(x) for a reference R; linearised, I - R = -d . grad R. With
d = sum a_k f_k + rigid motion, and a gain and an offset of the light, the unknowns follow by least squares, and by
Gauss-Newton steps where the motion is larger than the picture's detail.

Sources: Lucas & Kanade, "An iterative image registration technique" (IJCAI 1981); Baker & Matthews, "Lucas-Kanade 20
years on" (IJCV 56, 2004).
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

NUISANCES: Final = 6
"""Shift in x and y, turn, zoom, gain, offset."""

# Fields of different units overlap; a thousandth of their mean energy keeps the joint solution for the head stable.
_RIDGE: Final = 1e-3
_MOVED_SHARE: Final = 0.1
# OpenCV's cubic kernel (A = -.75) moves a ramp by up to .047 px too far or too little; linear weights are exact.
_INTERPOLATION: Final = cv2.INTER_LINEAR


class Scene:
    """A resting face, the fields it may move along, and the pixels that count.

    Args:
        reference: (h, w) float32, the face at rest.
        fields: (K, h, w, 2) float32, displacements in pixels of ``reference`` at amplitude 1.
        mask: (h, w) bool.
    """

    def __init__(self, reference: NDArray[np.float32], fields: NDArray[np.float32], mask: NDArray[np.bool_]) -> None:
        self.reference = reference
        self.fields = fields
        nuisances, changes = _changes(reference, fields)
        # Flat and zero where nothing counts: a product over all pixels is cheaper than picking those that do.
        self._nuisances = (np.stack(nuisances) * mask).reshape(NUISANCES, -1).astype(np.float64)
        self._changes = (np.stack(changes) * mask).reshape(len(fields), -1).astype(np.float64)
        size = np.hypot(fields[0, ..., 0], fields[0, ..., 1])
        self._moved = mask & (size > _MOVED_SHARE * size.max())
        y, x = np.mgrid[0 : reference.shape[0], 0 : reference.shape[1]].astype(np.float32)
        self._grid = x, y

    def amplitudes(self, frames: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the amplitude of each field by itself, head motion and light projected out.

        Args:
            frames: (T, h, w) float32.

        Returns:
            (T, K); 1 = the frame shows the whole field, to first order.
        """
        shares = np.linalg.solve(self._nuisances @ self._nuisances.T, self._nuisances @ self._changes.T)
        apart = self._changes - shares.T @ self._nuisances
        return self._projected(frames, apart / (apart**2).sum(1, keepdims=True))

    def heads(self, frames: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return shift, turn and zoom of the head in each frame, (T, 4), solved together with all fields."""
        columns = np.concatenate([self._nuisances, self._changes])
        normal = columns @ columns.T
        fields = np.arange(len(columns)) >= NUISANCES
        ridge = _RIDGE * np.diag(normal)[fields].mean() if fields.sum() > 1 else 0.0
        return self._projected(frames, np.linalg.solve(normal + np.diag(ridge * fields), columns)[:4])

    def follow(self, frame: NDArray[np.float32], start: float, steps: int) -> tuple[float, NDArray[np.float64]]:
        """Return amplitude of the only field and what head motion is left, by Gauss-Newton steps.

        Args:
            frame: (h, w) float32, aligned with the reference but for the movement.
            start: First guess of the amplitude.
            steps: How many steps; two bring 7 px to within 1 %.
        """
        amplitude = start
        for _ in range(steps):
            step = self._projected(self._back(frame, amplitude)[None], self._joint)[0]
            amplitude += float(step[0])
        return amplitude, step[1:5]

    def mismatch(self, frame: NDArray[np.float32], amplitude: float) -> float:
        """Return the variance that remains on the moved pixels once the only field is taken back out of a frame."""
        return float((self._back(frame, amplitude) - self.reference)[self._moved].var())

    @cached_property
    def _joint(self) -> NDArray[np.float64]:
        columns = np.concatenate([self._changes, self._nuisances])
        return np.linalg.solve(columns @ columns.T, columns)

    def _back(self, frame: NDArray[np.float32], amplitude: float) -> NDArray[np.float32]:
        x, y = self._grid
        moved = np.float32(amplitude) * self.fields[0]
        back = cv2.remap(frame, x + moved[..., 0], y + moved[..., 1], _INTERPOLATION, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(back, dtype=np.float32)

    def _projected(self, frames: NDArray[np.float32], rows: NDArray[np.float64]) -> NDArray[np.float64]:
        changes = (frames - self.reference).reshape(len(frames), -1)
        return np.asarray(-(changes @ rows.T.astype(np.float32)), dtype=np.float64)


def align(frame: NDArray[np.float32], head: NDArray[np.float64]) -> NDArray[np.float32]:
    """Take the head's motion out of a frame, by one linear resampling.

    Args:
        frame: (h, w) float32.
        head: Shift x, shift y, turn, zoom as `Scene.heads` gives them for frames of this size.
    """
    height, width = frame.shape
    shift_x, shift_y, turn, zoom = head[0], head[1], head[2] / max(frame.shape), head[3] / max(frame.shape)
    linear = np.array([[1 + zoom, -turn], [turn, 1 + zoom]])
    centre = np.array([(width - 1) / 2, (height - 1) / 2])
    shift = np.array([shift_x, shift_y]) + centre - linear @ centre
    flags = _INTERPOLATION | cv2.WARP_INVERSE_MAP
    matrix = np.column_stack([linear, shift])
    aligned = cv2.warpAffine(frame, matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(aligned, dtype=np.float32)


def rigid_field(shape: tuple[int, ...], head: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the displacement (h, w, 2) in pixels that a head motion gives each pixel."""
    x, y = _centred(shape)
    turn, zoom = head[2] / max(shape), head[3] / max(shape)
    return np.stack([head[0] - turn * y + zoom * x, head[1] + turn * x + zoom * y], axis=-1).astype(np.float32)


def _changes(
    reference: NDArray[np.float32], fields: NDArray[np.float32]
) -> tuple[list[NDArray[np.float32]], list[NDArray[np.float32]]]:
    """Return the six nuisance changes of the picture, and one change for each field."""
    # Scharr's kernels sum to 32 on a ramp of one grey level a pixel.
    gradient_x = cv2.Scharr(reference, cv2.CV_32F, 1, 0, scale=1 / 32)
    gradient_y = cv2.Scharr(reference, cv2.CV_32F, 0, 1, scale=1 / 32)
    x, y = _centred(reference.shape)
    scale = np.float32(1 / max(reference.shape))
    turn, zoom = (gradient_y * x - gradient_x * y) * scale, (gradient_x * x + gradient_y * y) * scale
    gain, offset = reference - reference.mean(), np.ones_like(reference)
    moved = [gradient_x * field[..., 0] + gradient_y * field[..., 1] for field in fields]
    return [gradient_x, gradient_y, turn, zoom, gain, offset], moved


def _centred(shape: tuple[int, ...]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    return x - np.float32((shape[1] - 1) / 2), y - np.float32((shape[0] - 1) / 2)
