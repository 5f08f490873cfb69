"""`equime pull`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from equime_generation.cli import options
from equime_generation.cli.terminal import print_json, say

Target = Annotated[Path, typer.Argument(help="Folder for the dataset: new, empty, or pulled before.")]
Revision = Annotated[str | None, typer.Option(help="Branch, tag or commit; the newest where none is named.")]


def pull(repo: options.Repo, dataset: Target, revision: Revision = None, json: options.Json = False) -> None:
    """Fetch a dataset or a recipe release from the Hugging Face Hub, and check every byte.

    Only what changed is fetched. Nothing in the folder changes before everything has arrived.
    """
    from equime_builder.hub import pull as pull_folder
    from equime_generation.claim import hold, refuse_strange_folder

    refuse_strange_folder(dataset)
    with hold(dataset) as workspace:
        done = pull_folder(repo, dataset, workspace.folder / "pull", revision=revision)
    workspace.discard()
    if json:
        print_json({"dataset": str(dataset), **asdict(done)})
        return
    say(f"{dataset}: {len(done.fetched)} files fetched, {len(done.deleted)} removed, {done.unchanged} there already")
    if done.is_release:
        say(f"it holds recipes and no clips; make them:  equime regenerate {dataset} --faces SOURCE")
    else:
        say(f"check it:    equime verify {dataset}")
