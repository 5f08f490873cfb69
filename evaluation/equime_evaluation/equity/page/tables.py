"""All figures of an audit as tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from equime_builder.gallery.markup import Markup, tag
from equime_evaluation.equity.association import Association
from equime_evaluation.equity.counterfactual import Counterfactual
from equime_evaluation.equity.gaps import Gap
from equime_evaluation.equity.page.words import figure, p_text, percent, span, strength_text
from equime_evaluation.equity.representation import Share


def heat_tables(shares: Iterable[Share]) -> Markup:
    """Return people and clips of each group; the larger its share of the column, the darker."""
    groups = ((attribute, list(rows)) for attribute, rows in groupby(shares, key=lambda share: share.attribute))
    return tag("div", *(_heat_table(attribute, rows) for attribute, rows in groups), class_="heats")


def _heat_table(attribute: str, rows: Sequence[Share]) -> Markup:
    emotions = list(rows[0].emotions)
    numbers = [[row.people, row.planned, row.accepted, *row.emotions.values()] for row in rows]
    sums = [sum(column) for column in zip(*numbers, strict=True)]
    head = tag("tr", *(tag("th", name, scope="col") for name in (attribute, "people", "planned", "kept", *emotions)))
    body = [
        tag("tr", tag("th", row.group, scope="row"), *map(_heat_cell, own, sums))
        for row, own in zip(rows, numbers, strict=True)
    ]
    return tag("div", tag("table", tag("thead", head), tag("tbody", *body), class_="heat"), class_="wide", tabindex=0)


def _heat_cell(number: int, total: int) -> Markup:
    if not number:
        return tag("td", "0", class_="empty")
    return tag("td", f"{number:,}", style=f"--heat: {round(100 * number / total)}%")


def association_table(family: Iterable[Association], caption: str) -> Markup:
    """Return every association of a family with both its measures."""
    rows = [
        (
            item.outcome,
            item.attribute,
            *(strength_text(strength) for strength in item.strengths),
            f"{item.clips:,} / {item.people}",
            p_text(item),
        )
        for item in family
    ]
    columns = ("outcome", "attribute", "V or η²", "bits or ω²", "clips / people", "chance")
    return _table(columns, rows, caption)


def gap_table(gaps: Iterable[Gap]) -> Markup:
    """Return every gap."""
    rows = [
        (
            gap.outcome,
            f"{gap.first} less {gap.second}",
            f"{gap.people[0]}, {gap.people[1]}",
            f"{gap.sets} / {gap.clips}",
            figure(gap.mean, 4),
            f"{figure(gap.difference, 4)} ({span(gap.low, gap.high, 4) or 'no interval'})",
            percent(gap.percent),
        )
        for gap in gaps
    ]
    columns = ("outcome", "groups", "people", "sets / clips", "mean", "difference", "of the mean")
    return _table(columns, rows, "Gaps within counterfactual sets, with 95 % of resamples of people")


def counterfactual_table(found: Iterable[Counterfactual]) -> Markup:
    """Return how far any two people lie apart under the same programme."""
    rows = [
        (
            gap.outcome,
            str(gap.people),
            f"{gap.sets:,} / {gap.pairs:,}",
            figure(gap.mean, 4),
            f"{figure(gap.difference, 4)} ({span(gap.low, gap.high, 4) or 'no interval'})",
            "-" if gap.percent is None else f"{gap.percent:.1f} %",
            figure(gap.largest, 4),
        )
        for gap in found
    ]
    columns = ("outcome", "people", "sets / pairs", "mean", "difference", "of the mean", "largest")
    return _table(columns, rows, "Mean absolute difference of two people under one programme")


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]], caption: str) -> Markup:
    head = tag("tr", *(tag("th", name, scope="col") for name in columns))
    body = (tag("tr", tag("th", row[0], scope="row"), *(tag("td", cell) for cell in row[1:])) for row in rows)
    table = tag("table", tag("caption", caption), tag("thead", head), tag("tbody", *body), class_="all")
    return tag("div", table, class_="wide", tabindex=0)
