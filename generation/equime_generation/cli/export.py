"""`equime export`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from equime_generation.cli import options
from equime_generation.cli.terminal import counts_line, file_screen, print_json, say

if TYPE_CHECKING:
    from equime_builder.export import Exported

Format = Annotated[
    str,
    typer.Option(
        help="folder (the published layout: a video and a JSON file a clip), casme2, samm or megc (image sequences and "
        "the sheets of these sets), mevqa (questions and videos of the ME-VQA challenge), webdataset (tar shards), "
        "videofolder (videos and a table, for load_dataset)."
    ),
]
Out = Annotated[Path, typer.Option(help="Folder of the export: a new or empty one, or that of the same export.")]
Emotions = Annotated[str, typer.Option(help="Comma-separated; all where none is named.")]
Split = Annotated[str, typer.Option(help="Comma-separated, of: train, validation, test; all where none is named.")]
Images = Annotated[str, typer.Option(help="Image files of casme2, samm and megc: jpg, or png to the last bit.")]


def export(
    dataset: options.Dataset,
    format: Format,
    out: Out,
    emotions: Emotions = "",
    split: Split = "",
    images: Images = "jpg",
    json: options.Json = False,
) -> None:
    """Write a dataset in the layout that another reader expects.

    Stopped or killed, it goes on where it was when the same command runs again. NOTICE.txt in the export says how its
    numbers count, and who may have it.
    """
    from equime_builder.export import export_dataset

    with file_screen("clips") as progress:
        exported = export_dataset(
            dataset,
            out,
            format=format,
            emotions=_words(emotions),
            splits=_words(split),
            images=images,
            progress=progress,
        )
    if json:
        print_json(asdict(exported))
    else:
        _show(exported)


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _show(exported: Exported) -> None:
    state = "was whole already" if exported.already_whole else "is whole"
    say(f"{exported.out} {state}: {sum(exported.clips.values())} clips ({counts_line(exported.clips)})")
    if exported.left_out:
        say(f"left out: {exported.left_out} clips without an expression, for which {exported.format} has no place")
    if exported.held_back:
        say(f"{exported.held_back} clips must not be passed on: their photos' licences forbid it")
    say(f"read first: {exported.out}/NOTICE.txt")
