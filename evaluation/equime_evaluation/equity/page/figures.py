"""Which findings are drawn, and with which words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from equime_builder.gallery.markup import Markup, tag
from equime_evaluation.equity.association import Association
from equime_evaluation.equity.audit import Audit
from equime_evaluation.equity.gaps import Gap
from equime_evaluation.equity.means import Means
from equime_evaluation.equity.outcomes import HEADLINE_ATTRIBUTES, HEADLINES, MEASURED_MOTION, TRUE_MOTION, is_presence
from equime_evaluation.equity.page.plot import Mark, interval_plot
from equime_evaluation.equity.page.words import figure, group_text, percent
from equime_evaluation.equity.people import ATTRIBUTES

SMALL_GAP_PERCENT: Final = 5.0
_MODERATE: Final = 0.3
"""Where Cohen (1988) calls a correlation medium; scales reach it, so that specks do not fill the drawing."""
_STRENGTH: Final = "Cramer's V, or correlation ratio (root of eta squared), with 95 % of resamples of people"


def forest(family: Iterable[Association], *, name: str, title: str) -> Markup:
    """Draw how strongly outcomes go with attributes: Cramer's V or the correlation ratio, both from 0 to 1."""
    shown = [item for item in family if item.strengths[0].value is not None and not is_presence(item.outcome)]
    if not shown:
        return tag("p", "Nothing here can be compared between groups.", class_="note")
    marks = [_association_mark(item) for item in shown]
    return _plot(interval_plot(marks, name=name, title=title, unit=_STRENGTH, include=(0.0, _MODERATE)))


def _association_mark(item: Association) -> Mark:
    strength = item.strengths[0]
    # a share of variance is the square of a correlation; its root stands on the scale of Cramer's V
    power = 0.5 if strength.name == "eta squared" else 1.0
    value, low, high = (None if edge is None else edge**power for edge in (strength.value, strength.low, strength.high))
    note = "no test" if item.p_holm is None else f"p {figure(item.p)}, corr. {figure(item.p_holm)}"
    return Mark(
        heading=item.outcome,
        label=item.attribute,
        note=note,
        colour=list(ATTRIBUTES).index(item.attribute),
        value=value,
        low=low,
        high=high,
    )


def gap_plot(gaps: Sequence[Gap]) -> Markup:
    """Draw the gaps by gender and band in per cent; the range within 5 % is shaded."""
    marks = [
        Mark(
            heading=gap.outcome,
            label=f"{gap.first} less {gap.second}",
            note=f"{percent(gap.percent)} ({gap.people[0]}, {gap.people[1]} people)",
            colour=list(ATTRIBUTES).index(gap.attribute),
            value=gap.percent,
            low=gap.percent_low,
            high=gap.percent_high,
        )
        for gap in gaps
        if gap.attribute in HEADLINE_ATTRIBUTES and gap.outcome in HEADLINES
    ]
    if not marks:
        return tag("p", "No two groups share a programme: nothing to compare.", class_="note")
    drawing = interval_plot(
        marks,
        name="gaps",
        title="Differences between groups on the same programmes, in per cent of the mean.",
        unit="per cent of the mean, with 95 % of resamples of people; shaded: within 5 %",
        band=(-SMALL_GAP_PERCENT, SMALL_GAP_PERCENT),
    )
    return _plot(drawing)


def mean_plots(audit: Audit) -> Iterator[Markup]:
    """Draw motion, slope and screening by group, one drawing an outcome; scales start at 0, as a mean's size counts."""
    for place, outcome in enumerate(HEADLINES):
        shown = [item for item in audit.means if item.outcome == outcome and item.attribute in HEADLINE_ATTRIBUTES]
        if shown:
            marks = [mark for means in shown for mark in _mean_marks(means)]
            drawing = interval_plot(
                marks,
                name=f"mean-{place}",
                title=f"Mean {outcome} by group.",
                unit=f"{outcome}: mean of a group's clips, 95 % of resamples",
                include=(0.0,) if outcome in (TRUE_MOTION, MEASURED_MOTION) else (0.0, 1.0),
            )
            yield _plot(drawing)


def _mean_marks(means: Means) -> Iterator[Mark]:
    for group in means.groups:
        yield Mark(
            heading=means.attribute,
            label=group_text(group.group, people=group.people, clips=group.clips),
            note=figure(group.mean, 4),
            colour=list(ATTRIBUTES).index(means.attribute),
            value=group.mean,
            low=group.low,
            high=group.high,
        )


def _plot(drawing: Markup) -> Markup:
    return tag("div", drawing, class_="plot", tabindex=0)
