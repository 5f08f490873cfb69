"""Reviews on the disk: exact, several writers at once, clear about damage."""

from __future__ import annotations

import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from equime_builder.errors import DatasetError, DatasetMissingError, UsageError
from equime_builder.verify import verify
from equime_evaluation.reviews import add_review, read_reviews, take_back
from tests.evaluation.reviews.material import said

CLIP = "fear-t001-00"


@pytest.fixture
def copy(tiny_dataset: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_dataset, tmp_path / "equime"))


def test_a_folder_without_reviews_has_none(tiny_dataset: Path, tmp_path: Path) -> None:
    assert read_reviews(tiny_dataset) == []
    with pytest.raises(DatasetMissingError):
        read_reviews(tmp_path / "nothing")


def test_reviews_come_back_as_they_were_given(copy: Path) -> None:
    given = [
        said(CLIP, "heron"),
        said(CLIP, "wren", "reject", was_blind=True, emotion="anger", aus=((4, "left"), (7, "right"))),
        said(
            "anger-t002-01",
            "heron",
            "correct",
            onset_frame=60,
            apex_frame=62,
            offset_frame=66,
            aus=(),
            note="späte\nNote",
        ),
    ]
    for review in given:
        add_review(copy, review)
    assert read_reviews(copy) == given
    assert verify(copy, deep=False) == []


def test_the_file_states_its_version_and_reads_anywhere(copy: Path) -> None:
    add_review(copy, said(CLIP, "heron"))
    schema = pq.read_schema(copy / "reviews.parquet")
    assert schema.metadata[b"equime.reviews"] == b"1"
    assert schema.field("reviewed_at").type == pa.timestamp("ms", tz="UTC")


def test_a_clip_that_is_not_there_is_refused(copy: Path) -> None:
    with pytest.raises(UsageError, match="no clip 'fear-t009-00'"):
        add_review(copy, said("fear-t009-00", "heron"))
    assert not (copy / "reviews.parquet").exists()


def test_one_reviewer_takes_back_the_last_of_their_own(copy: Path) -> None:
    for review in (said(CLIP, "heron"), said("anger-t001-00", "heron", "reject"), said(CLIP, "wren")):
        add_review(copy, review)
    taken = take_back(copy, "heron")
    assert taken is not None
    assert taken.clip_id == "anger-t001-00"
    assert [(one.clip_id, one.reviewer) for one in read_reviews(copy)] == [(CLIP, "heron"), (CLIP, "wren")]
    assert take_back(copy, "crow") is None


def test_two_processes_write_at_once_and_nothing_is_lost(copy: Path) -> None:
    code = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        from equime_evaluation.reviews import add_review
        from tests.evaluation.reviews.material import said
        for number in range(15):
            add_review(Path(sys.argv[1]), said("fear-t001-00", sys.argv[2], note=str(number)))
        """
    )
    writers = [subprocess.Popen([sys.executable, "-c", code, str(copy), who]) for who in ("heron", "wren")]
    assert [writer.wait(timeout=120) for writer in writers] == [0, 0]
    for who in ("heron", "wren"):
        assert [one.note for one in read_reviews(copy) if one.reviewer == who] == [str(n) for n in range(15)]


@pytest.mark.parametrize("damage", ["text", "cut", "version", "column", "value", "unit", "year"])
def test_damage_is_named_and_nothing_is_written_over_it(copy: Path, damage: str) -> None:
    add_review(copy, said(CLIP, "heron"))
    path = copy / "reviews.parquet"
    table = pq.read_table(path)
    if damage == "text":
        path.write_text("no table")
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:-20])
    elif damage == "version":
        pq.write_table(table.replace_schema_metadata({b"equime.reviews": b"2"}), path)
    elif damage == "column":
        pq.write_table(table.drop_columns(["decision"]), path)
    else:
        column, value = {
            "value": ("decision", pa.array(["perhaps"])),
            "unit": ("aus", pa.array([[None]], type=table.schema.field("aus").type)),
            "year": ("reviewed_at", pa.array([2**62], type=table.schema.field("reviewed_at").type)),
        }[damage]
        pq.write_table(table.set_column(table.column_names.index(column), column, value), path)
    before = path.read_bytes()
    with pytest.raises(DatasetError, match=r"reviews\.parquet: cannot be read: .*restore it from a copy"):
        add_review(copy, said(CLIP, "wren"))
    assert path.read_bytes() == before
