"""`equime plan`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from equime_generation.cli.options import run_options
from equime_generation.cli.terminal import print_json, print_table, run_screen, say
from equime_generation.config import RunConfig

Release = Annotated[
    Path | None, typer.Option(help="Write the plan into this folder, as a recipe release of what is not rendered yet.")
]


@run_options
def plan(config: RunConfig, json: bool, release: Release = None) -> None:
    """Show what `equime render` with the same options would make; it renders nothing, and writes a plan if asked."""
    from equime_generation.outlook import outlook_of
    from equime_generation.planned_release import write_planned_release

    with run_screen() as screen:
        outlook = outlook_of(config, screen)
    if release is not None:
        write_planned_release(outlook, release)
    if json:
        print_json(outlook.as_json())
        return
    for title, columns, rows in outlook.tables():
        print_table(title, columns, rows)
        say("")
    for line in outlook.notes():
        say(line)
    if release is not None:
        say(f"{release} holds the plan; make its clips with: equime render --config {release / 'run.toml'} --out DIR")
