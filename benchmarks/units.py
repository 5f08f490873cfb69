"""Every Action Unit: does it move women and men alike, and is it found again in decoded clips?

`python -m benchmarks.units` also writes the table of clips that ``docs/action_units.md`` shows.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from dataclasses import fields as dataclass_fields
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.figures import Figure
from benchmarks.people import default_faces

if TYPE_CHECKING:
    from equime_builder.records import Plan
    from equime_generation.faces import Face

LEVEL_INTENSITIES = {"B": 0.22, "C": 0.45}
DRAWS = 2000
LARGEST_DIFFERENCE = 0.05
LEAST_CORRELATION = 0.85
LEAST_SLOPE = 0.85
TABLE = Path(__file__).resolve().parents[1] / "docs" / "action_units" / "measured.csv"


@dataclass(frozen=True, slots=True)
class Found:
    au: int
    level: str
    subject_id: str
    motion_px: float
    correlation: float | None
    slope: float | None
    apex_error: int | None


def figures() -> Iterator[Figure]:
    """Compare reach over all people, then measure one clip a unit and level on two of them."""
    faces = default_faces()
    yield _equity(faces)
    yield from _measurement(list(measured_units(faces)))


def _equity(faces: list[Face]) -> Figure:
    from equime_generation.renderers.warp.reach import reach_iod
    from equime_generation.renderers.warp.rig import Rig
    from equime_generation.renderers.warp.units import UNITS

    rigs = [Rig(face) for face in faces]
    women = np.array([face.subject.demographics.gender == "female" for face in faces])
    told, worst = [], 0.0
    for au in UNITS:
        reach = np.array([reach_iod(rig, au) for rig in rigs])
        difference, low, high = difference_with_interval(reach, women)
        worst = max(worst, abs(difference))
        told.append(f"AU{au} {difference:+.3f} [{low:+.3f}, {high:+.3f}]")
    return Figure(
        name="true_motion_women_over_men",
        value=worst,
        unit="relative difference, largest of all units",
        target=LARGEST_DIFFERENCE,
        better="lower",
        detail=f"95 % bootstrap over {women.sum()} women, {(~women).sum()} men: {', '.join(told)}",
    )


def difference_with_interval(values: np.ndarray, women: np.ndarray) -> tuple[float, float, float]:
    """Mean of women over mean of men, less 1, and its 95 % percentile interval over resampled people."""
    random = np.random.default_rng(0)
    draws = [random.choice(values[chosen], (DRAWS, chosen.sum())).mean(1) for chosen in (women, ~women)]
    low, high = np.quantile(draws[0] / draws[1] - 1, (0.025, 0.975))
    return float(values[women].mean() / values[~women].mean() - 1), float(low), float(high)


def measured_units(faces: list[Face]) -> Iterator[Found]:
    """Measure a clip of each unit at levels B and C on the first woman and the first man."""
    from equime_generation.renderers.warp.units import UNITS

    people = [next(face for face in faces if face.subject.demographics.gender == who) for who in ("female", "male")]
    for level in LEVEL_INTENSITIES:
        for face in people:
            for au in UNITS:
                yield _found(face, au, level)


def _measurement(found: list[Found]) -> Iterator[Figure]:
    missed = [one for one in found if one.correlation is None or one.slope is None]
    seen = [one for one in found if one.correlation is not None and one.slope is not None]
    count = f"{len(found)} clips, {len(missed)} without a movement found"
    units = sorted({one.au for one in found})
    by_au = {au: np.median([one.correlation or 0.0 for one in found if one.au == au]) for au in units}
    yield Figure(
        name="unit_correlation_least",
        value=float(min(by_au.values())),
        unit="median correlation of the weakest unit",
        target=LEAST_CORRELATION,
        better="higher",
        detail=f"levels B and C, {count}: " + ", ".join(f"AU{au} {value:.2f}" for au, value in by_au.items()),
    )
    weakest = min(seen, key=lambda one: one.slope or 0.0)
    yield Figure(
        name="unit_slope_least",
        value=weakest.slope or 0.0,
        unit="slope of measured against planned motion, weakest clip",
        target=LEAST_SLOPE,
        better="higher",
        detail=f"AU{weakest.au} at level {weakest.level}, {weakest.motion_px:.1f} px on {weakest.subject_id}; {count}",
    )
    yield Figure(
        name="unit_wrong_sign",
        value=float(sum((one.slope or 0.0) <= 0 for one in seen) + len(missed)),
        unit="clips that move against their plan, or not at all",
        target=0,
        better="lower",
        detail=count,
    )
    yield Figure(
        name="unit_apex_within_one_frame",
        value=float(np.mean([one.apex_error is not None and abs(one.apex_error) <= 1 for one in found])),
        unit="share of clips",
        target=0.98,
        better="higher",
        detail=count,
    )


def _found(face: Face, au: int, level: str) -> Found:
    from equime_evaluation.motion import measure
    from equime_generation.encode import encode
    from equime_generation.renderers import Job, load_renderer
    from equime_generation.true_motion import motion_to_find

    clip = next(iter(load_renderer("warp").render([Job(face=face, plan=_plan(face, au, level))])))
    fields = motion_to_find(clip, face).probe()
    measured = measure(encode(clip.frames).data, fields, interocular_px=face.interocular_px, negative=False)
    apex = clip.plan.apex_frame
    return Found(
        au=au,
        level=level,
        subject_id=face.subject.id,
        motion_px=float(np.hypot(fields[0, ..., 0], fields[0, ..., 1]).max()),
        correlation=measured.correlation,
        slope=measured.slope,
        apex_error=None if measured.apex_frame is None or apex is None else measured.apex_frame - apex,
    )


def _plan(face: Face, au: int, level: str) -> Plan:
    """One unit on both sides, ten frames from onset to offset, with the usual sway and noise."""
    from equime_builder.facs import SIDES
    from equime_builder.records import Nuisance, Plan
    from equime_generation.timeline import Timing, apex_of, move

    timing = Timing(onset_frame=60, apex_frame=64, hold_frames=1, offset_frame=70)
    aus = tuple(move(au, side, intensity=LEVEL_INTENSITIES[level], timing=timing, lag_frames=0.0) for side in SIDES)
    return Plan(
        clip_id=f"unit-{au}-{level}-{face.subject.id}",
        plan_id=f"unit-{au}-{level}",
        subject_id=face.subject.id,
        emotion="fear",
        aus=aus,
        onset_frame=60,
        apex_frame=apex_of(aus),
        offset_frame=70,
        nuisance=Nuisance(key=f"unit-{au}-{level}", sway_px=0.5, noise_sigma=1.2),
        prompt="",
        negative_prompt="",
        caption="",
        seed=0,
    )


def main() -> None:
    """Write the table of clips."""
    TABLE.parent.mkdir(exist_ok=True)
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in dataclass_fields(Found)], lineterminator="\n")
        writer.writeheader()
        for found in measured_units(default_faces()):
            writer.writerow(
                {key: round(value, 4) if isinstance(value, float) else value for key, value in asdict(found).items()}
            )
            file.flush()


if __name__ == "__main__":
    main()
