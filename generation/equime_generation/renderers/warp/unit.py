"""What one Action Unit does to the mesh."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """Shape, reach and surroundings of one Action Unit.

    Attributes:
        reach_iod: Largest displacement at intensity 1 with both sides moving, in interocular distances.
        controls: Right-side landmark to (outward, down); their ratios give the shape, ``reach_iod`` the size.
            Landmarks of the midline carry half of their value for each side.
        spread_iod: Standard deviation of the Gaussian that carries the motion to other landmarks.
        still: Landmarks of both sides that the spread must not move.
        measure: Proportion of the face that scales the reach; None = the interocular distance alone.
        carries_lid_skin: The skin between upper lid and brow follows the brow by a linear ramp.
        moves_jaw: The outline of jaw and chin moves along; elsewhere motion dies before it reaches the outline.
    """

    reach_iod: float
    controls: dict[int, tuple[float, float]]
    spread_iod: float
    still: frozenset[int]
    measure: str | None = None
    carries_lid_skin: bool = False
    moves_jaw: bool = False


def lid(points: tuple[int, ...], down: float) -> dict[int, tuple[float, float]]:
    """Return the controls of a lid's margin: nothing at the corners of the eye, most in the middle."""
    profile = (0.0, 0.3, 0.62, 0.88, 1.0, 0.94, 0.74, 0.42, 0.0)
    return {point: (0.0, down * share) for point, share in zip(points, profile, strict=True)}
