"""A small dataset whose clips differ in all that a layout writes down; each frame shows its own number.

The number of a frame, counted from 0, stands in grey: twelves on its left half, units on its right, 18 levels a step.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from equime_builder.facs import Side
from equime_builder.folder import complete_folder
from equime_builder.layout import shard_path
from equime_builder.records import Media, Placement, PlannedAU, SplitName, Subject
from equime_builder.rows import Row, row_of
from equime_builder.shards import write_rows
from tests.samples import CURVE, GENERATION, person, plan

Unit = tuple[int, Side, float]

PEOPLE: dict[str, tuple[SplitName, str | None]] = {
    "007": ("train", "female"),
    "bea": ("validation", None),
    "cem": ("test", "nonbinary"),
}
"""Split and gender; nobody declared the second's, and the first's name is a number that no reader may make 7."""

CLIPS: dict[str, tuple[str, str, int | None, tuple[Unit, ...]]] = {
    "joy-1": ("007", "happiness", 30, ((12, "left", 0.5), (12, "right", 0.5))),
    "joy-2": ("007", "happiness", 40, ((12, "left", 0.2),)),
    "startle": ("007", "surprise", 97, ((1, "left", 0.5), (1, "right", 0.5), (2, "left", 0.5), (2, "right", 0.5))),
    "rage": ("bea", "anger", 60, ((4, "left", 0.2), (4, "right", 0.5), (7, "left", 0.5), (7, "right", 0.5))),
    "rest": ("bea", "neutral", None, ()),
    "dread": ("cem", "fear", 110, ((20, "right", 0.2),)),
}
"""Person, emotion, onset (the apex is 2 and the offset 5 frames later) and units of each clip."""


@pytest.fixture(scope="session")
def staircase(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    import av

    path = tmp_path_factory.mktemp("staircase") / "clip.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=24, options={"preset": "ultrafast", "crf": "5"})
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        for number in range(144):
            grey = np.full((64, 64, 3), 20 + 18 * (number % 12), np.uint8)
            grey[:, :32] = 20 + 18 * (number // 12)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(grey, format="rgb24")))
        container.mux(stream.encode())
    return path.read_bytes()


def build(root: Path, data: bytes, license: str = "CC0-1.0") -> Path:
    """Write the dataset folder, from photos of a licence."""
    people = {
        name: replace(person(number, gender=gender), id=name, source_license=license)
        for number, (name, (_, gender)) in enumerate(PEOPLE.items(), start=1)
    }
    shards: dict[str, list[Row]] = {}
    for clip_id, (name, emotion, _, _) in CLIPS.items():
        shards.setdefault(shard_path(emotion, PEOPLE[name][0], 0), []).append(_row(clip_id, people[name], data))
    for shard, rows in shards.items():
        write_rows(root / shard, rows)
    placements = {name: Placement(split=split, fold=2) for name, (split, _) in PEOPLE.items()}
    complete_folder(
        root, config={}, code_version="1", subjects=people.values(), placements=placements, plans={}, rejects=[]
    )
    return root


def _row(clip_id: str, subject: Subject, data: bytes) -> Row:
    _, emotion, onset, units = CLIPS[clip_id]
    frames = (None, None, None) if onset is None else (onset, onset + 2, onset + 5)
    planned = replace(
        plan(subject, "neutral"),
        clip_id=clip_id,
        emotion=emotion,
        aus=tuple(_unit(*unit, onset_frame=onset or 0) for unit in units),
        onset_frame=frames[0],
        apex_frame=frames[1],
        offset_frame=frames[2],
    )
    media = Media(data=data, num_frames=144, fps=24.0, width=512, height=512, codec="h264", encoder_profile="test")
    placement = Placement(split=PEOPLE[subject.id][0], fold=2)
    return row_of(planned, subject, placement, media, None, GENERATION)


def _unit(au: int, side: Side, intensity: float, onset_frame: int) -> PlannedAU:
    return PlannedAU(
        au=au,
        side=side,
        intensity=intensity,
        onset_frame=onset_frame,
        apex_frame=onset_frame + 2,
        offset_frame=onset_frame + 5,
        curve=tuple(intensity / max(CURVE) * value for value in CURVE),
    )


@pytest.fixture(scope="session")
def dataset(staircase: bytes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Not to be changed."""
    return build(tmp_path_factory.mktemp("varied") / "equime", staircase)
