"""When two clips are the same, equal or different."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from equime_builder.decode import decode_frames
from equime_builder.reading import read_rows
from equime_builder.rows import Row
from equime_generation.encode import encode
from equime_generation.regeneration.comparison import compare
from tests.generation.conftest import Ran


@pytest.fixture(scope="module")
def row(small_run: Ran) -> Row:
    return next(read_rows(small_run.out / "data/fear/test-00000.parquet"))


def again(row: Row, **changes: Any) -> Row:
    return {**copy.deepcopy(row), **changes}


def in_other_bytes(row: Row, frames: np.ndarray) -> Row:
    media = encode(frames)
    return again(row, video={"bytes": media.data, "path": "x.mp4"}, sha256=media.sha256)


def test_the_same_row_is_identical(row: Row) -> None:
    found = compare(row, again(row))
    assert (found.verdict, found.psnr_db, found.differences) == ("identical", None, ())


def test_a_picture_of_other_bytes_is_equal_within_the_bound_and_its_versions_are_named(row: Row) -> None:
    frames = decode_frames(row["video"]["bytes"])
    after = in_other_bytes(row, frames)
    after["recipe"]["versions"]["opencv-contrib-python"] = "9.9"
    found = compare(row, after)
    decoded = decode_frames(after["video"]["bytes"]).astype(float)
    worst = ((decoded - frames) ** 2).mean(axis=(1, 2, 3)).max()
    assert found.psnr_db == pytest.approx(10 * np.log10(255**2 / worst), abs=1e-3)
    then = row["recipe"]["versions"]["opencv-contrib-python"]
    assert found.verdict == "equal"
    assert f"opencv-contrib-python {then} then, 9.9 now" in found.differences
    assert "column sha256" in found.differences


def test_a_shift_by_a_pixel_is_different(row: Row) -> None:
    found = compare(row, in_other_bytes(row, np.roll(decode_frames(row["video"]["bytes"]), 1, axis=2)))
    assert found.verdict == "different"
    assert "at least 40 is equal" in found.faults[0]


@pytest.mark.parametrize(
    ("change", "verdict", "line"),
    [
        ({"motion_px": 0.05}, "equal", "column measured"),
        ({"motion_px": 0.2}, "different", "at most 0.1 px apart"),
        ({"correlation": -0.03}, "different", "at most 0.02 apart"),
        ({"apex_frame": 1}, "equal", "column measured"),
        ({"apex_frame": 2}, "different", "at most 1 frames apart"),
    ],
)
def test_measured_motion_has_bounds(row: Row, change: dict[str, float], verdict: str, line: str) -> None:
    after = again(row)
    for name, value in change.items():
        after["measured"][name] += value
    found = compare(row, after)
    assert found.verdict == verdict
    assert any(line in difference for difference in found.differences)


def test_another_plan_or_photo_is_different_however_like_the_picture(row: Row) -> None:
    plan, photo = again(row), again(row)
    plan["recipe"]["plan"]["nuisance"]["sway_px"] += 1e-15
    photo["recipe"]["photo"]["sha256"] = "0" * 64
    assert compare(row, plan).faults == ("another plan in its recipe",)
    assert compare(row, photo).faults == ("another photo in its recipe",)


def test_smaller_batches_than_then_are_named(row: Row) -> None:
    """Where memory runs out a part is begun again in half the batch, whose clips have other last bits."""
    then, now = again(row), again(row)
    for own, batch_size in ((then, 4), (now, 2)):
        own["recipe"] = {**own["recipe"], "renderer": "ltx", "ltx": {"batch_size": batch_size, "dtype": "bfloat16"}}
    found = compare(then, now)
    assert found.differences == ("batch_size 4 then, 2 now",)
    assert found.verdict == "equal"


def test_labels_alone_are_held_against_the_labels(row: Row) -> None:
    labels = {name: value for name, value in row.items() if name != "video"}
    found = compare(labels, in_other_bytes(row, decode_frames(row["video"]["bytes"])))
    assert (found.verdict, found.psnr_db) == ("equal", None)
