"""All that a run of a baseline found, for programs and for the page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from equime_evaluation.baselines.checkpoint import Epoch
from equime_evaluation.baselines.limits import NOT_MADE_FOR
from equime_evaluation.baselines.predictions import Prediction, groups_of, recognition_of
from equime_evaluation.baselines.setup import Setup
from equime_evaluation.protocols import GroupReport, Recognition
from equime_evaluation.protocols.chance import Chance, chance_of


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldResult:
    """One trained network.

    Attributes:
        train_people: How many people changed the weights; as ``validation_people`` and ``test_people``.
        train_clips: Their clips.
        epoch: Whose weights were taken.
    """

    name: str
    train_people: int
    validation_people: int
    test_people: int
    train_clips: int
    epoch: int
    curve: tuple[Epoch, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TestResult:
    """What was reached on clips of people who were not trained on.

    Attributes:
        chance: What the same answers score by chance; ``None`` without labels, as ``recognition``.
        levels: The same by FACS letter of the strongest Action Unit, where it is known.
        groups: By attribute of the people.
        said: How often each class was said.
        left_out: How many clips nothing could be made of, by reason.
        mended: How many labels were mended.
    """

    dataset: str
    clips: int
    people: int
    recognition: Recognition | None
    chance: Chance | None
    levels: Mapping[str, Recognition]
    groups: tuple[GroupReport, ...]
    said: Mapping[str, int]
    left_out: Mapping[str, int]
    mended: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """A run.

    Attributes:
        trained_on: Name of the source.
        protocol: Of the folds, or ``"all"`` where other sources were tested on.
        control: ``"none"``, ``"permuted-labels"`` or ``"neutral-frames"``.
        weights: Number of trainable numbers of the network.
    """

    setup: Setup
    classes: tuple[str, ...]
    trained_on: str
    protocol: str
    control: str
    weights: int
    folds: tuple[FoldResult, ...]
    tests: tuple[TestResult, ...]
    not_made_for: tuple[str, ...] = NOT_MADE_FOR

    def as_json(self) -> dict[str, Any]:
        """Return the same for programs."""
        return asdict(self)


def test_result(
    dataset: str,
    predictions: Sequence[Prediction],
    classes: Sequence[str],
    *,
    left_out: Mapping[str, str],
    mended: Mapping[str, str],
) -> TestResult:
    """Return what follows from predictions.

    Args:
        left_out: For each clip that nothing could be made of, why.
        mended: For each clip whose label was mended, how.
    """
    labelled = [(item.true, item) for item in predictions if item.true is not None]
    levels = sorted({item.level for item in predictions if item.level is not None})
    recognition = recognition_of(predictions, classes, key=dataset) if labelled else None
    return TestResult(
        dataset=dataset,
        clips=len(predictions),
        people=len({item.person for item in predictions}),
        recognition=recognition,
        chance=chance_of(
            [true for true, _ in labelled],
            [item.said for _, item in labelled],
            [item.person for _, item in labelled],
            classes=len(classes),
        ),
        levels={
            level: recognition_of([item for item in predictions if item.level == level], classes, key=level)
            for level in levels
        },
        groups=tuple(groups_of(predictions, len(classes))),
        said=dict(Counter(classes[item.said] for item in predictions)),
        left_out=dict(Counter(reason.rpartition(": ")[2] for reason in left_out.values())),
        mended=len(mended),
    )
