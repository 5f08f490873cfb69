"""MiE-X: ``000106_mmew_0/0.jpg`` and ``1.jpg``: synthetic onset and apex, a face a number, a class the last digit.

The classes are 0 negative, 1 positive, 2 surprise, as its authors' generator has them (sadness, fear, anger, disgust
and contempt are 0, happiness is 1). A published baseline has 0 and 1 the other way round. In one clip of sixteen onset
and apex are the same image; such clips show no expression and are left out.

Source: Liu, Wang, Gedeon, Zheng, "How to synthesize a large-scale and trainable micro-expression dataset?", ECCV 2022.
"""

from __future__ import annotations

import filecmp
import re
from pathlib import Path
from typing import Final

from equime_builder.errors import DatasetError
from equime_evaluation.recordings.images import sequence_in
from equime_evaluation.recordings.recording import Listing, Recording

DATASET: Final = "miex"
_CLASSES: Final = ("negative", "positive", "surprise")
_NAME: Final = re.compile(r"(.{1,80})_([a-z+]{1,20})_([012])", re.IGNORECASE | re.ASCII)


def read_miex(root: Path) -> Listing:
    """List the clips; the first image is the onset, the last the apex, and there is nothing after it.

    Raises:
        DatasetError: There is none.
    """
    recordings: list[Recording] = []
    left_out: dict[str, str] = {}
    for folder in sorted(path for path in root.rglob("*_[012]") if path.is_dir()):
        match = _NAME.fullmatch(folder.name)
        if match is None:
            continue
        clip = f"{DATASET}/{match[1]}/{folder.name}"
        try:
            recordings.append(_recording(folder, subject=match[1], emotion=_CLASSES[int(match[3])]))
        except DatasetError as error:
            left_out[clip] = f"{clip}: {error}"
    if not recordings:
        reason = next(iter(left_out.values()), "there is no folder such as 000106_mmew_0")
        raise DatasetError(f"{root}: holds no clip of MiE-X; {reason}")
    return Listing(recordings=tuple(recordings), left_out=left_out)


def _recording(folder: Path, *, subject: str, emotion: str) -> Recording:
    frames = sequence_in(folder)
    if filecmp.cmp(frames.paths[0], frames.paths[-1], shallow=False):
        raise DatasetError("onset and apex are the same image")
    last = frames.count - 1
    return Recording(
        dataset=DATASET,
        subject=subject,
        name=folder.name,
        emotion=emotion,
        frames=frames,
        onset_frame=0,
        apex_frame=last,
        offset_frame=last,
    )
