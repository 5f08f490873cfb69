"""The page around the clips: counts, how to read it, filters; one file with its style and its script inside."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from importlib.resources import files

from equime_builder.facs import AU_NAMES, EMOTION_LABELS
from equime_builder.gallery.charts import charts
from equime_builder.gallery.choice import Candidate
from equime_builder.gallery.markup import Markup, tag
from equime_builder.gallery.pictures import GAIN
from equime_builder.gallery.tally import Tally
from equime_builder.records import SPLITS
from equime_builder.summary import Summary

Entries = Sequence[tuple[Candidate, Markup]]


def page(entries: Entries, aus: Sequence[int], summary: Summary, tally: Tally) -> str:
    """Return the whole page as HTML.

    Args:
        entries: Clips in the order in which they are shown, clips of one emotion together.
        aus: The AUs that occur, for the filter.
        summary: Figures of the whole dataset.
        tally: Counts of the whole dataset, for the charts.
    """
    style, script = _resource("page.css"), _resource("page.js")
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_policy(script)),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", "EquiME gallery"),
        tag("style", style),
    )
    body = tag(
        "body",
        tag("a", "Skip to the clips", href="#clips", class_="skip"),
        _opening(entries, summary),
        tag("main", charts(tally, shown_aus=aus), _filters(entries, aus), tag("div", *_sections(entries), id="clips")),
        tag("script", script),
    )
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"


def _resource(name: str) -> Markup:
    return Markup(files("equime_builder.gallery").joinpath(name).read_text(encoding="utf-8"))


def _policy(script: str) -> str:
    """Allow this page's own script and files beside it, and nothing else, whatever a dataset's texts hold."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    beside = "'self' file:"
    return (
        f"default-src 'none'; img-src {beside}; media-src {beside}; style-src 'unsafe-inline'; "
        f"script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )


def _opening(entries: Entries, summary: Summary) -> Markup:
    people = summary.people.total()
    counts = f"{summary.clips:,} clips of {people:,} {'person' if people == 1 else 'people'}"
    shown = "all are shown here" if len(entries) == summary.clips else f"{len(entries):,} are shown here"
    return tag(
        "header",
        tag("p", "EquiME", class_="brand"),
        tag("h1", "Synthetic micro-expressions"),
        tag("p", f"{counts}; {shown}. No clip is a recording, and none shows what a person felt.", class_="lead"),
        tag("div", _counts(summary), _reading(), class_="opening"),
        class_="top",
    )


def _counts(summary: Summary) -> Markup:
    splits = [split for split in SPLITS if any(cell[1] == split for cell in summary.cells)]
    emotions = [name for name in EMOTION_LABELS if any(cell[0] == name for cell in summary.cells)]
    head = tag("tr", *(tag("th", name, scope="col") for name in ("Clips", *splits, "all")))
    rows = (_counts_row(name, [_cell(summary, name, split) for split in splits]) for name in emotions)
    return tag("div", tag("table", tag("thead", head), tag("tbody", *rows), class_="counts"), _measured(summary))


def _cell(summary: Summary, emotion: str, split: str) -> int:
    return sum(count for cell, count in summary.cells.items() if cell[:2] == (emotion, split))


def _counts_row(emotion: str, numbers: list[int]) -> Markup:
    cells = (tag("td", f"{number:,}") for number in (*numbers, sum(numbers)))
    return tag("tr", tag("th", emotion, scope="row"), *cells)


def _measured(summary: Summary) -> Markup:
    if not summary.expressions or summary.correlation is None or summary.slope is None:
        return tag("p", "Motion was not measured on these clips.", class_="note")
    share = summary.apex_hits / summary.expressions
    return tag(
        "p",
        f"Measured against planned motion on {summary.expressions:,} expressions: median correlation "
        f"{summary.correlation:.3f}, median slope {summary.slope:.2f}, apex within one frame on {share:.1%}. "
        f"Movements found on {summary.negatives:,} negatives that do not blink: {summary.false_peaks:,}.",
        class_="note",
    )


def _reading() -> Markup:
    keys = (
        ("Space", "play or pause"),
        ("E", "loop the event in slow motion"),
        ("S", "quarter speed"),
        ("← →", "one frame back or on"),
        ("J K", "next or previous clip"),
    )
    terms = (_key(name.split(), what) for name, what in keys)
    return tag(
        "section",
        tag("h2", "How to read it"),
        tag(
            "p",
            f"Grey pictures show the change of brightness from the first still to the second, magnified {GAIN} times; "
            "plain grey is no change, and faint outlines are the sway of the head. Lines are the planned intensity "
            "of each Action Unit: solid on the person's left, dashed on the right; letters are FACS levels. Below "
            "them stands what was measured on the decoded clip.",
        ),
        tag("p", "Press J to go to the first clip, or click one; then:"),
        tag("dl", *terms, class_="keys"),
        class_="reading",
    )


def _key(names: Sequence[str], what: str) -> Markup:
    return tag("div", tag("dt", *(tag("kbd", name) for name in names)), tag("dd", what))


def _filters(entries: Entries, aus: Sequence[int]) -> Markup:
    emotions = list(dict.fromkeys(clip.emotion for clip, _ in entries))
    subjects, genders, tones = (
        sorted({value for clip, _ in entries if (value := getattr(clip, name)) is not None})
        for name in ("subject_id", "gender", "skin_tone")
    )
    return tag(
        "form",
        _select("Emotion", "emotion", [(name, name) for name in emotions]),
        _select("Person", "subject", [(name, name) for name in subjects]),
        _select("Gender", "gender", [(name, name) for name in genders]),
        _select("Skin tone", "tone", [(name, name) for name in tones]),
        _select("Action Unit", "aus", [(str(au), f"AU{au} {AU_NAMES.get(au, '')}") for au in sorted(aus)]),
        tag("button", "Show all", type="reset"),
        tag("output", f"{len(entries):,} clips", aria_live="polite"),
        class_="filters",
        aria_label="Filter the clips",
        hidden=True,
    )


def _select(label: str, name: str, options: list[tuple[str, str]]) -> Markup:
    choices = (tag("option", words, value=value) for value, words in options)
    return tag("label", label, " ", tag("select", tag("option", "any", value=""), *choices, name=name))


def _sections(entries: Entries) -> list[Markup]:
    emotions = list(dict.fromkeys(clip.emotion for clip, _ in entries))
    return [_section(name, [entry for clip, entry in entries if clip.emotion == name]) for name in emotions]


def _section(emotion: str, entries: list[Markup]) -> Markup:
    words = tag("span", f"{len(entries):,} {'clip' if len(entries) == 1 else 'clips'}", class_="note")
    heading = tag("h2", emotion, " ", words, id=f"emotion-{emotion}")
    return tag("section", heading, *entries, class_="emotion", aria_labelledby=f"emotion-{emotion}")
