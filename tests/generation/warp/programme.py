"""Plans and measurements that the warp tests share."""

from __future__ import annotations

import numpy as np

from equime_builder.facs import SIDES, Side
from equime_builder.records import Nuisance, Plan, PlannedAU

ONSET, APEX, OFFSET = 60, 64, 70
SHAPE = (0.0, 0.1, 0.5, 0.9, 1.0, 1.0, 0.9, 0.68, 0.32, 0.06, 0.0)


def planned(au: int, side: Side, intensity: float) -> PlannedAU:
    curve = tuple(share * intensity for share in SHAPE)
    frames = {"onset_frame": ONSET, "apex_frame": APEX, "offset_frame": OFFSET}
    return PlannedAU(au=au, side=side, intensity=intensity, curve=curve, **frames)


def plan_of(intensities: dict[int, float], *, key: str = "k", sway_px: float = 0.5, noise_sigma: float = 1.2) -> Plan:
    """A plan with both sides of some units, all on the same frames."""
    aus = tuple(planned(au, side, value) for au, value in intensities.items() for side in SIDES)
    return Plan(
        clip_id="clip",
        plan_id="plan",
        subject_id="someone",
        emotion="fear" if aus else "neutral",
        aus=aus,
        onset_frame=ONSET if aus else None,
        apex_frame=APEX if aus else None,
        offset_frame=OFFSET if aus else None,
        nuisance=Nuisance(key=key, sway_px=sway_px, noise_sigma=noise_sigma),
        prompt="",
        negative_prompt="",
        caption="",
        seed=0,
    )


def both(au: int, intensity: float) -> dict[tuple[int, Side], float]:
    return {(au, side): intensity for side in SIDES}


def size(field: np.ndarray) -> np.ndarray:
    """Length of each displacement."""
    return np.asarray(np.hypot(field[..., 0], field[..., 1]))
