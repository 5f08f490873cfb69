from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from equime_builder.errors import OutputError
from equime_evaluation.equity.audit import Audit, Repeats, audit_of
from equime_evaluation.equity.page import write_page
from equime_evaluation.equity.page.plot import Mark, interval_plot, scale_of
from equime_evaluation.equity.page.writing import page
from tests.evaluation.equity.material import material_of, plans_of, ten_people

VOID = {"meta"}


class Reader(HTMLParser):
    """Checks that every element is closed, and keeps what tests ask for."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.names: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.texts.append(data)


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert not reader.open
    return reader


def found(design: str, *, hostile: bool = False) -> Audit:
    people = ten_people()
    if hostile:
        declared = replace(people[0].demographics, age_group="<script>alert(1)</script>", gender='"><img src=x>')
        people[0] = replace(people[0], demographics=declared)
    plans = plans_of(people, design=design, clips_per_emotion=20)
    material = material_of(people, plans, numbers=lambda plan: {"true_motion_iod": 0.03, "slope": 0.9, "apex_hit": 1.0})
    return audit_of(material, Repeats(resamples=100, permutations=99))


def test_the_page_is_whole_and_needs_nothing_from_outside() -> None:
    reader = read(page(found("crossed")))
    assert not {"script", "link", "img", "iframe"} & set(reader.names)
    assert not [value for name, value in reader.attributes if name in ("src", "href") or value.startswith("http")]
    policy = dict(reader.attributes)["content"]
    assert policy
    ids = [value for name, value in reader.attributes if name == "id"]
    assert len(set(ids)) == len(ids)
    assert {value for name, value in reader.attributes if name == "aria-labelledby"} <= set(ids)
    assert reader.names.count("svg") == reader.names.count("title") - 1 >= 5


def test_the_page_says_who_is_missing_and_what_it_cannot_say() -> None:
    text = " ".join(read(page(found("crossed"))).texts)
    assert "gender and band male light: nobody" in text
    assert "There are 10 people" in text
    assert "With so few people nothing about gender" in text
    assert "female less male" in text


def test_without_shared_programmes_the_page_says_so() -> None:
    text = " ".join(read(page(found("independent"))).texts)
    assert "No two groups share a programme: nothing to compare." in text


def test_two_people_under_one_programme_are_compared_on_the_page() -> None:
    text = " ".join(read(page(found("crossed"))).texts)
    # 120 clips are 12 programmes, each on ten people: 45 pairs of each.
    assert "the screen decides differently on 0.0 % of 540 pairs" in text
    assert "Mean absolute difference of two people under one programme" in text
    assert "two people" not in " ".join(read(page(found("independent"))).texts)


def test_declared_texts_are_escaped() -> None:
    text = page(found("crossed", hostile=True))
    reader = read(text)
    assert "script" not in reader.names
    assert "img" not in reader.names
    assert "<script>alert(1)</script>" in " ".join(reader.texts)


def test_the_page_stands_in_the_dataset_folder(tmp_path: Path) -> None:
    audit = found("crossed")
    assert write_page(tmp_path, audit) == tmp_path / "audit" / "index.html"
    first = (tmp_path / "audit" / "index.html").read_bytes()
    write_page(tmp_path, audit)
    assert (tmp_path / "audit" / "index.html").read_bytes() == first
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="cannot write"):
        write_page(tmp_path / "file", audit)


def mark(value: float | None, low: float | None = None, high: float | None = None) -> Mark:
    return Mark(heading="h", label="l", note="n", colour=0, value=value, low=low, high=high)


def test_scales_are_round_and_hold_everything() -> None:
    scale = scale_of([mark(0.13, -0.02, 0.29)], include=(0.0,))
    assert scale.ticks == pytest.approx([-0.1, 0, 0.1, 0.2, 0.3])
    assert scale.x(-0.1) < scale.x(0.0) < scale.x(0.3)
    assert scale.x(99) == scale.x(0.3)
    assert scale_of([mark(0.0)], include=(0.0,)).last > 0


def test_what_is_drawn_is_told() -> None:
    drawing = interval_plot([mark(0.25, 0.1, 0.4), mark(None)], name="p", title="Strength.", unit="V")
    assert "Strength. h l: 0.25." in drawing
    assert "not defined" in drawing
    assert drawing.count("<circle") == 1
    assert "Nothing could be computed." in interval_plot([mark(None)], name="p", title="Strength.", unit="V")
