from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from equime_builder.errors import DatasetError
from equime_builder.rows import Row
from equime_builder.shards import write_rows
from equime_builder.summary import summarize
from tests.samples import byte_row


def found(row: Row, **measured: object) -> Row:
    return {**row, "measured": {**(row["measured"] or byte_row(1, b"a", "fear")["measured"]), **measured}}


def test_figures_are_those_of_the_rows(tmp_path: Path) -> None:
    fear = [byte_row(number, b"abc") for number in range(4)]
    still = [byte_row(number, b"abcdef", "neutral", gender=None) for number in range(3)]
    expressions = [
        {**fear[0], "measured": None},
        found(fear[1], correlation=0.9, slope=0.7, apex_frame=63),  # one frame late
        found(fear[2], correlation=0.8, slope=None, apex_frame=64),  # two frames late
        found(fear[3], correlation=0.97, slope=0.9, apex_frame=None),
    ]
    negatives = [{**still[0], "measured": None}, found(still[1], peaks=0), found(still[2], peaks=2)]
    write_rows(tmp_path / "data/fear/train-00000.parquet", expressions)
    write_rows(tmp_path / "data/neutral/test-00000.parquet", negatives)
    summary = summarize(tmp_path, ["data/fear/train-00000.parquet", "data/neutral/test-00000.parquet"])
    assert summary.cells == {("fear", "train", "female"): 4, ("neutral", "test", "undeclared"): 3}
    assert summary.clips == 7
    assert (summary.correlation, summary.slope) == (0.9, 0.8)  # middle of three, mean of two
    assert (summary.apex_hits, summary.expressions) == (1, 3)
    assert (summary.false_peaks, summary.negatives) == (2, 2)
    assert summary.duration_s == 42.0
    assert summary.video_bytes == 4 * 3 + 3 * 6
    assert summary.names["measured_by"] == ("test 1",)
    assert summary.names["source_license"] == ("CC0-1.0",)
    assert summary.people.total() == 4  # t000 to t003
    assert summary.ages == {"35-45": 4}
    assert summary.ethnicities == {"45% Middle Eastern, 55% North African": 4}
    assert summary.measured_skin == 2  # the even ones
    assert summary.names["estimated_by"] == ()


def test_ages_in_years_and_estimates_are_named(tmp_path: Path) -> None:
    guess = dict.fromkeys(["age", "gender", "ethnicity", "emotion", "spread"]) | {"tool": "guesser", "version": "2"}
    rows = [{**byte_row(1, b"a"), "age_group": None, "age": 34.0}, {**byte_row(2, b"a"), "estimated": guess}]
    rows.append({**byte_row(3, b"a"), "age_group": None, "age": None, "ethnicity": None})
    write_rows(tmp_path / "data/fear/train-00000.parquet", rows)
    summary = summarize(tmp_path, ["data/fear/train-00000.parquet"])
    assert summary.ages == {"34": 1, "35-45": 1, "undeclared": 1}
    assert summary.ethnicities["undeclared"] == 1
    assert summary.names["estimated_by"] == ("guesser 2",)


def test_blinks_are_counted_apart(tmp_path: Path) -> None:
    blink = {"kind": "blink", "onset_frame": 60, "apex_frame": 62, "offset_frame": 65}
    rows = [
        {**found(byte_row(1, b"a", "neutral"), peaks=2), "negative_kind": "blink", "distractors": [blink, blink]},
        {**found(byte_row(3, b"a", "neutral"), peaks=1), "negative_kind": "blink", "distractors": [blink, blink]},
        {**found(byte_row(5, b"a", "neutral"), peaks=1), "negative_kind": "head"},
    ]
    write_rows(tmp_path / "data/neutral/test-00000.parquet", rows)
    summary = summarize(tmp_path, ["data/neutral/test-00000.parquet"])
    assert (summary.negatives, summary.false_peaks) == (1, 1)
    assert (summary.blink_negatives, summary.blinks, summary.blink_peaks) == (2, 4, 3)


def test_nothing_measured_is_none_and_not_zero(tmp_path: Path) -> None:
    write_rows(tmp_path / "data/fear/train-00000.parquet", [{**byte_row(1, b"abc"), "measured": None}])
    summary = summarize(tmp_path, ["data/fear/train-00000.parquet"])
    assert summary.correlation is None
    assert summary.slope is None
    assert summary.expressions == 0
    assert summary.cells == Counter({("fear", "train", "female"): 1})


def test_a_damaged_shard_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "shard").write_bytes(b"no shard")
    with pytest.raises(DatasetError, match=r"shard: cannot be read: .*; run equime verify"):
        summarize(tmp_path, ["shard"])
