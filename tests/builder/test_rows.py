from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest

from equime_builder.errors import DatasetError, MediaError
from equime_builder.records import HeadMotion, Media, Placement, TrueMotion
from equime_builder.rows import QUESTION, messages_of, row_of, table_of
from equime_builder.schema import COLUMN_NAMES
from tests.samples import GENERATION, byte_row, person, plan, unit

MEDIA = Media(
    data=b"x" * 6000, num_frames=144, fps=24.0, width=512, height=512, codec="h264", encoder_profile="default"
)


def test_row_holds_every_column_in_order() -> None:
    assert tuple(byte_row(1, b"abc")) == COLUMN_NAMES


def test_values_of_a_row() -> None:
    subject = person(1)
    planned = plan(subject, "fear", take=3)
    row = row_of(planned, subject, Placement(split="test", fold=4), MEDIA, None, GENERATION)
    assert row["id"] == "fear-t001-03"
    assert row["fold"] == 4
    assert row["video"] == {"bytes": MEDIA.data, "path": "fear-t001-03.mp4"}
    assert row["sha256"] == hashlib.sha256(b"x" * 6000).hexdigest()
    assert row["duration_s"] == 6.0
    assert row["bitrate_kbps"] == 8.0  # 8 x 6000 bits over 6 s and 1000
    assert (row["emotion"], row["emotion_3class"], row["objective_class"]) == (3, "negative", "VI")
    assert row["measured"] is None
    assert row["true_motion"] is None
    assert row["estimated"] is None
    assert row["psnr"] is None
    assert row["synthetic"] is True
    assert row["demographics_source"] == "drawn by a test"
    assert row["source"] == "test pattern"
    assert row["ethnicity_distribution"][1] == {"group": "North African", "share": 0.55}
    # AU 1, 2 and 4, left and right, are the first six slots of the vocabulary
    assert row["au_intensity"] == [0.5] * 6 + [0.0] * 30
    assert row["aus"][0]["name"] == "inner brow raiser"
    assert row["aus"][0]["level"] == "C"
    assert len(row["aus"]) == 6


def test_true_motion_stands_apart_from_measured_motion() -> None:
    row = byte_row(1, b"abc")
    assert row["true_motion"] == {"motion_px": 1.6, "motion_iod": 0.0125, "smallest_jacobian": 0.9, "scaled": 1.0}
    assert row["measured"]["motion_px"] == 1.5


@pytest.mark.parametrize("change", [{"motion_px": -0.1}, {"motion_iod": -1.0}, {"scaled": 0.0}, {"scaled": 1.1}])
def test_impossible_true_motion_is_refused(change: dict[str, float]) -> None:
    good = {"motion_px": 1.0, "motion_iod": 0.01, "smallest_jacobian": 1.0}
    with pytest.raises(ValueError, match="got"):
        TrueMotion(**{**good, **change})


def test_negative_has_no_event() -> None:
    row = byte_row(1, b"abc", "neutral")
    assert row["aus"] == []
    assert row["au_intensity"] == [0.0] * 36
    assert [row[name] for name in ("onset_frame", "apex_frame", "offset_frame")] == [None] * 3
    assert row["emotion_3class"] is None
    assert row["objective_class"] is None


def test_distractors_stand_in_order_of_time_and_blinks_once_for_both_eyes() -> None:
    motion = HeadMotion(
        onset_frame=4, apex_frame=20, offset_frame=40, shift_x_px=2.0, shift_y_px=0.0, turn_deg=0.0, zoom=0.0
    )
    subject = person(1)
    lids = (unit(43, "left"), unit(43, "right"))
    planned = replace(plan(subject, "neutral"), blinks=lids, head_motions=(motion,))
    row = row_of(planned, subject, Placement(split="test", fold=4), MEDIA, None, GENERATION)
    assert row["negative_kind"] == "blink"
    assert row["distractors"] == [
        {"kind": "head", "onset_frame": 4, "apex_frame": 20, "offset_frame": 40},
        {"kind": "blink", "onset_frame": 60, "apex_frame": 62, "offset_frame": 65},
    ]
    assert row["aus"] == []
    assert byte_row(1, b"abc", "neutral")["negative_kind"] == "rest"
    assert byte_row(1, b"abc", "fear")["negative_kind"] is None


def test_messages_are_a_question_about_the_clip_and_the_caption() -> None:
    user, assistant = messages_of("brows move")
    assert user == {"role": "user", "content": [{"type": "video"}, {"type": "text", "text": QUESTION}]}
    assert assistant == {"role": "assistant", "content": [{"type": "text", "text": "brows move"}]}


@pytest.mark.parametrize(
    "change",
    [{"num_frames": 143}, {"fps": 25.0}, {"width": 256}, {"height": 510}, {"codec": "hevc"}],
)
def test_a_clip_of_another_format_is_no_row(change: dict[str, object]) -> None:
    subject = person(1)
    media = replace(MEDIA, **change)  # type: ignore[arg-type]
    with pytest.raises(MediaError, match=r"clip fear-t001-00: .* must be \(144, 24, 512, 512, 'h264'\), got"):
        row_of(plan(subject, "fear"), subject, Placement(split="train", fold=0), media, None, GENERATION)


def test_a_plan_of_somebody_else_is_no_row() -> None:
    with pytest.raises(DatasetError, match="planned for 't001', rendered on 't002'"):
        row_of(plan(person(1), "fear"), person(2), Placement(split="train", fold=0), MEDIA, None, GENERATION)


def test_table_holds_json_as_exact_text() -> None:
    table = table_of([byte_row(1, b"abc")])
    (recipe,) = table["recipe"].to_pylist()
    assert json.loads(recipe) == GENERATION.recipe
    assert recipe == '{"nested":{"list":[1,null,"ü"]},"renderer":"gradient","third":0.3333333333333333}'


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"mood": "good"}, "columns missing or unknown: mood"),
        ({"fold": "many"}, "a value does not fit its column"),
        ({"fold": 2**40}, "a value does not fit its column"),
        ({"recipe": {"x": float("nan")}}, "a value does not fit its column"),
        ({"au_intensity": [0.0] * 35}, "a value does not fit its column"),
    ],
)
def test_table_refuses_what_is_no_row(change: dict[str, object], message: str) -> None:
    with pytest.raises(DatasetError, match=message):
        table_of([{**byte_row(1, b"abc"), **change}])


def test_table_refuses_a_row_without_a_column() -> None:
    row = byte_row(1, b"abc")
    del row["seed"]
    with pytest.raises(DatasetError, match="columns missing or unknown: seed; make rows with row_of"):
        table_of([row])
