from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equime_builder.errors import DatasetError
from equime_builder.layout import check_relative_path, place_of, place_order, shard_path


def test_a_shard_path_and_its_place() -> None:
    assert shard_path("fear", "train", 7) == "data/fear/train-00007.parquet"
    assert place_of("data/fear/train-00007.parquet") == ("fear", "train")
    assert place_of("data/fear/train-123456.parquet") == ("fear", "train")


@pytest.mark.parametrize(
    "path",
    ["plan.parquet", "data/fear/train.parquet", "data/joy/train-00000.parquet", "data/fear/dev-00000.parquet",
     "data/fear/train-00000.tar", "data/fear/train-0.parquet", "vqa/fear/train-00000.parquet",
     "data/x/fear/train-00000.parquet", "data/fear/train-0000a.parquet"],
)  # fmt: skip
def test_other_paths_have_no_place(path: str) -> None:
    assert place_of(path) is None


def test_shards_sort_as_labels_and_splits_do() -> None:
    paths = ["subjects.parquet", "data/fear/test-00000.parquet", "data/fear/train-00001.parquet",
             "data/fear/train-00000.parquet", "data/happiness/validation-00000.parquet"]  # fmt: skip
    assert sorted(paths, key=place_order) == [paths[4], paths[3], paths[2], paths[1], paths[0]]


@pytest.mark.parametrize(
    "path",
    ["", "/etc/passwd", "../x", "data/../../x", "data//x", "./x", "data/", "C:/x", "C:x", "data\\..\\x", "a\0b", "a\nb",
     "data/\u202egnp", "\ud800", "x" * 256],
)  # fmt: skip
def test_paths_that_leave_the_folder_are_refused(path: str) -> None:
    with pytest.raises(DatasetError, match="leaves the folder or is no plain relative path"):
        check_relative_path(path)


@given(st.text())
def test_what_passes_stays_inside(path: str) -> None:
    try:
        check_relative_path(path)
    except DatasetError:
        return
    root = Path("/root of it")
    assert (root / path).is_relative_to(root)
    assert ".." not in (root / path).parts
