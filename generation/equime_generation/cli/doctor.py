"""`equime doctor`."""

from __future__ import annotations

from equime_generation.cli.options import Json
from equime_generation.cli.terminal import print_json, print_table, say


def doctor(json: Json = False) -> None:
    """Tell what is installed, what is missing and what brings it, and try every stage once."""
    import typer

    from equime_generation.checkup import Check, check_up

    checks: list[Check] = []
    for check in check_up():
        checks.append(check)
    healthy = all(check.ok for check in checks if check.needed)
    if json:
        print_json({"healthy": healthy, "checks": [check.as_json() for check in checks]})
    else:
        rows = [(check.name, check.verdict, check.detail) for check in checks]
        print_table("", ("what", "verdict", "found"), rows, numbers=False)
        for check in checks:
            if not check.ok and check.remedy:
                say(f"{check.name}: {check.remedy}")
        say("EquiME can render and load here." if healthy else "EquiME cannot render here yet; see above.")
    if not healthy:
        raise typer.Exit(1)
