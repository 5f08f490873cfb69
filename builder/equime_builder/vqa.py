"""Questions and answers about a clip, from what is true of it by construction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from equime_builder.errors import choose
from equime_builder.facs import AU_NAMES, EMOTION_LABELS, SIDES
from equime_builder.streams import stream
from equime_builder.vqa_templates import (
    ABSENT_WEIGHTS,
    COARSE,
    FINE,
    KINDS,
    LEVEL_WORDS,
    RECORD_FIELDS,
    REGIONS,
    SHOWN,
    SIDE,
    TOGETHER_MANY,
    TOGETHER_MANY_ANSWER,
    TOGETHER_ONE,
    TOGETHER_ONE_ANSWER,
    UNIT,
    UNITS,
    WORDINGS,
)

if TYPE_CHECKING:
    import numpy as np

DATASET: Final = "equime"
Record = dict[str, str]
Asked = tuple[str, str]
"""Question and answer."""


def questions_of(row: Mapping[str, Any], kinds: Sequence[str] = KINDS) -> list[Record]:
    """Return the questions that a clip's plan answers, each with its answer, as records of the ME-VQA challenge.

    Wordings and choices (which AU is asked about) are drawn from the clip's id, so that the same clip is always asked
    the same. A negative is asked whether there is an expression, about an AU that is not there, and what moves.

    Args:
        row: A clip's row, as loaded; ``video`` is not read.
        kinds: Some of `KINDS`. The number that ends a record's ``id`` counts all kinds, so it stays whatever is chosen.

    Returns:
        Records with the fields `RECORD_FIELDS`, in the order of `KINDS`.

    Raises:
        UsageError: A kind is unknown.
    """
    wanted = {choose("kind of question", kind, KINDS) for kind in kinds}
    asked = [(kind, question, answer) for kind in KINDS for question, answer in _ASKERS[kind](_Clip(row))]
    return [
        _record(row, number, kind, question, answer)
        for number, (kind, question, answer) in enumerate(asked, start=1)
        if kind in wanted
    ]


def _record(row: Mapping[str, Any], number: int, kind: str, question: str, answer: str) -> Record:
    name = row["id"]
    values = (f"{DATASET}_{name}_{number}", DATASET, name, row["subject_id"], name, question, answer, kind)
    return dict(zip(RECORD_FIELDS, values, strict=True))


class _Clip:
    """What questions are made from.

    Attributes:
        units: Entries of ``aus`` by AU, ascending, the sides of each in the order left, right.
    """

    def __init__(self, row: Mapping[str, Any]) -> None:
        self.row = row
        entries = sorted(row["aus"], key=lambda unit: (unit["au"], SIDES.index(unit["side"])))
        aus: list[int] = sorted({unit["au"] for unit in entries})
        self.units = {au: [unit for unit in entries if unit["au"] == au] for au in aus}

    @property
    def names(self) -> str:
        return ", ".join(AU_NAMES[au] for au in self.units)

    @property
    def fine(self) -> str:
        label: int = self.row["emotion"]
        return EMOTION_LABELS[label]

    def draws(self, kind: str) -> np.random.Generator:
        return stream("vqa", self.row["id"], kind)

    def worded(self, kind: str, **words: str) -> str:
        wordings = WORDINGS[kind]
        place = int(self.draws(f"{kind}/wording").integers(len(wordings)))
        return wordings[place].format(**words)

    def one_unit(self, kind: str) -> int:
        """Return one of the AUs that move."""
        return list(self.units)[int(self.draws(kind).integers(len(self.units)))]

    def at(self, frame: int) -> str:
        """Return a frame and its time in words."""
        return f"frame {frame} ({frame / self.row['fps']:.2f} s)"


def _coarse(clip: _Clip) -> Iterator[Asked]:
    if clip.units and clip.row["emotion_3class"]:
        yield COARSE, clip.row["emotion_3class"]


def _fine(clip: _Clip) -> Iterator[Asked]:
    if clip.units:
        yield FINE, clip.fine


def _units(clip: _Clip) -> Iterator[Asked]:
    if clip.units:
        yield UNIT if len(clip.units) == 1 else UNITS, clip.names


def _shown(clip: _Clip) -> Iterator[Asked]:
    weights = {au: weight for au, weight in ABSENT_WEIGHTS.items() if au not in clip.units}
    shares = [weight / sum(weights.values()) for weight in weights.values()]
    draws = clip.draws("shown")
    absent = list(weights)[int(draws.choice(len(weights), p=shares))]
    asked = [(absent, "no")]
    if clip.units:
        asked.insert(int(draws.integers(2)), (clip.one_unit("shown/yes"), "yes"))
    for au, answer in asked:
        yield SHOWN.format(unit=AU_NAMES[au]), answer


def _side(clip: _Clip) -> Iterator[Asked]:
    for au, sides in clip.units.items():
        if len(sides) == 1:
            yield SIDE.format(unit=AU_NAMES[au]), sides[0]["side"]


def _together(clip: _Clip) -> Iterator[Asked]:
    if clip.units and clip.row["emotion_3class"]:
        one = len(clip.units) == 1
        answer = TOGETHER_ONE_ANSWER if one else TOGETHER_MANY_ANSWER
        words = {"units": clip.names, "fine": clip.fine, "coarse": clip.row["emotion_3class"]}
        yield TOGETHER_ONE if one else TOGETHER_MANY, answer.format(**words)


def _present(clip: _Clip) -> Iterator[Asked]:
    yield clip.worded("present"), "yes" if clip.units else "no"


def _interval(clip: _Clip) -> Iterator[Asked]:
    if clip.units:
        onset, offset = clip.at(clip.row["onset_frame"]), clip.at(clip.row["offset_frame"])
        yield clip.worded("interval"), f"from {onset} to {offset}"


def _apex(clip: _Clip) -> Iterator[Asked]:
    if clip.units:
        yield clip.worded("apex"), clip.at(clip.row["apex_frame"])


def _duration(clip: _Clip) -> Iterator[Asked]:
    if clip.units:
        frames = clip.row["offset_frame"] - clip.row["onset_frame"]
        yield clip.worded("duration"), f"{frames} frames ({1000 * frames / clip.row['fps']:.0f} ms)"


def _strength(clip: _Clip) -> Iterator[Asked]:
    if clip.units:
        au = clip.one_unit("strength")
        levels = [f"{unit['level']} ({LEVEL_WORDS[unit['level']]})" for unit in clip.units[au]]
        sides = [unit["side"] for unit in clip.units[au]]
        differing = [f"{side} {level}" for side, level in zip(sides, levels, strict=True)]
        answer = levels[0] if len(set(levels)) == 1 else ", ".join(differing)
        yield clip.worded("strength", unit=AU_NAMES[au]), answer


def _sides(clip: _Clip) -> Iterator[Asked]:
    if clip.units:
        au = clip.one_unit("sides")
        sides = [unit["side"] for unit in clip.units[au]]
        yield clip.worded("sides", unit=AU_NAMES[au]), sides[0] if len(sides) == 1 else "both"


def _region(clip: _Clip) -> Iterator[Asked]:
    regions = [name for name, aus in REGIONS.items() if aus & set(clip.units)]
    yield clip.worded("region"), ", ".join(regions) or "none"


_ASKERS: Final[dict[str, Callable[[_Clip], Iterator[Asked]]]] = {
    "coarse": _coarse,
    "fine": _fine,
    "units": _units,
    "shown": _shown,
    "side": _side,
    "together": _together,
    "present": _present,
    "interval": _interval,
    "apex": _apex,
    "duration": _duration,
    "strength": _strength,
    "sides": _sides,
    "region": _region,
}
