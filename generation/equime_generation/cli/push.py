"""`equime push`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from equime_generation.cli import options
from equime_generation.cli.terminal import print_json, say

Private = Annotated[bool, typer.Option("--private", help="Make a new repository private.")]
Permission = Annotated[
    bool,
    typer.Option(
        "--have-permission",
        help="State that the people agreed and that you may publish clips of photos whose licence does not say so.",
    ),
]
Gate = Annotated[bool, typer.Option(help="Readers ask for access by the form on the card; --no-gate lets anybody in.")]
Squash = Annotated[
    bool, typer.Option("--squash", help="Drop the repository's history, so that earlier clips cannot be read any more.")
]
Creator = Annotated[
    str | None,
    typer.Option(
        help="Who answers for the dataset, as croissant.json names them.  [default: the account of the repository]",
        show_default=False,
    ),
]


def push(
    dataset: options.Dataset,
    repo: options.Repo,
    private: Private = False,
    have_permission: Permission = False,
    gate: Gate = True,
    squash: Squash = False,
    creator: Creator = None,
    json: options.Json = False,
) -> None:
    """Put a dataset or a recipe release on the Hugging Face Hub, in one commit.

    Only what changed is sent. Clips of photos that must not be passed on are refused; `equime recipe` makes a release
    without them. Reviews and whatever else lies in the folder stay here.
    """
    from equime_builder.hub import push as push_folder

    done = push_folder(
        dataset, repo, private=private, has_permission=have_permission, gate=gate, squash=squash, creator=creator
    )
    if json:
        print_json(asdict(done))
        return
    say(f"{done.repo}: {len(done.sent)} files sent, {len(done.deleted)} removed, {done.unchanged} there already")
    say(f"look at it:  {done.url}")
