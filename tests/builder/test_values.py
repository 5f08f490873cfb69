"""Values of stored rows: what `row_of` makes is taken, each value that no clip has is named."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from equime_builder.errors import DatasetError
from equime_builder.rows import Row, table_of
from equime_builder.schema import COLUMN_NAMES
from equime_builder.values import check_values
from tests.samples import byte_row

OPTIONAL = {
    "emotion_3class", "negative_kind", "objective_class", "true_motion", "measured", "gender", "age", "age_group",
    "ethnicity", "skin_tone", "skin_ita", "estimated", "psnr", "ssim", "tv", "brisque", "clip_iqa", "motion_survival",
    "model", "model_revision",
}  # fmt: skip
TOGETHER = {"onset_frame", "apex_frame", "offset_frame"}
JSON = {"recipe", "messages"}  # None is a value of JSON


def table(change: Callable[[Row], object] = lambda row: None) -> pa.Table:
    """Return two rows, the second of which was changed."""
    rows = [byte_row(1, b"video"), copy.deepcopy(byte_row(2, b"video"))]
    change(rows[1])
    return table_of(rows)


def put(name: str, value: Any) -> Callable[[Row], object]:
    def change(row: Row) -> None:
        *path, last = name.split(".")
        place: Any = row
        for step in path:
            place = place[int(step) if step.isdecimal() else step]
        place[last] = value

    return change


def test_rows_of_ours_are_taken() -> None:
    check_values(table(), where="train-00000.parquet")
    check_values(table().to_batches()[0], where="train-00000.parquet")
    check_values(table().slice(0, 0), where="train-00000.parquet")


@pytest.mark.parametrize("name", sorted(set(COLUMN_NAMES) - TOGETHER - JSON))
def test_only_what_may_be_missing_is(name: str) -> None:
    damaged = table(put(name, None))
    if name in OPTIONAL:
        check_values(damaged, where="a")
        return
    with pytest.raises(DatasetError, match=rf"^a: cannot be read: a row's {name} is missing; run equime verify$"):
        check_values(damaged, where="a")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("aus", [None], "aus is missing"),
        ("aus.0.au", None, "aus.au is missing"),
        ("aus.0.au", 3, "aus.au is none that a clip can have"),
        ("aus.0.side", "middle", "aus.side is none"),
        ("aus.0.level", "F", "aus.level is none"),
        ("aus.0.intensity", float("nan"), "aus.intensity is none"),
        ("aus.0.offset_frame", 144, "aus.offset_frame is none"),
        ("aus.0.curve", [0.0], "aus has frames that do not rise, or a curve of another length"),
        ("onset_frame", 143, "onset, apex and offset do not rise"),
        ("apex_frame", None, "onset, apex and offset do not rise"),
        ("offset_frame", -1, "offset_frame is none that a clip can have"),
        ("emotion", 8, "emotion is none"),
        ("num_frames", 2**31 - 1, "num_frames is none"),
        ("fps", 0.0, "fps is none"),
        ("age", float("inf"), "age is none"),
        ("video.bytes", None, "video.bytes is missing"),
        ("ethnicity_distribution", [{"group": None, "share": 0.5}], "ethnicity_distribution.group is missing"),
    ],
)
def test_a_value_that_no_clip_has_is_named(name: str, value: object, message: str) -> None:
    with pytest.raises(DatasetError, match=f"a row's {message}"):
        check_values(table(put(name, value)), where="a")


def test_columns_of_others_are_their_business() -> None:
    rows = table().append_column("mine", pa.array([None, float("nan")]))
    check_values(rows, where="a")


def test_a_known_column_of_another_type_is_refused() -> None:
    with pytest.raises(DatasetError, match="its columns are of other types"):
        check_values(pa.table({"emotion": ["fear"]}), where="a")
