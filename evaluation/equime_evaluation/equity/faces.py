"""The resting face of each person, taken from a clip of the dataset itself: photos are not part of one."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from equime_builder.errors import DatasetError
from equime_builder.manifest import read_manifest
from equime_builder.reading import read_rows
from equime_builder.videos import video_bytes
from equime_evaluation.equity.estimator import resting_face

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_CLEAR_IOD: Final = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """One clip of a person, and what is needed to use it as a photo.

    Attributes:
        path: Shard, relative to the dataset folder.
        encoder_profile: Named settings that the clip was encoded with.
        interocular_px: Distance of the iris centres, from true or measured motion in both units.
    """

    subject_id: str
    clip_id: str
    path: str
    encoder_profile: str
    interocular_px: float


def sittings(root: Path) -> list[Sitting]:
    """Return one clip of each person whose interocular distance can be told, in order of ids.

    Raises:
        DatasetMissingError: There is no dataset folder.
        DatasetError: A shard cannot be read.
    """
    first: dict[str, tuple[str, str, str]] = {}
    distances: dict[str, list[float]] = defaultdict(list)
    columns = ["id", "subject_id", "encoder_profile", "true_motion", "measured"]
    for entry in read_manifest(root).shards:
        for row in read_rows(root / entry.path, only=columns, where=entry.path):
            first.setdefault(row["subject_id"], (row["id"], entry.path, row["encoder_profile"]))
            distances[row["subject_id"]] += _interocular_px(row)
    return [
        Sitting(
            subject_id=who,
            clip_id=first[who][0],
            path=first[who][1],
            encoder_profile=first[who][2],
            interocular_px=median(distances[who]),
        )
        for who in sorted(first)
        if distances[who]
    ]


def face_of(root: Path, sitting: Sitting) -> NDArray[np.float32]:
    """Return a person's resting face, (H, W, 3) float32 RGB.

    Raises:
        DatasetError: The shard cannot be read or lacks the clip.
        MediaError: The clip cannot be decoded.
    """
    for row in read_rows(root / sitting.path, only=["id", "onset_frame", "video"], where=sitting.path):
        if row["id"] == sitting.clip_id:
            return resting_face(video_bytes(row), row["onset_frame"])
    raise DatasetError(f"{sitting.path}: lacks clip {sitting.clip_id!r}; run equime verify")


def _interocular_px(row: dict[str, Any]) -> list[float]:
    told = (row["true_motion"] or {}, row["measured"] or {})
    # both are rounded: of a small motion too little is left to tell the distance from
    return [
        motion["motion_px"] / motion["motion_iod"] for motion in told if (motion.get("motion_iod") or 0) > _CLEAR_IOD
    ]
