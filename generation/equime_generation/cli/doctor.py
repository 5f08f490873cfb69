"""`equime doctor`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from equime_generation.cli.options import Json
from equime_generation.cli.terminal import print_json, print_table, say, waiting_screen

if TYPE_CHECKING:
    from equime_generation.checkup import Check


def doctor(json: Json = False) -> None:
    """Tell what is installed, what is missing and what brings it, and try every stage, down to one whole clip.

    Takes about ten seconds of processor time. Exit code 1 where the default renderer cannot work here.
    """
    from equime_generation.checkup import check_up

    with waiting_screen() as tell:
        checks = list(check_up(tell))
    healthy = all(check.ok for check in checks if check.needed)
    if json:
        print_json({"healthy": healthy, "checks": [check.as_json() for check in checks]})
    else:
        rows = [(check.name, check.verdict, _seconds(check), check.detail) for check in checks]
        print_table("", ("what", "verdict", "seconds", "found"), rows, numbers=False)
        for check in checks:
            if not check.ok and check.remedy:
                say(f"{check.name}: {check.remedy}")
        if healthy:
            say("EquiME can render and load here. To make a first dataset:  equime render --out equime")
        else:
            say("EquiME cannot render here yet; see above.")
    if not healthy:
        raise typer.Exit(1)


def _seconds(check: Check) -> str:
    return "" if check.duration_s is None else f"{check.duration_s:.1f}"
