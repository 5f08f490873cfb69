"""Options that several commands share; those of a run are made from the fields of `RunConfig`, so each stands once."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import MISSING, Field, fields
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, Final, get_type_hints

import typer

from equime_builder.address import is_url, local_path, shown
from equime_generation.config import RunConfig
from equime_generation.config_file import TABLES, read_config


def _folder_here(text: str) -> Path:
    if is_url(text):
        raise typer.BadParameter(
            f"{shown(text)} is a URL, and this command works on a folder of this machine; fetch it with: "
            f"equime pull {shown(text)} DIR"
        )
    return local_path(text)


Dataset = Annotated[Path, typer.Argument(help="Dataset folder.", parser=_folder_here, metavar="DATASET")]
DatasetOrUrl = Annotated[
    str, typer.Argument(help="Dataset folder, or its URL (s3://BUCKET/FOLDER, ...).", metavar="DATASET")
]
Repo = Annotated[str, typer.Argument(help="Dataset repository of the Hub, ORGANISATION/NAME.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document for programs to read.")]
Sources = Annotated[
    list[str] | None,
    typer.Option("--faces", help="Source of the photos, as for equime render; give it again for each further source."),
]
Checkpoint = Annotated[
    str, typer.Option("--model", help="Folder or file of the model, where a renderer needs one that is on no hub.")
]
Workers = Annotated[int, typer.Option(min=0, help="Processes; 0 = one a core.")]
Engine = Annotated[str, typer.Option(help="As for equime render.")]
Address = Annotated[str, typer.Option(help="As for equime render.")]
_ConfigFile = Annotated[
    Path | None, typer.Option("--config", help="TOML file with any of these options; the command line wins.")
]
_HELP: Final[dict[str, str]] = {
    "out": "Folder of the dataset, or its URL in a store (s3://BUCKET/FOLDER, gs://..., az://...).",
    "faces": "Source of the photos: openpeople (ten synthetic people), folder:DIR, celeba-hq:DIR, ffhq:DIR or lfw:DIR.",
    "subjects": "How many people to choose, evenly over gender, skin tone and age, best photos first; 0 = all.",
    "emotions": "Comma-separated, of: happiness, sadness, surprise, fear, anger, neutral.",
    "clips_per_emotion": "Clips of each emotion, spread evenly over the subjects.",
    "spotting_clips": "Clips of several events each, for the configuration spotting.",
    "with_flow": "Write the true motion of every event's frames beside the clips, as flow/<emotion>/<split>-*.parquet.",
    "with_vqa": "Write the configuration vqa: the same clips once more, with questions and answers, in vqa/.",
    "format": "Shards: parquet, webdataset (tar files alone, for which there is no configuration vqa) or both.",
    "design": "independent: a programme of Action Units for each clip; crossed: each programme on every subject.",
    "balance": "people: everyone carries equally many clips; groups: each gender and skin tone does.",
    "renderer": "What makes the frames: warp (any CPU) or ltx (LTX-Video, on a GPU).",
    "profile": "Encoder profile: default, lossless or preview.",
    "attempts": "Times that a clip is rendered, each with new sway and noise, before it is dropped.",
    "seed": "Another whole number gives other plans.",
    "engine": "Where the work is done: local (processes of this machine) or ray (a Ray cluster).",
    "address": "Ray cluster, HOST:PORT or auto; left out: $RAY_ADDRESS, else this machine alone.",
    "shard": "i/n: render every n-th part, as one of n jobs that share the folder; the last one out puts it together.",
    "workers": "Processes, here or in the cluster; 0 = one a core, or one a GPU for a renderer that needs one.",
}
_PANELS: Final[dict[str, str]] = {"ltx": "LTX-Video (with --renderer ltx)"}
TABLE_HELP: Final[dict[str, str]] = {
    "model": "Folder in diffusers' layout, .safetensors file of a 2B checkpoint, or Hub id (with --revision).",
    "revision": "Commit of the Hub repository, 40 hex digits.",
    "conditioning": "keyframes (neutral, warped apex, neutral), guide (the warped clip) or text (photo and prompt).",
    "guide_strength": "How firmly guide holds to the warped clip, over 0 to 1.",
    "condition_crf": "H.264 quality at which conditioning pictures are compressed first; 0 = not at all.",
    "memory": "How the model is laid out: auto (by the GPU's free memory), 8gb, 16gb, 24gb or 80gb.",
    "batch_size": "Clips computed together; 0 = the memory preset's.",
    "device": "auto (cuda; cpu for tiny models alone), cuda or cpu.",
    "attention": "Kernel of the self-attention: native, flash, _flash_3 or sage.",
    "compile": "Compile the transformer's blocks: minutes at the start, less time a clip.",
    "channels_last": "Keep the VAE's channels last in memory.",
}


def run_options(command: Callable[..., None]) -> Callable[..., None]:
    """Return a command that takes every field of `RunConfig` and its tables, ``--config`` and ``--json`` as options.

    Args:
        command: Takes the configuration, whether to print JSON, and by name the values of options of its own.
    """
    hints = get_type_hints(command, include_extras=True)
    own = {name: (hints[name], one.default) for name, one in [*inspect.signature(command).parameters.items()][2:]}

    @wraps(command)
    def with_options(config: Path | None, json: bool, **given: Any) -> None:
        if given["emotions"] is not None:
            given["emotions"] = [word.strip() for word in given["emotions"].split(",") if word.strip()]
        for name, record in TABLES.items():
            given[name] = {field.name: given.pop(field.name) for field in fields(record)}
        more = {name: given.pop(name) for name in own}
        command(read_config(config, given), json, **more)

    parameters = {**_run_parameters(), **own, "config": (_ConfigFile, None), "json": (Json, False)}
    with_options.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
            for name, (annotation, default) in parameters.items()
        ]
    )
    with_options.__annotations__ = {name: annotation for name, (annotation, _) in parameters.items()}
    return with_options


def _run_parameters() -> dict[str, tuple[Any, Any]]:
    own = [field for field in fields(RunConfig) if field.name not in TABLES]
    parameters = {field.name: _parameter(field, _HELP[field.name], None) for field in own}
    for table, record in TABLES.items():
        for field in fields(record):
            parameters[field.name] = _parameter(field, TABLE_HELP[field.name], _PANELS[table])
    return parameters


def _parameter(field: Field[Any], text: str, panel: str | None) -> tuple[Any, Any]:
    if field.default is MISSING:
        raise TypeError(f"{field.name} needs a default")
    default = ",".join(field.default) if isinstance(field.default, tuple) else field.default
    help_text = text if default == "" else f"{text}  [default: {default}]"
    option = typer.Option(help=help_text, show_default=False, rich_help_panel=panel)
    return Annotated[type(default) | None, option], None
