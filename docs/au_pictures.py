"""The pictures of `docs/action_units.md`: faces under one unit, motion fields, whole emotions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from equime_builder.facs import SIDES
from equime_generation.renderers.warp.frame import MovedFrame, still
from equime_generation.renderers.warp.programme import SMALLEST_JACOBIAN, jacobian_of
from equime_generation.renderers.warp.rig import BLINK, Intensities, Rig
from equime_generation.renderers.warp.truth import displacement

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from equime_generation.faces import Face

SHOWN: Final = {"B": 0.22, "C": 0.45, "E": 1.0}
"""Levels that the pictures show, with their intensities."""

EMOTIONS: Final = {
    "happiness": (6, 12),
    "sadness": (1, 4, 15),
    "surprise": (1, 2, 5, 26),
    "fear": (1, 2, 4, 5, 20),
    "anger": (4, 5, 7, 23),
}

_REGIONS: Final = {"brows": (-0.28, 0.95, 0.62), "eyes": (-0.06, 0.95, 0.42), "cheeks": (0.45, 0.95, 0.72)}
_MOUTH: Final = (1.02, 0.8, 0.56)
_REGION_OF: Final = {1: "brows", 2: "brows", 4: "brows", 5: "eyes", 6: "cheeks", 7: "eyes", 9: "cheeks", 43: "eyes"}
_CELL_WIDTH_PX: Final = 250
_ARROW_STEP_PX: Final = 24
_JPEG_QUALITY: Final = 78
_GREY: Final = 0.55


def painted(rig: Rig, intensities: Intensities) -> NDArray[np.uint8]:
    """Return the face under some intensities, weakened together where skin would fold, as the renderer does."""
    image = still(rig, np.eye(2, 3))
    may_fold = intensities and BLINK not in {au for au, _ in intensities}
    while may_fold and jacobian_of(rig, intensities) < SMALLEST_JACOBIAN:
        intensities = {key: 0.97 * value for key, value in intensities.items()}
    if intensities:
        image[rig.region.window] = MovedFrame(rig, intensities, np.eye(2, 3)).paint()
    return image


def _window(face: Face, au: int) -> tuple[slice, slice]:
    """Return rows and columns of the photo around what a unit moves."""
    down, half_width, half_height = _REGIONS.get(_REGION_OF.get(au, ""), _MOUTH)
    x, y = (face.landmarks[468, :2] + face.landmarks[473, :2]) / 2 + (0, down * face.interocular_px)
    if au not in _REGION_OF:
        y = face.landmarks[13, 1] + 0.08 * face.interocular_px
    half = np.array([half_width, half_height]) * face.interocular_px
    left, top = np.maximum((x - half[0], y - half[1]), 0).astype(int)
    return slice(int(top), int(y + half[1])), slice(int(left), int(x + half[0]))


def _cell(image: NDArray[np.uint8], window: tuple[slice, slice], au: int) -> NDArray[np.uint8]:
    _, half_width, half_height = _REGIONS.get(_REGION_OF.get(au, ""), _MOUTH)
    size = (_CELL_WIDTH_PX, round(_CELL_WIDTH_PX * half_height / half_width))
    return np.asarray(cv2.resize(image[window], size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _with_arrows(rig: Rig, au: int, window: tuple[slice, slice]) -> NDArray[np.uint8]:
    """Return the photo in pale grey with the field at intensity 1 drawn on it, in true length."""
    field = displacement(rig, {(au, side): 1.0 for side in SIDES})[window]
    grey = cv2.cvtColor(rig.face.image[window], cv2.COLOR_RGB2GRAY).astype(np.float32)
    pale = np.repeat((255 - _GREY * (255 - grey))[..., None], 3, axis=2).astype(np.uint8)
    zoom = _CELL_WIDTH_PX / pale.shape[1]
    drawn = _cell(pale, np.s_[:, :], au)
    size = np.hypot(field[..., 0], field[..., 1])
    for row in range(_ARROW_STEP_PX // 4, drawn.shape[0], _ARROW_STEP_PX // 2):
        for column in range(_ARROW_STEP_PX // 4, drawn.shape[1], _ARROW_STEP_PX // 2):
            y, x = min(int(row / zoom), len(field) - 1), min(int(column / zoom), field.shape[1] - 1)
            if size[y, x] > 0.08 * size.max():
                end = (round(column + field[y, x, 0] * zoom), round(row + field[y, x, 1] * zoom))
                cv2.arrowedLine(drawn, (column, row), end, (178, 38, 30), 1, cv2.LINE_AA, tipLength=0.35)
    return drawn


def strip(rigs: list[Rig], au: int) -> NDArray[np.uint8]:
    """Return a picture of one unit: a row a person; at rest, at the shown levels, and the field."""
    rows = []
    for rig in rigs:
        window = _window(rig.face, au)
        steps = [{}, *({(au, side): value for side in SIDES} for value in SHOWN.values())]
        cells = [_cell(painted(rig, step), window, au) for step in steps]
        rows.append(np.hstack([*cells, _with_arrows(rig, au, window)]))
    return np.vstack(rows)


def emotions_sheet(rigs: list[Rig]) -> NDArray[np.uint8]:
    """Return each person at rest and with each emotion at full intensity."""
    rows = []
    for rig in rigs:
        steps = [(), *EMOTIONS.values()]
        cells = [painted(rig, {(au, side): 1.0 for au in step for side in SIDES}) for step in steps]
        rows.append(np.hstack([cv2.resize(cell, (220, 220), interpolation=cv2.INTER_AREA) for cell in cells]))
    return np.vstack(rows)


def save(path: Path, image: NDArray[np.uint8]) -> None:
    """Write an RGB picture as JPEG."""
    path.parent.mkdir(exist_ok=True)
    cv2.imwrite(str(path), cv2.cvtColor(image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
