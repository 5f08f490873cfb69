"""The page names every column and only options that there are."""

import re
from pathlib import Path

from typer.main import get_command

from equime_evaluation.quality import COLUMNS
from equime_generation.cli.commands import app

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "evaluation.md").read_text(encoding="utf-8")


def test_every_column_has_its_meaning() -> None:
    told = set(re.findall(r"`(\w+)`", PAGE))
    assert not set(COLUMNS) - told


def test_every_option_on_the_page_is_one() -> None:
    commands = get_command(app).commands  # type: ignore[attr-defined]
    there = {word for name in ("evaluate", "attributes") for option in commands[name].params for word in option.opts}
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", PAGE)) - {"--no-deps"}
    assert named
    assert not named - there
