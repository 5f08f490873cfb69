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
Origin = Annotated[
    str, typer.Argument(metavar="ORIGIN", help="Dataset repository of the Hub, ORGANISATION/NAME, or a URL (s3://...).")
]


def pull(origin: Origin, dataset: Target, revision: Revision = None, json: options.Json = False) -> None:
    """Fetch a dataset or a recipe release from the Hugging Face Hub or from a store, and check every byte.

    Only what changed is fetched. Nothing in the folder changes before everything has arrived.
    """
    from equime_builder.address import is_url
    from equime_builder.errors import UsageError
    from equime_builder.hub import pull as pull_folder
    from equime_builder.store_copy import pull_from_store
    from equime_generation.claim import hold, refuse_strange_folder

    if is_url(origin) and revision is not None:
        raise UsageError(
            f"--revision names a state of a repository of the Hub, and a URL has one alone, got {revision}"
        )
    refuse_strange_folder(dataset)
    with hold(dataset) as workspace:
        staging = workspace.folder / "pull"
        if is_url(origin):
            done = pull_from_store(origin, dataset, staging)
        else:
            done = pull_folder(origin, dataset, staging, revision=revision)
    workspace.discard()
    if json:
        print_json({"dataset": str(dataset), **asdict(done)})
        return
    say(f"{dataset}: {len(done.fetched)} files fetched, {len(done.deleted)} removed, {done.unchanged} there already")
    if done.is_release:
        say(f"it holds recipes and no clips; make them:  equime regenerate {dataset} --faces SOURCE")
    else:
        say(f"check it:    equime verify {dataset}")
