"""The list of clips against the rows as pandas reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equime_builder.decode import decode_frames
from equime_builder.errors import DatasetError
from equime_builder.facs import EMOTION_LABELS
from equime_builder.gallery.pictures import amplified_difference, moments_of
from equime_generation.app.listing import listing
from equime_generation.app.magnified import magnified
from equime_generation.app.shelf import ORDERS, Choice, Shelf

AUS = (1, 2, 4, 7, 12)


@pytest.fixture(scope="module")
def shelf(tiny_dataset: Path) -> Shelf:
    return Shelf(tiny_dataset)


class Rows(dict[str, dict[str, Any]]):
    """All rows by id, with the split that their file names; too large to be printed."""

    def __repr__(self) -> str:
        return "rows"


@pytest.fixture(scope="module")
def rows(tiny_dataset: Path) -> Rows:
    found = Rows()
    for path in sorted(tiny_dataset.glob("data/*/*.parquet")):
        for row in pq.ParquetFile(path).read().to_pylist():
            found[row["id"]] = {**row, "split": path.name.partition("-")[0]}
    return found


def test_lines_say_what_the_rows_hold(shelf: Shelf, rows: Rows) -> None:
    lines = [shelf.line(place) for place in range(len(shelf))]
    assert {line["id"] for line in lines} == set(rows)
    for line in lines:
        row = rows[line["id"]]
        assert line["emotion"] == EMOTION_LABELS[row["emotion"]]
        assert line["aus"] == sorted({unit["au"] for unit in row["aus"]})
        assert [line[name] for name in ("gender", "age_group", "skin_tone", "split")] == [
            row[name] for name in ("gender", "age_group", "skin_tone", "split")
        ]
        assert line["motion_px"] == (row["measured"] or {}).get("motion_px")
        assert line["correlation"] == (row["measured"] or {}).get("correlation")


@given(
    emotions=st.sets(st.sampled_from(("fear", "anger", "neutral"))),
    aus=st.sets(st.sampled_from(AUS)),
    splits=st.sets(st.sampled_from(("train", "test"))),
    groups=st.lists(st.sampled_from([("gender", "male"), ("skin_tone", "V"), ("age_group", "35-45")]), max_size=2),
    least=st.sampled_from((0.0, 1.4, 1.6)),
    order=st.sampled_from(tuple(ORDERS)),
)
def test_filters_keep_what_plain_loops_keep(
    shelf: Shelf,
    rows: Rows,
    emotions: set[str],
    aus: set[int],
    splits: set[str],
    groups: list[tuple[str, str]],
    least: float,
    order: str,
) -> None:
    choice = Choice(
        emotions=list(emotions), aus=list(aus), splits=list(splits), groups=groups, least_motion_px=least, order=order
    )
    wanted = {
        name
        for name, row in rows.items()
        if (not emotions or EMOTION_LABELS[row["emotion"]] in emotions)
        and aus <= {unit["au"] for unit in row["aus"]}
        and (not splits or row["split"] in splits)
        and all(row[column] == value for column, value in groups)
        and (least == 0 or ((row["measured"] or {}).get("motion_px") or 0) >= least)
    }
    lines = [shelf.line(int(place)) for place in shelf.chosen(choice)]
    assert {line["id"] for line in lines} == wanted
    column, sign = ORDERS[order]
    values = [np.inf if line[column] is None else sign * line[column] for line in lines] if column else []
    assert values == sorted(values)


def test_a_chosen_clip_comes_with_its_own_video(shelf: Shelf, rows: Rows) -> None:
    for place in (0, 7, len(shelf) - 1):
        row = shelf.row(place)
        assert row["video"]["bytes"] == rows[shelf.line(place)["id"]]["video"]["bytes"]


def test_differences_are_those_of_single_frames(shelf: Shelf) -> None:
    row = shelf.row(0)
    frames = decode_frames(row["video"]["bytes"])
    shown = decode_frames(magnified(row))
    assert shown.shape == frames.shape
    neutral = moments_of(row).neutral
    for index in (neutral, 40, 62):
        expected = amplified_difference(frames[neutral], frames[index])
        assert np.abs(shown[index].mean(-1) - expected).mean() < 6, index
    assert np.abs(shown[neutral].astype(int) - 128).max() <= 6, "grey where nothing changed"


def test_names_of_strangers_are_text_and_no_markup() -> None:
    line = dict.fromkeys(("emotion", "split", "gender", "age_group", "skin_tone", "motion_px", "correlation"))
    page = listing([(3, {**line, "id": "<img src=x onerror=alert(1)>", "emotion": "a", "split": "b", "aus": []})], "1")
    assert "<img" not in page
    assert page.count("not measured") == 2


def test_a_damaged_shard_is_named(tiny_dataset: Path, tmp_path: Path) -> None:
    import shutil

    root = Path(shutil.copytree(tiny_dataset, tmp_path / "equime"))
    shard = next(root.glob("data/fear/*.parquet"))
    shard.write_bytes(b"PAR1 no more")
    with pytest.raises(DatasetError, match=f"{shard.name}: cannot be read: .*; run equime verify"):
        Shelf(root)
