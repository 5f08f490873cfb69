"""Bad files are moved aside and never deleted."""

from __future__ import annotations

from pathlib import Path

import pytest

from equime_builder.errors import OutputError
from equime_builder.findings import Finding
from equime_generation import quarantine as module
from equime_generation.quarantine import bring_back, quarantine

SHARD = "data/fear/train-00000.parquet"


def finding(file: str, rule: str = "hash") -> Finding:
    return Finding(file=file, rule=rule, detail="")


def put(root: Path, name: str, text: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text)


def test_what_lies_there_from_an_earlier_time_stays(tmp_path: Path) -> None:
    for text in ("first", "second", "third"):
        put(tmp_path, SHARD, text)
        moved = quarantine(tmp_path, [finding(SHARD), finding(SHARD, "rows")])
        assert not (tmp_path / SHARD).exists()
    assert moved == {SHARD: f".quarantine/{SHARD}.3"}
    texts = [(tmp_path / ".quarantine" / f"{SHARD}{ending}").read_text() for ending in ("", ".2", ".3")]
    assert texts == ["first", "second", "third"]


def test_papers_and_what_is_not_there_stay_and_strangers_go(tmp_path: Path) -> None:
    put(tmp_path, "README.md", "card")
    put(tmp_path, "data/fear/note.txt", "stray")
    findings = [finding("README.md", "paper"), finding(SHARD, "missing"), finding("data/fear/note.txt", "unlisted")]
    assert quarantine(tmp_path, findings) == {"data/fear/note.txt": ".quarantine/data/fear/note.txt"}
    assert (tmp_path / "README.md").read_text() == "card"


def test_files_come_back_unless_another_stands_there(tmp_path: Path) -> None:
    put(tmp_path, SHARD, "bad")
    put(tmp_path, "plan.parquet", "bad plan")
    moved = quarantine(tmp_path, [finding(SHARD), finding("plan.parquet")])
    put(tmp_path, SHARD, "made again")
    bring_back(tmp_path, moved)
    assert (tmp_path / SHARD).read_text() == "made again"
    assert (tmp_path / "plan.parquet").read_text() == "bad plan"
    assert (tmp_path / ".quarantine" / SHARD).read_text() == "bad"


def test_where_one_cannot_be_moved_the_others_come_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, SHARD, "bad")
    put(tmp_path, "plan.parquet", "bad plan")
    move = module._move

    def refuse_plan(source: Path, target: Path) -> None:
        if source.name == "plan.parquet":
            raise OutputError("disk full")
        move(source, target)

    monkeypatch.setattr(module, "_move", refuse_plan)
    with pytest.raises(OutputError, match="disk full"):
        quarantine(tmp_path, [finding(SHARD), finding("plan.parquet")])
    assert (tmp_path / SHARD).read_text() == "bad"
