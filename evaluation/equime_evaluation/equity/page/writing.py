"""The page around the figures."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Final

from equime_builder.gallery.markup import Markup, tag
from equime_builder.publish import publish_text
from equime_evaluation.equity.audit import Audit
from equime_evaluation.equity.limits import out_of_reach
from equime_evaluation.equity.page.figures import forest, gap_plot, mean_plots
from equime_evaluation.equity.page.tables import association_table, counterfactual_table, gap_table, heat_tables
from equime_evaluation.equity.page.words import counterfactual_text

AUDIT_FOLDER: Final = "audit"
PAGE_FILE: Final = "index.html"
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def write_page(root: Path, audit: Audit) -> Path:
    """Write the page into a dataset folder and return its path.

    Raises:
        OutputError: The folder cannot be written.
    """
    return publish_text(root / AUDIT_FOLDER / PAGE_FILE, page(audit))


def page(audit: Audit) -> str:
    """Return the whole page as HTML; it loads nothing and runs nothing."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", "EquiME equity audit"),
        tag("style", _resource("equime_builder.gallery", "page.css")),
        tag("style", _resource("equime_evaluation.equity.page", "audit.css")),
    )
    main = tag("main", _people(audit), _planned(audit), _came_of_it(audit), _same(audit), _limits(audit), _all(audit))
    return f"<!doctype html>\n{tag('html', head, tag('body', _opening(audit), main), lang='en')}\n"


def _resource(package: str, name: str) -> Markup:
    return Markup(files(package).joinpath(name).read_text(encoding="utf-8"))


def _opening(audit: Audit) -> Markup:
    counts = f"{audit.clips_planned:,} planned clips of {audit.people:,} people, {audit.clips_accepted:,} accepted."
    return tag(
        "header",
        tag("p", "EquiME", class_="brand"),
        tag("h1", "Equity audit"),
        tag("p", counts, class_="lead"),
        tag("div", _verdict(audit), _reading(audit), class_="opening"),
        class_="top",
    )


def _verdict(audit: Audit) -> Markup:
    families = (
        ("planned clips", audit.planned),
        ("accepted clips", audit.accepted),
        ("screening and motion", audit.found),
    )
    lines = []
    for name, family in families:
        tested = [item for item in family if item.p is not None]
        found = [f"{item.outcome} by {item.attribute}" for item in family if item.is_found]
        told = f"{len(tested)} tests, {', '.join(found) or 'none'} beyond chance after correction."
        blind = ", ".join(out_of_reach(family))
        if blind:
            told += f" With so few people nothing about {blind} could have been found by these tests."
        lines.append(tag("li", tag("strong", f"{name.capitalize()}: "), told))
    same = counterfactual_text(audit.counterfactual)
    if same:
        lines.append(tag("li", tag("strong", "Same programme, two people: "), same))
    return tag("section", tag("h2", "In short"), tag("ul", *lines), class_="verdict")


def _reading(audit: Audit) -> Markup:
    return tag(
        "section",
        tag("h2", "How to read it"),
        tag(
            "p",
            "Strength runs from 0 (knowing the group tells nothing) to 1 (it tells all). Lines hold 95 % of "
            f"{audit.repeats.resamples:,} draws in which people, not clips, are drawn again within their groups. "
            "p is the share of ways to give the same labels to the same people that look at least as strong; "
            "it is corrected for the number of tests by Holm's method.",
        ),
        tag("p", "A dash is an undefined figure: what does not vary cannot go with anybody."),
        class_="reading",
    )


def _people(audit: Audit) -> Markup:
    empty = tag("ul", *(tag("li", text) for text in audit.empty), class_="empties")
    missing = tag("details", tag("summary", f"{len(audit.empty)} empty cells by name"), empty)
    return _section("Who is here", heat_tables(audit.representation), missing if audit.empty else "")


def _planned(audit: Audit) -> Markup:
    return _section(
        "What was planned, by group",
        tag("p", "Nothing here may go with demographics: the causal model draws it without regard to the person."),
        tag("h3", "All planned clips"),
        forest(audit.planned, name="planned", title="Association of planned properties with demographics, all clips."),
        tag("h3", "Accepted clips alone"),
        forest(audit.accepted, name="accepted", title="Association of planned properties, accepted clips alone."),
    )


def _came_of_it(audit: Audit) -> Markup:
    return _section(
        "What came of it, by group",
        tag(
            "p",
            "Faces differ, and so may motion in pixels, screening and quality. True motion is what the renderer did; "
            "measured motion and slope are what an estimator saw of it in the decoded clip, its own bias included.",
        ),
        forest(audit.found, name="found", title="Association of screening, motion and quality with demographics."),
        *mean_plots(audit),
    )


def _same(audit: Audit) -> Markup:
    of_two: tuple[Markup, ...] = ()
    if audit.counterfactual:
        asked = "Of every two people that share an AU programme: how far do their clips lie apart, on average?"
        of_two = tag("p", asked), counterfactual_table(audit.counterfactual)
    return _section(
        "Same programme, different people",
        *of_two,
        tag("p", "Within each set of clips that share one AU programme, one group's mean less the other's."),
        gap_plot(audit.gaps),
    )


def _limits(audit: Audit) -> Markup:
    return _section("What this cannot say", tag("ul", *(tag("li", line) for line in audit.limits), class_="limits"))


def _all(audit: Audit) -> Markup:
    families = {"Planned clips": audit.planned, "Accepted clips": audit.accepted, "Screening and motion": audit.found}
    tables = (association_table(family, name) for name, family in families.items())
    whole = tag("details", tag("summary", "Every association and every gap"), *tables, gap_table(audit.gaps))
    return _section("All figures", whole)


def _section(title: str, *children: str) -> Markup:
    return tag("section", tag("h2", title), *children, class_="part")
