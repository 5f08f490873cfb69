"""`equime plan`."""

from __future__ import annotations

from equime_generation.cli.options import run_options
from equime_generation.cli.terminal import print_json, print_table, run_screen, say
from equime_generation.config import RunConfig


@run_options
def plan(config: RunConfig, json: bool) -> None:
    """Show what `equime render` with the same options would make; it renders and writes nothing."""
    from equime_generation.outlook import outlook_of

    with run_screen() as screen:
        outlook = outlook_of(config, screen)
    if json:
        print_json(outlook.as_json())
        return
    for title, columns, rows in outlook.tables():
        print_table(title, columns, rows)
        say("")
    for line in outlook.notes():
        say(line)
