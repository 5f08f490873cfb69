"""The dataset in figures: who shows what, which AUs move, for how long, and what of it was measured."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from equime_builder.facs import AU_NAMES, EMOTION_LABELS
from equime_builder.gallery.markup import Markup, joined, tag
from equime_builder.gallery.plots import Bars, histogram, scatter
from equime_builder.gallery.tally import GROUPS, UNDECLARED, Tally
from equime_builder.records import FPS

ALL: Final = "all"
"""Name of the panel that shows every emotion together."""

_MOST_GROUPS: Final = 8
_OTHERS: Final = "others"
_LATEST_FRAMES: Final = 3
_MOST_FRAMES: Final = 3 * FPS


def charts(tally: Tally, *, shown_aus: Sequence[int]) -> Markup:
    """Return the section of charts; each works without the script, which only chooses what is shown.

    Args:
        shown_aus: AUs of clips on the page, whose bars choose clips.
    """
    emotions = [name for name in EMOTION_LABELS if any(cell[0] == name for cell in tally.groups)]
    moving = [name for name in emotions if any(cell[0] == name for cell in tally.aus)]
    return tag(
        "section",
        tag("h2", "The dataset in figures", id="figures"),
        tag("p", _about(tally), class_="note"),
        _choices(moving),
        tag(
            "div",
            tag("div", _who(tally, emotions), _fit(tally, moving)),
            tag("div", _units(tally, moving, shown_aus), _timing(tally, moving)),
            class_="grid",
        ),
        class_="charts",
        aria_labelledby="figures",
    )  # fmt: skip


def _about(tally: Tally) -> str:
    clips = sum(count for (_, name, _), count in tally.groups.items() if name == "split")
    return f"Counted over all {clips:,} clips. A name that is underlined chooses clips below."


def _choices(moving: Sequence[str]) -> Markup:
    def select(label: str, name: str, values: Iterable[str]) -> Markup:
        return tag("label", label, " ", tag("select", *(tag("option", value) for value in values), name=name))

    parts = (select("Group clips by", "group", GROUPS), select("Expressions of", "panel", [ALL, *moving]))
    return tag("form", *parts, class_="choices", aria_label="Choose what the charts show", hidden=True)


def _panels(names: Sequence[str], draw: Callable[[str], Markup], *, kind: str = "panel") -> Markup:
    """Return one panel a name, of which the first is shown until another is chosen."""
    return joined(
        *(
            tag("div", draw(name), class_="panel", data_kind=kind, data_name=name, hidden=name != names[0])
            for name in names
        )
    )


def _card(title: str, words: str, *content: str) -> Markup:
    return tag("figure", tag("figcaption", tag("h3", title), tag("p", words, class_="note")), *content, class_="chart")


def _who(tally: Tally, emotions: Sequence[str]) -> Markup:
    words = "Clips by requested emotion and by what was declared; the stronger the shade, the larger the share."
    return _card("Who shows what", words, _panels(GROUPS, lambda name: _heat(tally, emotions, name), kind="group"))


def _heat(tally: Tally, emotions: Sequence[str], name: str) -> Markup:
    totals = Counter[str]()
    for (_, grouping, group), count in tally.groups.items():
        if grouping == name:
            totals[group] += count
    columns = _columns(totals)
    head = tag("tr", *(tag("th", word, scope="col") for word in (name, *columns)))
    rows = (_heat_row(tally, emotion, name, totals, columns) for emotion in emotions)
    return tag("div", tag("table", tag("thead", head), tag("tbody", *rows), class_="heat"), class_="wide")


def _columns(totals: Counter[str]) -> list[str]:
    if len(totals) <= _MOST_GROUPS:
        return sorted(totals, key=lambda group: (group == UNDECLARED, group))
    most = sorted(totals, key=lambda group: (-totals[group], group))[: _MOST_GROUPS - 1]
    return [*sorted(most), _OTHERS]


def _heat_row(tally: Tally, emotion: str, name: str, totals: Counter[str], columns: Sequence[str]) -> Markup:
    counts = {group: tally.groups[emotion, name, group] for group in totals}
    shown = [counts.get(column, sum(counts.values()) - sum(counts.get(other, 0) for other in columns))
             for column in columns]  # fmt: skip
    whole = sum(counts.values()) or 1
    cells = (tag("td", f"{count:,}", style=f"--share:{count / whole:.3f}") for count in shown)
    return tag("tr", tag("th", _pick(emotion, "emotion", emotion), scope="row"), *cells)


def _pick(words: str, name: str, value: str) -> Markup:
    """Return a link that chooses clips where the script runs, and leads to them where it does not."""
    return tag("a", words, href="#clips", data_pick=name, data_value=value)


def _units(tally: Tally, moving: Sequence[str], shown: Sequence[int]) -> Markup:
    words = "Clips in which an Action Unit is planned to move, on either side or both."
    if not moving:
        return _card("Action Units", "No Action Unit is planned in any clip.")
    return _card("Action Units", words, _panels([ALL, *moving], lambda name: _unit_bars(tally, name, shown)))


def _unit_bars(tally: Tally, name: str, shown: Sequence[int]) -> Markup:
    counts = Counter[int]()
    for (emotion, au), count in tally.aus.items():
        if name in (ALL, emotion):
            counts[au] += count
    most = max(counts.values(), default=1)
    return tag("table", tag("tbody", *(_unit_row(au, counts[au], most, shown) for au in sorted(counts))), class_="bars")


def _unit_row(au: int, count: int, most: int, shown: Sequence[int]) -> Markup:
    name = f"AU{au}"
    label = _pick(name, "aus", str(au)) if au in shown else name
    bar = tag("span", class_="bar", style=f"--part:{count / most:.3f}")
    return tag(
        "tr",
        tag("th", label, " ", tag("span", AU_NAMES.get(au, ""), class_="note"), scope="row"),
        tag("td", tag("span", bar, tag("span", f"{count:,}"), class_="barline")),
    )


def _timing(tally: Tally, moving: Sequence[str]) -> Markup:
    words = "Frames from onset to offset: as planned (filled), and as found in the decoded clip (outlined)."
    if not tally.planned:
        return _card("How long they last", "No micro-expression is planned in any clip.")
    first = min(frames for _, frames in [*tally.planned, *tally.measured])
    last = min(max(frames for _, frames in [*tally.planned, *tally.measured]), first + _MOST_FRAMES)

    def draw(name: str) -> Markup:
        planned, measured = _of(tally.planned, name), _of(tally.measured, name)
        bars = Bars(first=first, last=last, filled=planned, outlined=measured)
        return histogram(bars, title=_timing_title(name, planned, measured), unit=f"frames, {1000 / FPS:.1f} ms each")

    return _card("How long they last", words, _panels([ALL, *moving], draw))


def _of(counts: Counter[tuple[str, int]], name: str) -> Counter[int]:
    found = Counter[int]()
    for (emotion, value), count in counts.items():
        if name in (ALL, emotion):
            found[value] += count
    return found


def _timing_title(name: str, planned: Counter[int], measured: Counter[int]) -> str:
    who = "all expressions" if name == ALL else name
    found = f"median measured {_median(measured)} frames" if measured else "not measured"
    return f"Length of {who}: median planned {_median(planned)} frames, {found}."


def _median(counts: Counter[int]) -> int:
    values = sorted(counts.elements())
    return values[len(values) // 2] if values else 0


def _fit(tally: Tally, moving: Sequence[str]) -> Markup:
    title = "Measured against planned"
    if not tally.dots:
        return _card(title, "The motion of these clips was not measured, or their renderer cannot tell the true one.")
    words = (
        "Largest motion of each clip in pixels: as rendered, and as found in the decoded clip; on the line both are "
        f"equal. {_apex_words(tally)}"
    )
    return _card(title, words, scatter(tally.dots, moving))


def _apex_words(tally: Tally) -> str:
    late = _of(tally.late, ALL)
    near = sum(count for frames, count in late.items() if abs(frames) <= 1)
    far = sum(count for frames, count in late.items() if abs(frames) > _LATEST_FRAMES)
    return (
        f"The apex was found on {late.total():,} clips, within one frame on {near:,} of them, more than "
        f"{_LATEST_FRAMES} frames off on {far:,}."
    )
