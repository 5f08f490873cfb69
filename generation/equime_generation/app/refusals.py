"""What the photo gate says, for people who take photos: what is wrong, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from equime_builder.records import Reject

REMEDIES: Final[dict[str, tuple[str, str]]] = {
    "unreadable": ("This file cannot be read as a photo.", "Choose a JPEG, PNG, WebP, BMP, TIFF or single-frame GIF."),
    "no_face": ("No face was found.", "Take a photo from the front, with the whole face in it and nothing before it."),
    "several_faces": ("More than one face is on the photo.", "Cut the photo so that one person is left."),
    "small_face": ("The face is too small.", "Go closer, or take a photo of more pixels."),
    "upscaled": ("The face is too small.", "Go closer, or take a photo of more pixels."),
    "cut_off": ("Part of the head lies outside the photo.", "Leave room around the head, above all over the hair."),
    "pose": ("The head is turned or tilted.", "Look straight into the camera, at the height of the eyes."),
    "eyes_closed": ("The eyes are closed.", "Keep them open, as at rest."),
    "smile": ("The face smiles.", "Rest the face: the movement is added later, and must be the only one."),
    "lips_parted": ("The lips are parted.", "Close the mouth without pressing the lips."),
    "posed_mouth": (
        "The mouth is not at rest.",
        "Relax it: the movement is added later.",
    ),
    "blurred": ("The eyes and brows are blurred.", "Hold the camera still, focus on the eyes, and use more light."),
    "unevenly_lit": (
        "One side of the face is much brighter.",
        "Face a window or a lamp.",
    ),
    "glasses": ("Glasses are in the way.", "Take them off: their rims would bend with the skin."),
}
"""By the gate's reasons (`equime_generation.gate.rules.REASONS`, and those of files without a face)."""


def in_plain_words(reject: Reject) -> str:
    """Return what is wrong, what to do, and the rule with its value."""
    wrong, remedy = REMEDIES[reject.reason]
    return f"{wrong} {remedy} (The rule: {reject.detail}.)"
