"""From the controls of a unit to a displacement of every landmark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from equime_builder.facs import SIDES, Side
from equime_generation.renderers.warp import mesh

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from equime_generation.renderers.warp.proportions import Proportions
    from equime_generation.renderers.warp.unit import Unit

_SILHOUETTE_RAMP_IOD: Final = 0.24
_SIDE_OFFSET_IOD: Final = -0.05
_SIDE_WIDTH_IOD: Final = 0.03
_LASHES_IOD: Final = 0.045
_INDEX: Final = {point: index for index, point in enumerate(mesh.POINTS)}


def spread(unit: Unit, side: Side, proportions: Proportions) -> NDArray[np.float64]:
    """Return the displacement of `mesh.POINTS` for one side of a unit, in the table's own size.

    Returns:
        (len(POINTS), 2) float64 in pixels, x right and y down; the size is that of the controls, not of the reach.
    """
    targets, moves = _controls(unit, side, proportions)
    positions = proportions.points[list(mesh.POINTS)]
    distance = positions[:, None] - positions[targets]
    weight = np.exp(-0.5 * (distance**2).sum(-1) / (unit.spread_iod * proportions.interocular_px) ** 2)
    moved = (weight @ moves) / np.maximum(weight.sum(1, keepdims=True), 1.0)
    moved *= _own_half(positions, side, proportions)[:, None]
    moved[[_INDEX[point] for point in mesh.POINTS if point in unit.still]] = 0.0
    moved[targets] = moves
    if unit.carries_lid_skin:
        _carry_lid_skin(moved, proportions)
    return np.asarray(moved * _silhouette_ramp(proportions, unit.moves_jaw)[:, None])


def _controls(unit: Unit, side: Side, proportions: Proportions) -> tuple[list[int], NDArray[np.float64]]:
    """Return indices into `mesh.POINTS` and displacements in pixels."""
    targets, moves = [], []
    for point, (outward, down) in unit.controls.items():
        share = 0.5 if mesh.MIRROR[point] == point else 1.0
        targets.append(_INDEX[mesh.on(side, (point,))[0]])
        moves.append(share * (outward * proportions.outward[side] + down * proportions.down))
    return targets, np.array(moves) * proportions.interocular_px


def _own_half(positions: NDArray[np.float64], side: Side, proportions: Proportions) -> NDArray[np.float64]:
    """Return a weight that fades the spread before it crosses the midline."""
    middle = proportions.points[[168, 1, 152]].mean(0)
    axis = proportions.outward[side] / np.linalg.norm(proportions.outward[side])
    depth = (positions - middle) @ axis / proportions.interocular_px
    return np.asarray(1 / (1 + np.exp(-(depth - _SIDE_OFFSET_IOD) / _SIDE_WIDTH_IOD)))


def _carry_lid_skin(moved: NDArray[np.float64], proportions: Proportions) -> None:
    """Let the skin between lid and brow follow the brow in proportion to its height above the lid.

    Without it the crease moves with the brow and shows twice. Under a rising brow the lashes stay, which would be
    drawn out; a brow that falls needs all of that skin to fold into.
    """
    along = proportions.outward["left"] / np.linalg.norm(proportions.outward["left"])
    for side in SIDES:
        brow, lid = mesh.on(side, mesh.BROW_LOWER), mesh.on(side, mesh.LID_UPPER)
        skin = mesh.on(side, mesh.CREASE) + mesh.on(side, mesh.COVER_FOLD)
        across, height = (
            [proportions.points[list(points)] @ axis for points in (brow, lid, skin)]
            for axis in (along, proportions.down)
        )
        brow_moves = moved[[_INDEX[point] for point in brow]]
        lashes_px = _LASHES_IOD * proportions.interocular_px if (brow_moves @ proportions.down).sum() < 0 else 0.0
        top = _along(across[0], height[0], across[2])
        bottom = _along(across[1], height[1], across[2]) - lashes_px
        share = np.clip((bottom - height[2]) / np.maximum(bottom - top, 1.0), 0.0, 1.0)
        follow = np.stack([_along(across[0], brow_moves[:, axis], across[2]) for axis in (0, 1)], axis=1)
        moved[[_INDEX[point] for point in skin]] = share[:, None] * follow


def _along(
    positions: NDArray[np.float64], values: NDArray[np.float64], wanted: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Interpolate linearly over unordered positions."""
    order = np.argsort(positions, kind="stable")
    return np.interp(wanted, positions[order], values[order])


def _silhouette_ramp(proportions: Proportions, moves_jaw: bool) -> NDArray[np.float64]:
    """Return a weight that lets motion die towards hair, temples, ears and, unless it moves, the jaw."""
    positions = proportions.points[list(mesh.POINTS)]
    edge = proportions.points[sorted(mesh.SILHOUETTE if moves_jaw else mesh.OVAL)]
    nearest = np.sqrt(((positions[:, None] - edge) ** 2).sum(-1)).min(1)
    depth = np.clip(nearest / (_SILHOUETTE_RAMP_IOD * proportions.interocular_px), 0.0, 1.0)
    free = np.array([moves_jaw and (point in mesh.JAW or point in mesh.CHIN) for point in mesh.POINTS])
    return np.where(free, 1.0, depth**2 * (3 - 2 * depth))
