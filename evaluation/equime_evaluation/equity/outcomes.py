"""Facts of clips summed up for each person: all that associations, their intervals and their p-values need."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from equime_evaluation.equity.facts import MEASURED, QUALITY, Facts
from equime_evaluation.equity.reading import Material

if TYPE_CHECKING:
    from numpy.typing import NDArray

ACCEPTED: Final = "accepted"
APEX_HIT: Final = "apex within 1 frame"
TRUE_MOTION: Final = "true motion (interocular)"
MEASURED_MOTION: Final = "measured motion (interocular)"
SLOPE: Final = "slope (measured / true)"
KNOWN_SLOPE: Final = "estimator's slope on known motion"
HEADLINES: Final = (TRUE_MOTION, MEASURED_MOTION, SLOPE, KNOWN_SLOPE, ACCEPTED, APEX_HIT)
"""Outcomes that a reader should see first, and the attributes by which."""
HEADLINE_ATTRIBUTES: Final = ("gender", "skin tone band")

_PRESENT: Final = " present"
_NAMES: Final[dict[str, str]] = {
    "true_motion_iod": TRUE_MOTION,
    "motion_iod": MEASURED_MOTION,
    "slope": SLOPE,
    "outside_px": "unplanned motion (px)",
    "apex_hit": APEX_HIT,
    "false_peaks": "movements found on negatives that do not blink",
}
_NUMBERS: Final = ("true_motion_iod", *MEASURED, "apex_hit", "false_peaks", *QUALITY)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outcome:
    """One property of clips, summed up for each person.

    Attributes:
        clips_of_people: (people,) how many clips of each it is known of.
        people: Ids of those who have such clips, sorted.
        totals: (people, categories) counts, or (people, 3) number, sum and sum of squares of centred values.
        categories: Names; ``None`` = a number.
        centre: Mean that was taken off the values of a number.
    """

    name: str
    clips_of_people: NDArray[np.int64]
    people: tuple[str, ...]
    totals: NDArray[np.float64]
    categories: tuple[str, ...] | None = None
    centre: float = 0.0


def planned_outcomes(clips: Sequence[Facts]) -> Iterator[Outcome]:
    """Yield what the causal model draws without regard to the person: emotion, programme, timing, words."""
    moving = [clip for clip in clips if clip.combination]
    yield _categorical("emotion", ((clip.subject_id, [clip.emotion]) for clip in clips))
    yield _categorical("AU combination", ((clip.subject_id, [clip.combination]) for clip in moving))
    yield _categorical("side", ((clip.subject_id, [clip.sides]) for clip in moving))
    for au in sorted({au for clip in moving for au in clip.aus}, key=int):
        present = ((clip.subject_id, [str(au in clip.aus)]) for clip in moving)
        yield _categorical(f"AU{au}{_PRESENT}", present)
    yield number_outcome("peak intensity", ((clip.subject_id, clip.peak) for clip in moving))
    yield number_outcome("duration (frames)", ((clip.subject_id, clip.duration_frames) for clip in moving))
    yield number_outcome("onset share", ((clip.subject_id, clip.onset_share) for clip in moving))
    yield number_outcome("apex frame", ((clip.subject_id, clip.apex_frame) for clip in moving))
    yield _categorical("prompt words", _words(clips))


def is_presence(outcome: str) -> bool:
    """Tell whether an outcome is the presence of one AU, of which there are many."""
    return outcome.startswith("AU") and outcome.endswith(_PRESENT)


def found_outcomes(material: Material) -> Iterator[Outcome]:
    """Yield what came of the plans: screening, motion, quality; properties that nobody measured are left out."""
    kept = material.passed
    drops = {clip.clip_id: material.reasons.get(clip.clip_id, []) for clip in material.planned}
    tried = [clip for clip in material.planned if clip.clip_id in kept or drops[clip.clip_id]]
    yield number_outcome(ACCEPTED, ((clip.subject_id, float(clip.clip_id in kept)) for clip in tried))
    attempts = ((clip.subject_id, len(drops[clip.clip_id]) + float(clip.clip_id in kept)) for clip in tried)
    yield number_outcome("attempts", attempts)
    if any(drops.values()):
        yield _categorical("reason of a drop", ((clip.subject_id, drops[clip.clip_id]) for clip in tried))
    for name in _NUMBERS:
        known = [(clip.subject_id, clip.numbers[name]) for clip in material.accepted if name in clip.numbers]
        if known:
            yield number_outcome(_NAMES.get(name, name), known)


def found_values(material: Material) -> dict[str, list[tuple[str, str, float]]]:
    """Return, for outcomes that may be compared within counterfactual sets, set, person and value of each clip."""
    kept = material.passed
    names = ("true_motion_iod", "motion_iod", "slope", "correlation", "apex_hit")
    values = {_NAMES.get(name, name): _known(material.accepted, name) for name in names}
    tried = [clip for clip in material.planned if clip.clip_id in kept or clip.clip_id in material.reasons]
    values[ACCEPTED] = [(clip.plan_id, clip.subject_id, float(clip.clip_id in kept)) for clip in tried]
    return {name: known for name, known in values.items() if known}


def _known(clips: Iterable[Facts], name: str) -> list[tuple[str, str, float]]:
    return [(clip.plan_id, clip.subject_id, clip.numbers[name]) for clip in clips if name in clip.numbers]


def _words(clips: Sequence[Facts]) -> list[tuple[str, list[str]]]:
    found = [(clip.subject_id, set(re.findall(r"[a-z]+", clip.prompt.lower()))) for clip in clips]
    everywhere = set.intersection(*(words for _, words in found)) if found else set()
    return [(who, sorted(words - everywhere)) for who, words in found]


def _categorical(name: str, observed: Iterable[tuple[str, Sequence[str]]]) -> Outcome:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    clips: Counter[str] = Counter()
    for who, categories in observed:
        counts[who].update(categories)
        clips[who] += bool(categories)
    people = tuple(sorted(who for who, number in clips.items() if number))
    categories = tuple(sorted(set().union(*counts.values())))
    totals = np.array([[counts[who][category] for category in categories] for who in people], dtype=np.float64)
    return Outcome(
        name=name,
        clips_of_people=np.array([clips[who] for who in people], dtype=np.int64),
        people=people,
        totals=totals.reshape(len(people), len(categories)),
        categories=categories,
    )


def number_outcome(name: str, observed: Iterable[tuple[str, float | None]]) -> Outcome:
    """Sum up a number; ``None`` is left out.

    Args:
        observed: Person and value of each clip.
    """
    values: dict[str, list[float]] = defaultdict(list)
    for who, value in observed:
        if value is not None:
            values[who].append(float(value))
    people = tuple(sorted(values))
    everything = [value for who in people for value in values[who]]
    centre = float(np.mean(everything)) if everything else 0.0
    centred = [np.array(values[who]) - centre for who in people]
    totals = np.array([[len(own), own.sum(), (own**2).sum()] for own in centred], dtype=np.float64).reshape(-1, 3)
    return Outcome(
        name=name, clips_of_people=totals[:, 0].astype(np.int64), people=people, totals=totals, centre=centre
    )
