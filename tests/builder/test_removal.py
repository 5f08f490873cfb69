"""A person is taken out of every file, and the rest of every file stays as it was."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import equime_builder.removal
import equime_builder.rewriting
from equime_builder.digests import sha256_of_file
from equime_builder.errors import UsageError
from equime_builder.folder import complete_folder
from equime_builder.layout import shard_path, tar_twin
from equime_builder.manifest import read_manifest
from equime_builder.reading import read_rows
from equime_builder.records import Placement, Reject
from equime_builder.removal import people_named, remove_person
from equime_builder.shards import write_rows
from equime_builder.tables import read_plans, read_rejects, read_subjects
from equime_builder.tars import read_tar, write_tar
from equime_builder.verify import verify
from equime_builder.vqa_shards import write_vqa
from tests.samples import people, plan, tiny_rows

TRAIN = {who: Placement(split="train", fold=0) for who in ("t001", "t002", "t003")}
FEAR = shard_path("fear", "train", 0)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three people who share their split and so their shards, in Parquet, questions and WebDataset."""
    root = tmp_path_factory.mktemp("shared") / "equime"
    crowd, plans = people(3), {}
    rows = [row for own in tiny_rows(crowd, root.parent, takes=1).values() for row in own]
    for emotion, label in (("fear", 3), ("neutral", 5)):
        shard = shard_path(emotion, "train", 0)
        own = [{**row, "fold": 0} for row in rows if row["emotion"] == label]
        write_rows(root / shard, own)
        write_tar(root / tar_twin(shard), own)
        plans[shard] = [plan(subject, emotion) for subject in crowd]
    write_vqa(root)
    lost = Reject(kind="clip", id="fear-t002-07", reason="r", detail="d", subject_id="t002", emotion="fear")
    spare = Reject(kind="photo", id="2.jpg", reason="surplus", detail="d", subject_id="t009")
    complete_folder(
        root, config={}, code_version="1", subjects=crowd, placements=TRAIN, plans=plans, rejects=[lost, spare]
    )
    assert verify(root, deep=True) == []
    return root


@pytest.fixture
def copy(shared: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(shared, tmp_path / "equime"))


def hashes(root: Path) -> dict[str, str]:
    return {path.relative_to(root).as_posix(): sha256_of_file(path) for path in root.rglob("*") if path.is_file()}


def words_in(path: Path) -> str:
    """Return all that a file says, tables taken out of their compression, videos left out."""
    if path.suffix == ".parquet":
        table = pq.read_table(path)
        return str(table.drop_columns([name for name in ("video",) if name in table.column_names]).to_pylist())
    return path.read_bytes().decode(errors="replace")


def test_no_file_names_the_person_and_the_folder_is_whole(copy: Path) -> None:
    removed = remove_person(copy, "t002")
    assert removed.clips == 2
    assert set(removed.changed) == {FEAR, tar_twin(FEAR), "data/neutral/train-00000.parquet"} | {
        "webdataset/neutral/train-00000.tar"
    }
    naming = [path for path in copy.rglob("*") if path.is_file() and re.search(r"t002\b", words_in(path))]
    assert naming == []
    assert not [path for path in copy.rglob("*") if "t002" in path.name]
    assert verify(copy, deep=True) == []
    assert set(read_subjects(copy / "subjects.parquet")) == {"t001", "t003"}
    assert [reject.subject_id for reject in read_rejects(copy / "rejects.parquet")] == ["t009"]
    assert {found.subject_id for found in read_plans(copy / "plan.parquet")} == {"t001", "t003"}


def test_the_others_stay_as_they_were_in_the_very_bytes_of_a_shard_without_the_person(
    shared: Path, copy: Path, tmp_path: Path
) -> None:
    remove_person(copy, "t002")
    others = [row for row in read_rows(shared / FEAR) if row["subject_id"] != "t002"]
    assert list(read_rows(copy / FEAR)) == list(read_tar(copy / tar_twin(FEAR))) == others
    write_rows(tmp_path / "alone.parquet", others)
    assert (copy / FEAR).read_bytes() == (tmp_path / "alone.parquet").read_bytes()


@pytest.mark.parametrize("step", ["write_tar", "write_vqa", "write_gallery", "complete_folder"])
def test_what_was_stopped_is_finished_by_the_same_call(
    shared: Path, copy: Path, tmp_path: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Path(shutil.copytree(shared, tmp_path / "other"))
    whole: Callable[..., object] = getattr(
        equime_builder.rewriting if step != "complete_folder" else equime_builder.removal, step
    )

    def stopped(*arguments: object, **named: object) -> None:
        if step == "complete_folder":
            whole(*arguments, **named)
            (copy / "manifest.json").write_bytes((shared / "manifest.json").read_bytes())  # all but the manifest
        raise KeyboardInterrupt

    monkeypatch.setattr(
        equime_builder.rewriting if step != "complete_folder" else equime_builder.removal, step, stopped
    )
    with pytest.raises(KeyboardInterrupt):
        remove_person(copy, "t002")
    monkeypatch.undo()
    remove_person(copy, "t002")
    remove_person(other, "t002")
    assert hashes(copy) == hashes(other)


def test_files_that_held_nobody_else_are_gone(copy: Path) -> None:
    remove_person(copy, "t001")
    removed = remove_person(copy, "t002")
    assert removed.removed == ()
    with pytest.raises(UsageError, match=r"nobody but t003 is in .*; remove the folder itself"):
        remove_person(copy, "t003")
    assert read_manifest(copy).clips == 2


def test_whoever_was_refused_is_named_as_well(copy: Path) -> None:
    assert people_named(copy) == ["t001", "t002", "t003", "t009"]
    remove_person(copy, "t009")
    assert people_named(copy) == ["t001", "t002", "t003"]
    assert verify(copy) == []
