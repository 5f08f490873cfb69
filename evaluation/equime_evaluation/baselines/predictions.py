"""What was said of each clip, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from equime_builder.csv_text import csv_text
from equime_builder.publish import publish_text
from equime_evaluation.protocols import GroupReport, Recognition, group_report, score_recognition


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """What one network said of one clip of a person that it was not trained on.

    Attributes:
        person: Unique over datasets.
        true: Number of the class; ``None`` where nobody labelled the clip, and after labels were permuted the label
            that stands for the truth.
        probabilities: Of the classes.
        groups: Group of the person by attribute, as declared.
    """

    clip: str
    dataset: str
    person: str
    fold: str
    true: int | None
    said: int
    probabilities: tuple[float, ...]
    groups: Mapping[str, str] = field(default_factory=dict)
    level: str | None = None


def recognition_of(predictions: Sequence[Prediction], classes: Sequence[str], *, key: str) -> Recognition:
    """Score labelled predictions, all folds pooled."""
    labelled = [(item.true, item) for item in predictions if item.true is not None]
    return score_recognition(
        [true for true, _ in labelled],
        [item.said for _, item in labelled],
        [item.person for _, item in labelled],
        classes,
        key=key,
    )


def groups_of(predictions: Sequence[Prediction], classes: int) -> list[GroupReport]:
    """Return the report of each attribute that at least two groups of people differ in."""
    labelled = [(item.true, item) for item in predictions if item.true is not None]
    attributes = dict.fromkeys(name for _, item in labelled for name in item.groups)
    reports = [
        group_report(
            attribute,
            [true for true, _ in labelled],
            [item.said for _, item in labelled],
            [item.person for _, item in labelled],
            {item.person: item.groups[attribute] for _, item in labelled if attribute in item.groups},
            classes=classes,
        )
        for attribute in attributes
    ]
    return [report for report in reports if len(report.groups) > 1]


def write_predictions(path: Path, predictions: Sequence[Prediction], classes: Sequence[str]) -> None:
    """Write a line a clip: who, which fold, true class, class that was said, probabilities.

    Raises:
        OutputError: The place cannot be written.
    """
    lines: list[list[str]] = [["clip", "dataset", "person", "fold", "true", "said", *(f"p_{name}" for name in classes)]]
    for item in predictions:
        true = "" if item.true is None else classes[item.true]
        shares = (f"{share:.6f}" for share in item.probabilities)
        lines.append([item.clip, item.dataset, item.person, item.fold, true, classes[item.said], *shares])
    publish_text(path, csv_text(lines))
