"""Scores, confusion and groups of one test, as tables and drawings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from equime_builder.gallery.markup import Markup, joined, tag
from equime_evaluation.baselines.results import TestResult
from equime_evaluation.equity.page.plot import Mark, interval_plot
from equime_evaluation.equity.page.words import figure, group_text, span
from equime_evaluation.protocols import GroupReport, Recognition

_MEANING: Final = (
    "UF1 is the mean of the classes' F1, UAR of their recalls, so that rare classes count as much as frequent ones. In "
    "brackets: what 95 % of resamples of people give; by chance: what 95 % of exchanges of the true classes give."
)


def scores(test: TestResult) -> Markup:
    """Return the figures that stand first: UF1, UAR, accuracy, and UF1 by chance."""
    scored = test.recognition
    if scored is None:
        said = ", ".join(f"{name} {count}" for name, count in sorted(test.said.items()))
        return tag("p", f"Nobody labelled these clips. Said of them: {said}.")
    shown = [
        ("UF1", figure(scored.uf1), _inside(scored.uf1_interval)),
        ("UAR", figure(scored.uar), _inside(scored.uar_interval)),
        ("accuracy", figure(scored.accuracy), f"of {scored.clips:,} clips"),
    ]
    if test.chance is not None:
        shown.append(("UF1 by chance", figure(test.chance.uf1), _inside((test.chance.low, test.chance.high))))
    drawn = (
        tag("div", tag("dt", name), tag("dd", value, tag("span", note, class_="note"))) for name, value, note in shown
    )
    return joined(tag("dl", *drawn, class_="scores"), tag("p", _MEANING, class_="note"))


def confusion(scored: Recognition) -> Markup:
    """Return the confusion matrix; the larger its share of the true class, the darker a cell."""
    head = tag("tr", tag("th", "true class"), *(tag("th", f"said {name}", scope="col") for name in scored.classes))
    body = []
    for place, (name, counts) in enumerate(zip(scored.classes, scored.confusion, strict=True)):
        total = sum(counts)
        cells = (
            tag(
                "td",
                f"{count:,}",
                style=f"--heat: {round(100 * count / total) if total else 0}%",
                class_="right" if place == column else None,
            )
            for column, count in enumerate(counts)
        )
        body.append(tag("tr", tag("th", name, scope="row"), *cells))
    least_rem = 5 * (1 + len(scored.classes))
    drawn = tag(
        "table", tag("thead", head), tag("tbody", *body), class_="confusion", style=f"min-width: {least_rem}rem"
    )
    return _wide(drawn)


def per_class(scored: Recognition) -> Markup:
    """Return precision, recall and F1 of each class."""
    rows = [
        (item.name, f"{item.clips:,}", figure(item.precision), figure(item.recall), figure(item.f1))
        for item in scored.per_class
    ]
    return table(("class", "clips", "precision", "recall", "F1"), rows, "Each class, all folds pooled")


def levels(test: TestResult) -> Markup:
    """Return UF1 by the FACS level of the strongest Action Unit."""
    rows = [
        (level, f"{scored.clips:,}", f"{figure(scored.uf1)} {_inside(scored.uf1_interval)}", figure(scored.uar))
        for level, scored in test.levels.items()
    ]
    return table(("level", "clips", "UF1", "UAR"), rows, "By FACS level of the strongest Action Unit")


def groups(reports: Sequence[GroupReport], *, name: str) -> Markup:
    """Draw UF1 by group, and list how far groups are apart.

    Args:
        name: Unique in the page.
    """
    if not reports:
        return tag("p", "No two groups of people are known here.", class_="note")
    marks = [mark for colour, report in enumerate(reports) for mark in _marks(report, colour)]
    drawing = interval_plot(
        marks,
        name=name,
        title="UF1 by group.",
        unit="UF1, with 95 % of resamples of people; a group of one has no interval",
        include=(0.0, 1.0),
    )
    rows = [
        (report.attribute, item.measure, figure(item.value), span(*item.interval) if item.interval else "-")
        for report in reports
        for item in report.differences
    ]
    apart = table(
        ("attribute", "measure", "largest less smallest", "95 % of resamples"), rows, "How far groups are apart"
    )
    return joined(tag("div", drawing, class_="plot", tabindex=0), apart)


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], caption: str) -> Markup:
    """Return a table whose first column names its rows."""
    head = tag("tr", *(tag("th", name, scope="col") for name in columns))
    body = (tag("tr", tag("th", row[0], scope="row"), *(tag("td", cell) for cell in row[1:])) for row in rows)
    return _wide(tag("table", tag("caption", caption), tag("thead", head), tag("tbody", *body)))


def _marks(report: GroupReport, colour: int) -> Iterable[Mark]:
    for item in report.groups:
        low, high = item.uf1_interval or (None, None)
        yield Mark(
            heading=report.attribute,
            label=group_text(item.group, people=item.people, clips=item.clips),
            note=figure(item.uf1),
            colour=colour,
            value=item.uf1,
            low=low,
            high=high,
        )


def _inside(ends: tuple[float, float] | None) -> str:
    return f"({span(*ends)})" if ends else ""


def _wide(child: Markup) -> Markup:
    return tag("div", child, class_="wide", tabindex=0)
