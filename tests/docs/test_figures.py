"""Pages quote figures that were measured, as they stand in docs/measured.jsonl."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from benchmarks.figures import Figure
from benchmarks.kept import MEASURED, Kept, keep, read_kept
from benchmarks.run import GROUPS, main
from docs.fill import PLACE, filled, number, pages, shown

KEPT = read_kept()
HALF = Kept(
    name="group.half",
    value=0.5,
    unit="share",
    low=-0.25,
    high=0.75,
    facts={"clips": 1200},
    command="make bench ONLY=group",
    machine="2 cores",
    date="2026-01-31",
)


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_pages_are_up_to_date(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert filled(text, KEPT) == text, "run: python -m docs.fill"
    assert text.count("<!-- figure ") == len(PLACE.findall(text)) == text.count("<!-- end -->")


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_no_score_is_typed_by_hand(page: Path) -> None:
    prose = re.sub(r"```.*?```|`[^`\n]*`", "", PLACE.sub("", page.read_text(encoding="utf-8")), flags=re.DOTALL)
    assert not re.findall(r"\b(?:AUC|UF1|UAR)(?: (?:of|is|was))? \d*\.\d|\d (?:times as fast|x as fast)", prose)


def test_kept_figures_say_how_to_measure_them_again() -> None:
    assert list(KEPT) == sorted(KEPT)
    assert len(KEPT) == len(MEASURED.read_text(encoding="utf-8").splitlines())
    for one in KEPT.values():
        assert one.name.partition(".")[0] in GROUPS
        assert one.command.startswith("make bench ONLY=")
        assert date.fromisoformat(one.date) > date(2026, 1, 1)
        assert one.low is None or one.high is None or one.low <= one.value <= one.high


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("group.half .2f", ".50"),
        ("group.half low +.2f", "-.25"),
        ("group.half range .2f", "-.25 to .75"),
        ("group.half .0%", "50 %"),
        ("group.half clips ,.0f", "1,200"),
        ("group.half date", "2026-01-31"),
        ("group.half machine", "2 cores"),
    ],
)
def test_a_place_shows_the_part_that_it_names(words: str, text: str) -> None:
    assert shown(words, {HALF.name: HALF}) == text
    page = f"a <!-- figure {words} -->old<!-- end --> b"
    assert filled(page, {HALF.name: HALF}) == f"a <!-- figure {words} -->{text}<!-- end --> b"


@pytest.mark.parametrize(
    ("value", "layout", "text"), [(-0.00004, "+.3f", ".000"), (10.25, ".1f", "10.2"), (1.0, ".3f", "1.000")]
)
def test_numbers_have_the_style_of_the_pages(value: float, layout: str, text: str) -> None:
    assert number(value, layout) == text


@pytest.mark.parametrize(
    ("words", "match"),
    [("group.third .2f", "group.third is not in"), ("group.half people .0f", "no people; it has: value, clips")],
)
def test_what_is_not_there_is_named(words: str, match: str) -> None:
    with pytest.raises(ValueError, match=match):
        shown(words, {HALF.name: HALF})


def test_keeping_a_group_replaces_its_figures_and_no_others(tmp_path: Path) -> None:
    path = tmp_path / "measured.jsonl"
    figure = Figure(
        name="loader_speed", value=1.23456789, unit="ratio", target=1, better="higher", facts={"clips": 200}
    )
    keep("loader", [figure, Figure(name="memory", value=0.0, unit="share", target=1, better="lower")], path)
    keep("quality", [Figure(name="speed", value=2.0, unit="ratio", target=1, better="higher")], path)
    keep("loader", [figure], path)
    kept = read_kept(path)
    assert list(kept) == ["loader.speed", "quality.speed"]
    assert kept["loader.speed"].value == 1.23457
    assert kept["loader.speed"].facts == {"clips": 200}
    assert kept["loader.speed"].low is None


def test_an_unknown_group_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["lodaer"])
    assert left.value.code == 2
    assert "quality" in capsys.readouterr().err
