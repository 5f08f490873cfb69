"""`equime forget`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from equime_generation.cli import options
from equime_generation.cli.terminal import complain, print_json, say

if TYPE_CHECKING:
    from equime_generation.forget import Forgotten

Subject = Annotated[str, typer.Argument(help="The person's id, as in subjects.parquet.")]


def forget(dataset: options.Dataset, subject: Subject, json: options.Json = False) -> None:
    """Take a person out of a dataset: out of its clips, tables, pages and papers.

    The dataset stays whole for everybody else. Killed anywhere, the same command finishes the work. Exit code 1 where
    a file that EquiME did not write names the person still.
    """
    from equime_generation.forget import forget as forget_person

    forgotten = forget_person(dataset, subject)
    if json:
        print_json({"dataset": str(dataset), **asdict(forgotten)})
    else:
        _show(str(dataset), forgotten)
    if forgotten.left:
        complain(f"these name {subject} still, see to them yourself: {', '.join(forgotten.left)}")
        raise typer.Exit(1)


def _show(dataset: str, forgotten: Forgotten) -> None:
    if forgotten.was_unfinished:
        say(f"{forgotten.subject} is gone from {dataset}; its run begins again, once the photo is out of the source")
        return
    files = f"{len(forgotten.changed)} files rewritten, {len(forgotten.removed)} removed"
    say(f"{forgotten.subject} is gone from {dataset}: {forgotten.clips} clips, {forgotten.reviews} reviews, {files}")
    commands = {"audit": "audit", "quality": "evaluate", "attributes": "attributes"}
    for folder in (name for name in commands if name in forgotten.removed):
        say(f"make {folder}/ anew:  equime {commands[folder]} {dataset}")
    say("outside this folder: take the photo out of its source, or a later run takes the person in again;")
    say("push again where the dataset was pushed, and clear the cache of datasets where it was loaded")
