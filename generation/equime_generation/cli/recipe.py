"""`equime recipe`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from equime_generation.cli import options
from equime_generation.cli.terminal import print_json, say

Out = Annotated[Path, typer.Argument(help="Folder of the release: a new or empty one, or that of an earlier release.")]


def recipe(dataset: options.Dataset, out: Out, json: options.Json = False) -> None:
    """Write a recipe release: plans, labels and hashes, and no picture of anybody.

    Whoever has the photos builds the very same dataset from it: equime regenerate RELEASE --faces SOURCE.
    """
    from equime_builder.recipes import write_recipe_release

    path = write_recipe_release(dataset, out)
    if json:
        print_json({"dataset": str(dataset), "release": str(out), "recipe": str(path)})
        return
    say(f"{out} holds the recipes of {dataset}, and none of its clips")
    say(f"publish it:  equime push {out} ORGANISATION/NAME")
    say(f"build it:    equime regenerate {out} --faces SOURCE")
