"""`equime classify`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from equime_generation.cli import options
from equime_generation.cli.terminal import file_screen, print_json, print_table, say
from equime_generation.face_points import face_finder

if TYPE_CHECKING:
    from equime_evaluation.baselines.classify import Answers

Weights = Annotated[Path, typer.Argument(help="A weights.safetensors of equime train.")]
Clips = Annotated[str, typer.Argument(help="videos:DIR (videos and image sequences), or another source of clips.")]
Cache = Annotated[Path | None, typer.Option(help="Folder where decoded clips are kept; ~/.cache/equime by default.")]


def classify(weights: Weights, clips: Clips, cache: Cache = None, json: options.Json = False) -> None:
    """Ask a trained baseline about clips, and say what it is not made for."""
    from equime_evaluation.baselines.checkpoint import load_weights
    from equime_evaluation.baselines.classify import classify as ask
    from equime_evaluation.baselines.classify import setup_in

    crop = setup_in(load_weights(weights)[1], weights).crop
    place = cache or Path.home() / ".cache" / "equime"
    with face_finder(crop) as locate, file_screen("clips") as progress:
        found = ask(weights, clips, cache=place, locate=locate, tell=progress)
    if json:
        print_json(asdict(found))
        return
    _show(found)


def _show(found: Answers) -> None:
    say(f"{found.model}, trained on {found.people} people of {found.trained_on}")
    classes = list(found.answers[0].probabilities)
    rows = [(item.clip, item.said, *(f"{item.probabilities[name]:.2f}" for name in classes)) for item in found.answers]
    print_table("", ("clip", "said", *classes), rows)
    for reason in found.left_out.values():
        say(f"left out: {reason}")
    say("")
    for line in found.not_made_for:
        say(f"- {line}")
