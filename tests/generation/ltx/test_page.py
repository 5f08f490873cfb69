"""docs/ltx.md names every family, its commands exist, and its predictions are those of the planner."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from equime_generation.cli.commands import app
from equime_generation.renderers.ltx.campaign import campaign
from equime_generation.renderers.ltx.families import FAMILIES
from equime_generation.renderers.ltx.gpus import GPUS
from equime_generation.renderers.ltx.memory import predicted_peak
from equime_generation.renderers.ltx.settings import ATTENTIONS, CONDITIONINGS

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "ltx.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ equime (.*)$", TEXT, flags=re.M)


def test_every_family_stands_there_with_its_steps() -> None:
    rows = re.findall(r"^\| `(\d+b-[^`]*)` \| (\d+) \| (yes|no) \|", TEXT, flags=re.M)
    assert rows == [(family.name, str(family.steps), "yes" if family.guided else "no") for family in FAMILIES.values()]


def test_every_conditioning_and_kernel_stands_there() -> None:
    for word in (*CONDITIONINGS, *ATTENTIONS[1:]):
        assert f"`{word}`" in TEXT or f"--attention {word}`" in TEXT, word


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_takes_its_options(line: str) -> None:
    words = shlex.split(line)
    command: Any = get_command(app)
    while words and words[0] in getattr(command, "commands", {}):
        command = command.commands[words.pop(0)]
    context = command.make_context("equime", words, resilient_parsing=False)
    assert not context.args


def test_the_predictions_are_the_planners() -> None:
    rows = re.findall(
        r"^\| (2b|13b) \| ([^|]+) \| (\w+) \| (\d+) \| ([\d.]+) \| ([\d.]+) \| (\d+) \|$", TEXT, flags=re.M
    )
    by_name = {gpu.name: gpu for gpu in GPUS.values()}
    assert len(rows) == 6
    for transformer, name, preset, batch, peak, clip_s, hours in rows:
        on = campaign(75_000, transformer=transformer).on(by_name[name])
        assert on is not None
        assert (on.preset.name, str(on.preset.batch_size)) == (preset, batch)
        assert f"{predicted_peak(on.preset, transformer).gib:.1f}" == peak
        assert (f"{on.clip_s:.2f}", f"{on.hours:.0f}") == (clip_s, hours)
