"""Clips leave every file of a folder, their plans stay, and the folder stays whole."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from equime_builder.dropping import drop_clips
from equime_builder.errors import UsageError
from equime_builder.layout import tar_twin
from equime_builder.manifest import read_manifest
from equime_builder.reading import read_rows
from equime_builder.records import Reject
from equime_builder.tables import read_plans, read_rejects, read_subjects
from equime_builder.tars import read_tar
from equime_builder.verify import verify
from tests.builder.test_removal import copy, hashes, shared  # noqa: F401

FEAR = "data/fear/train-00000.parquet"
GONE = "fear-t002-00"


def test_a_clip_is_gone_everywhere_and_said_to_be(copy: Path) -> None:  # noqa: F811
    plans = list(read_plans(copy / "plan.parquet"))
    removed = drop_clips(copy, {GONE: "2 of 3 reviewers rejected it"})
    assert (removed.clips, removed.removed) == (1, ())
    assert {row["id"] for row in read_rows(copy / FEAR)} == {"fear-t001-00", "fear-t003-00"}
    assert list(read_tar(copy / tar_twin(FEAR))) == list(read_rows(copy / FEAR))
    assert list(read_plans(copy / "plan.parquet")) == plans
    assert len(read_subjects(copy / "subjects.parquet")) == 3
    assert list(read_rejects(copy / "rejects.parquet"))[-1] == Reject(
        kind="clip",
        id=GONE,
        reason="rejected_by_people",
        detail="2 of 3 reviewers rejected it",
        subject_id="t002",
        emotion="fear",
        attempt=0,
    )
    assert verify(copy, deep=True) == []
    assert sum(read_manifest(copy).vqa.values()) == 5
    sheet = " ".join((copy / "datasheet.md").read_text(encoding="utf-8").split())
    assert "1 were dropped because they missed their plan, and 1 because most of the people" in sheet
    assert "rejected_by_people" in sheet


def test_the_same_clips_give_the_same_bytes_stopped_or_not(copy: Path, tmp_path: Path) -> None:  # noqa: F811
    whole = copy.with_name("whole")
    shutil.copytree(copy, whole)
    drop_clips(whole, {GONE: "2 of 2"})
    # as if killed before the tables were written
    shutil.copy(whole / FEAR, copy / FEAR)
    drop_clips(copy, {GONE: "2 of 2"})
    assert hashes(copy) == hashes(whole)
    drop_clips(copy, {GONE: "another count"})
    assert hashes(copy) == hashes(whole)


def test_a_folder_that_would_be_empty_and_strangers_are_refused_untouched(copy: Path) -> None:  # noqa: F811
    before = hashes(copy)
    with pytest.raises(UsageError, match="never planned fear-t009-00"):
        drop_clips(copy, {"fear-t009-00": "x"})
    with pytest.raises(UsageError, match=r"every clip of .* would be dropped"):
        drop_clips(copy, {plan.clip_id: "x" for plan in read_plans(copy / "plan.parquet")})
    assert hashes(copy) == before


def test_a_shard_that_is_empty_goes(copy: Path) -> None:  # noqa: F811
    removed = drop_clips(copy, {f"fear-t00{n}-00": "x" for n in (1, 2, 3)})
    assert set(removed.removed) == {FEAR, tar_twin(FEAR)}
    assert verify(copy, deep=True) == []
    assert read_manifest(copy).counts == {"neutral": {"train": 3}}
