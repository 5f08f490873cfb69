"""Options that several commands share; those of a run are made from the fields of `RunConfig`, so each stands once."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import MISSING, fields
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from equime_generation.config import RunConfig, read_config

Dataset = Annotated[Path, typer.Argument(help="Dataset folder.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document for programs to read.")]
_ConfigFile = Annotated[
    Path | None, typer.Option("--config", help="TOML file with any of these options; the command line wins.")
]
_HELP: Final[dict[str, str]] = {
    "out": "Folder of the dataset.",
    "faces": "Source of the photos: openpeople (ten synthetic people), folder:DIR, celeba-hq:DIR, ffhq:DIR or lfw:DIR.",
    "subjects": "How many people to choose, evenly over gender, skin tone and age, best photos first; 0 = all.",
    "emotions": "Comma-separated, of: happiness, sadness, surprise, fear, anger, neutral.",
    "clips_per_emotion": "Clips of each emotion, spread evenly over the subjects.",
    "spotting_clips": "Clips of several events each, for the configuration spotting.",
    "with_flow": "Write the true motion of every event's frames beside the clips, as flow/<emotion>/<split>-*.parquet.",
    "with_vqa": "Write the configuration vqa: the same clips once more, with questions and answers, in vqa/.",
    "design": "independent: a programme of Action Units for each clip; crossed: each programme on every subject.",
    "balance": "people: everyone carries equally many clips; groups: each gender and skin tone does.",
    "renderer": "What makes the frames: warp (any CPU).",
    "profile": "Encoder profile: default, lossless or preview.",
    "attempts": "Times that a clip is rendered, each with new sway and noise, before it is dropped.",
    "seed": "Another whole number gives other plans.",
    "engine": "Where the work is done: local (processes of this machine).",
    "workers": "Processes of the local engine; 0 = one a core.",
}


def run_options(command: Callable[[RunConfig, bool], None]) -> Callable[..., None]:
    """Return a command that takes every field of `RunConfig`, ``--config`` and ``--json`` as options.

    Args:
        command: Takes the configuration and whether to print JSON.
    """

    @wraps(command)
    def with_options(config: Path | None, json: bool, **given: Any) -> None:
        if given["emotions"] is not None:
            given["emotions"] = [word.strip() for word in given["emotions"].split(",") if word.strip()]
        command(read_config(config, given), json)

    parameters = {**_run_parameters(), "config": (_ConfigFile, None), "json": (Json, False)}
    with_options.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
            for name, (annotation, default) in parameters.items()
        ]
    )
    with_options.__annotations__ = {name: annotation for name, (annotation, _) in parameters.items()}
    return with_options


def _run_parameters() -> dict[str, tuple[Any, Any]]:
    parameters: dict[str, tuple[Any, Any]] = {}
    for field in fields(RunConfig):
        default = ",".join(field.default) if isinstance(field.default, tuple) else field.default
        kind = type(default)
        if field.default is MISSING:
            raise TypeError(f"RunConfig.{field.name} needs a default")
        help_text = f"{_HELP[field.name]}  [default: {default}]"
        parameters[field.name] = (Annotated[kind | None, typer.Option(help=help_text, show_default=False)], None)
    return parameters
