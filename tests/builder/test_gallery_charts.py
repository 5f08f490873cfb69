"""What the charts of a gallery count and where they draw it, against the rows and by hand."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from equime_builder.errors import DatasetError
from equime_builder.gallery.charts import charts
from equime_builder.gallery.plots import Bars, histogram, nice_limit, scatter
from equime_builder.gallery.tally import MOST_DOTS, Dot, Tally, tally_of
from equime_builder.rows import Row
from equime_builder.shards import write_rows
from tests.samples import byte_row

SHARD = "data/fear/train-00000.parquet"


def found(number: int, **changes: object) -> Row:
    """A row whose clip was measured, the person's age in years."""
    row = byte_row(2 * number + 1, b"abc")
    return {**row, "age_group": None, "age": 34.0, "measured": {**row["measured"], **changes}}


@pytest.fixture
def tally(tmp_path: Path) -> Tally:
    """Four expressions of fear, three of them measured, and a neutral clip."""
    rows = [
        found(0),
        found(1, apex_frame=64, offset_frame=66),
        found(2, onset_frame=None, apex_frame=None, offset_frame=None, motion_px=None),
        {**byte_row(8, b"abc", gender=None), "measured": None},
    ]
    write_rows(tmp_path / SHARD, rows)
    write_rows(tmp_path / "data/neutral/test-00000.parquet", [byte_row(3, b"abc", "neutral")])
    return tally_of(tmp_path, [SHARD, "data/neutral/test-00000.parquet"])


def test_counts_are_those_of_the_rows(tally: Tally) -> None:
    assert tally.groups["fear", "gender", "female"] == 3
    assert tally.groups["fear", "gender", "undeclared"] == 1
    assert tally.groups["fear", "age", "30-39"] == 3
    assert tally.groups["fear", "age", "35-45"] == 1
    assert tally.groups["neutral", "split", "test"] == 1
    assert tally.aus == {("fear", au): 4 for au in (1, 2, 4)}  # left and right are one
    assert tally.planned == {("fear", 5): 4}  # frames 60 to 65
    assert tally.measured == {("fear", 5): 1, ("fear", 6): 1}
    assert tally.late == {("fear", 0): 1, ("fear", 2): 1}
    assert [(dot.true_px, dot.measured_px) for dot in tally.dots] == [(1.6, 1.5), (1.6, 1.5)]


def test_dots_are_thinned_evenly(tmp_path: Path) -> None:
    write_rows(tmp_path / SHARD, [found(0) | {"id": f"clip-{number:04d}"} for number in range(2 * MOST_DOTS + 1)])
    dots = tally_of(tmp_path, [SHARD]).dots
    assert [dot.clip_id for dot in dots] == [f"clip-{number:04d}" for number in range(0, 2 * MOST_DOTS + 1, 3)]


def test_a_damaged_shard_is_named(tmp_path: Path) -> None:
    (tmp_path / "shard").write_bytes(b"no shard")
    with pytest.raises(DatasetError, match=r"shard: cannot be read: .*; run equime verify"):
        tally_of(tmp_path, ["shard"])


def test_the_section_says_what_was_counted(tally: Tally) -> None:
    page = charts(tally, shown_aus=[1, 4])
    assert "Counted over all 5 clips." in page
    assert "The apex was found on 2 clips, within one frame on 1 of them, more than 3 frames off on 0." in page
    assert 'data-pick="aus" data-value="4"' in page
    assert 'data-pick="aus" data-value="2"' not in page  # no clip with it is on the page
    assert re.search(r"<th scope=.row.>AU2 .*?--part:1.000.*?<span>4</span>", page)
    assert re.findall(r'class="panel" data-kind="panel" data-name="(\w+)"( hidden)?', page) == [
        ("all", ""), ("fear", " hidden"), ("all", ""), ("fear", " hidden"),
    ]  # fmt: skip
    fear = re.search(r"<th scope=.row.><a[^>]*>fear</a></th>(.*?)</tr>", page)
    assert fear
    assert re.findall(r"--share:([\d.]+).>(\d+)<", fear[1]) == [("0.750", "3"), ("0.250", "1")]


def test_nothing_measured_and_nothing_planned_is_said() -> None:
    still = Tally()
    still.add(byte_row(1, b"abc", "neutral"), "neutral", "train")
    page = charts(still, shown_aus=[])
    for words in ("No Action Unit is planned", "No micro-expression is planned", "was not measured"):
        assert words in page


def test_many_groups_are_cut_to_the_largest_and_the_others() -> None:
    tally = Tally()
    for number in range(12):
        for _ in range(12 - number):
            tally.groups["fear", "age", f"{number:02d}"] += 1
        tally.groups["fear", "split", "train"] += 12 - number
    page = charts(tally, shown_aus=[])
    header = next(row for row in re.findall(r"<thead><tr>(.*?)</tr>", page) if ">age<" in row)
    assert re.findall(r">([^<]+)</th>", header) == ["age", *(f"{number:02d}" for number in range(7)), "others"]
    assert ">15</td>" in page  # 5 + 4 + 3 + 2 + 1


@pytest.mark.parametrize(
    ("largest", "whole", "limit"),
    [(7.6, False, 8), (11, False, 12), (0.3, False, 0.32), (0, False, 4e-9), (0, True, 4), (3, True, 4), (5.5, True, 8),
     (4, True, 4), (10, True, 12), (100, True, 100), (101, True, 120)],
)  # fmt: skip
def test_axes_end_at_plain_numbers(largest: float, whole: bool, limit: float) -> None:
    assert nice_limit(largest, whole=whole) == pytest.approx(limit)
    assert nice_limit(largest, whole=whole) >= largest


def test_bars_are_as_high_as_their_counts() -> None:
    drawing = histogram(
        Bars(first=5, last=8, filled=Counter({5: 4, 6: 2, 9: 1}), outlined=Counter({4: 1})), title="t", unit="frames"
    )
    heights = [float(height) for height in re.findall(r'<rect [^>]*height="([\d.]+)" class="fill"', drawing)]
    assert heights == pytest.approx([204, 102, 0, 51], abs=0.01)  # the plot is 204 high and ends at 4; 9 stands in 8
    assert "5 frames: 4 planned, 1 measured" in drawing
    assert "8 frames: 1 planned, 0 measured" in drawing


def test_dots_lie_where_their_values_are() -> None:
    dots = [Dot(clip_id="<b>", emotion="fear", true_px=4, measured_px=2)]
    drawing = scatter(dots, ["anger", "fear"])
    # the plot spans 44 to 508 from the left and 12 to 216 from the top, 4 pixels each way
    assert '<circle cx="508.0" cy="114.0" r="4" class="dot c1" data-emotion="fear" data-clip="&lt;b&gt;">' in drawing
    assert "rendered 4.00 px, measured 2.00 px" in drawing
    assert ">anger<" not in drawing
