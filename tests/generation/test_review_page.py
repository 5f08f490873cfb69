"""docs/review.md: its commands run as they stand there, and its tables name what there is."""

from __future__ import annotations

import re
import shutil
from dataclasses import fields
from pathlib import Path

import pytest

from equime_builder.verify import verify
from equime_evaluation.reviews import DECISIONS, Review, add_review
from equime_generation.cli import main
from tests.evaluation.reviews.material import said

PAGE = Path(__file__).resolve().parents[2] / "docs" / "review.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_every_command_of_the_page_runs(tiny_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = Path(shutil.copytree(tiny_dataset, tmp_path / "mine"))
    for who in ("heron-7", "wren"):
        add_review(mine, said("fear-t001-00", who, "reject"))
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```(console|python)\n(.*?)```", TEXT, flags=re.DOTALL)
    commands = [line for kind, block in blocks if kind == "console" for line in block.splitlines()]
    assert commands[0] == "$ equime app mine"  # which the tests of the tab start
    for line in commands[1:]:
        assert line.startswith("$ equime reviews "), line
        with pytest.raises(SystemExit) as end:
            main(line.split()[2:])
        assert not end.value.code, line
    (code,) = [block for kind, block in blocks if kind == "python"]
    names: dict[str, object] = {}
    exec(compile(code, str(PAGE), "exec"), names)
    assert len(names["reviews"]) == 2  # type: ignore[arg-type]
    assert verify(mine) == []


def test_the_page_has_every_column_and_decision() -> None:
    table = TEXT.partition("| column |")[2]
    named = set(re.findall(r"`(\w+)`", table.partition("\n\n")[0]))
    assert named >= {field.name for field in fields(Review)} | set(DECISIONS)
