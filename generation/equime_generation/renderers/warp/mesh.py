"""Landmark groups of MediaPipe's 478-point face mesh, and its mirror.

The subject's right side stands at the image's left. Groups are written for the right side, outer to inner or centre to
side, and mirrored by `MIRROR`. Source of the numbering: MediaPipe canonical face model (Apache-2.0).
"""

from __future__ import annotations

from typing import Final

from equime_builder.facs import Side

_PAIRS: Final[tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]] = (
    ((70, 63, 105, 66, 107), (300, 293, 334, 296, 336)),  # brow, upper edge
    ((46, 53, 52, 65, 55), (276, 283, 282, 295, 285)),  # brow, lower edge
    ((33, 246, 161, 160, 159, 158, 157, 173, 133), (263, 466, 388, 387, 386, 385, 384, 398, 362)),  # upper lid
    ((7, 163, 144, 145, 153, 154, 155), (249, 390, 373, 374, 380, 381, 382)),  # lower lid
    ((247, 30, 29, 27, 28, 56, 190), (467, 260, 259, 257, 258, 286, 414)),  # lid crease
    ((25, 110, 24, 23, 22, 26, 112), (255, 339, 254, 253, 252, 256, 341)),  # under the lower lid
    ((113, 225, 224, 223, 222, 221, 189), (342, 445, 444, 443, 442, 441, 413)),  # eye cover fold
    ((226, 31, 228, 229, 230, 231, 232), (446, 261, 448, 449, 450, 451, 452)),  # infraorbital
    ((61, 185, 40, 39, 37), (291, 409, 270, 269, 267)),  # upper lip, outer edge
    ((146, 91, 181, 84), (375, 321, 405, 314)),  # lower lip, outer edge
    ((78, 191, 80, 81, 82), (308, 415, 310, 311, 312)),  # upper lip, inner edge
    ((95, 88, 178, 87), (324, 318, 402, 317)),  # lower lip, inner edge
    ((109, 67, 103, 54, 21, 162, 127, 234, 93), (338, 297, 332, 284, 251, 389, 356, 454, 323)),  # oval, upper
    ((132, 58, 172, 136, 150, 149, 176, 148), (361, 288, 397, 365, 379, 378, 400, 377)),  # oval, jaw
    ((50, 101, 118, 117, 116, 123, 147, 187, 205), (280, 330, 347, 346, 345, 352, 376, 411, 425)),  # cheek
    ((36, 203, 206, 207, 216, 212, 214, 192, 213, 100), (266, 423, 426, 427, 436, 432, 434, 416, 433, 329)),
    ((98, 64, 129, 49, 198, 217, 48, 122), (327, 294, 358, 279, 420, 437, 278, 351)),  # nose, side
    ((92, 165, 167, 186, 57), (322, 391, 393, 410, 287)),  # between nose and lip
    ((83, 201, 208, 171, 204, 194, 211, 43), (313, 421, 428, 396, 424, 418, 431, 273)),  # chin, side
    ((106, 182, 202, 32, 140), (335, 406, 422, 262, 369)),
    ((108, 69, 104, 68, 193, 35, 143, 130, 111), (337, 299, 333, 298, 417, 265, 372, 359, 340)),  # forehead, temple
)
MIDLINE: Final[tuple[int, ...]] = (
    10,
    151,
    9,
    8,
    168,
    6,
    197,
    195,
    5,
    4,
    1,
    2,
    164,
    0,
    13,
    14,
    17,
    18,
    200,
    199,
    175,
    152,
)

MIRROR: Final[dict[int, int]] = {
    **{right: left for rights, lefts in _PAIRS for right, left in zip(rights, lefts, strict=True)},
    **{left: right for rights, lefts in _PAIRS for right, left in zip(rights, lefts, strict=True)},
    **{point: point for point in MIDLINE},
}
"""Each used landmark's counterpart on the other half of the face; those of the midline map to themselves."""

POINTS: Final[tuple[int, ...]] = tuple(sorted(MIRROR))
"""The landmarks that carry a displacement."""


def on(side: Side, points: tuple[int, ...]) -> tuple[int, ...]:
    """Return right-side landmarks as they stand, or their mirror for the left side."""
    return points if side == "right" else tuple(MIRROR[point] for point in points)


def both(points: tuple[int, ...]) -> frozenset[int]:
    """Return landmarks of the right side together with their mirror."""
    return frozenset(points) | {MIRROR[point] for point in points}


BROW_UPPER: Final = (70, 63, 105, 66, 107)
BROW_LOWER: Final = (46, 53, 52, 65, 55)
LID_UPPER: Final = (33, 246, 161, 160, 159, 158, 157, 173, 133)
LID_LOWER: Final = (33, 7, 163, 144, 145, 153, 154, 155, 133)
CREASE: Final = (247, 30, 29, 27, 28, 56, 190)
COVER_FOLD: Final = (113, 225, 224, 223, 222, 221, 189)
LID_SKIN_LOWER: Final = (25, 110, 24, 23, 22, 26, 112)

LIP_UPPER_INNER: Final = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
LIP_LOWER_INNER: Final = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
LIP_UPPER_OUTER: Final = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291)
LIP_LOWER_OUTER: Final = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291)

_HALF_OVAL: Final = (109, 67, 103, 54, 21, 162, 127, 234, 93, 132, 58, 172, 136, 150, 149, 176, 148)
OVAL: Final = (10, *(MIRROR[point] for point in _HALF_OVAL), 152, *reversed(_HALF_OVAL))
"""Outline of the face, clockwise in the image from the top of the forehead."""

JAW: Final = both((136, 150, 149, 176, 148)) | {152}
SILHOUETTE: Final = frozenset(OVAL) - JAW
"""Outline points that no muscle moves: hair, temples, ears, angle of the jaw."""

LIDS: Final = both(LID_UPPER) | both(LID_LOWER)
NOSE: Final = both((98, 64, 129, 49, 198, 217, 48, 122)) | {168, 6, 197, 195, 5, 4, 1, 2}
NOSE_BRIDGE: Final = frozenset((168, 6, 197, 195, 5, 4, 1))
UPPER_LIP_ONLY: Final = frozenset(LIP_UPPER_OUTER[1:-1]) | frozenset(LIP_UPPER_INNER[1:-1])
LOWER_LIP_ONLY: Final = frozenset(LIP_LOWER_OUTER[1:-1]) | frozenset(LIP_LOWER_INNER[1:-1])
LIPS: Final = UPPER_LIP_ONLY | LOWER_LIP_ONLY | both((61, 78))
CHIN: Final = both((83, 201, 208, 171, 204, 194, 211, 43, 106, 182, 202, 32, 140)) | {18, 200, 199, 175}
LOWER_FACE: Final = LIPS | CHIN
UPPER_LID: Final = both(LID_UPPER)
UNDER_EYE: Final = both(LID_SKIN_LOWER) | both((226, 31, 228, 229, 230, 231, 232))
