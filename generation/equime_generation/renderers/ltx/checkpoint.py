"""Which checkpoint a person named: a folder, a single file or a repository of the Hub, found and checked before use."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from equime_builder.errors import UsageError
from equime_generation.renderers.ltx.families import FAMILIES, Family, recognise
from equime_generation.renderers.ltx.faults import CheckpointError
from equime_generation.renderers.ltx.fingerprint import fingerprint
from equime_generation.renderers.ltx.hub import is_hub_id, snapshot
from equime_generation.renderers.ltx.layout import Shape, check_pipeline, check_shape, check_text, weights_of
from equime_generation.renderers.ltx.own_settings import SETTINGS_NAME, own_family
from equime_generation.renderers.ltx.single_file import check_file, text_folder

if TYPE_CHECKING:
    from equime_generation.renderers.ltx.settings import LtxSettings

_PARTS: Final[tuple[str, ...]] = ("transformer", "vae", "text_encoder")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A checkpoint that can be loaded.

    Attributes:
        model: How a recipe names it: the repository, or the name of the folder or file without its place.
        revision: The repository's commit, or a fingerprint of the files.
        folder: Its parts in diffusers' layout; for a single file those that the file lacks.
        file: The single file, else ``None``.
        shape: Its dimensions.
        family: How it wants to be run.
        text_identity: Names the text encoder and the tokenizer among all others.
    """

    model: str
    revision: str
    folder: Path
    file: Path | None
    shape: Shape
    family: Family
    text_identity: str


def find_checkpoint(settings: LtxSettings) -> Checkpoint:
    """Find and check the checkpoint that settings name.

    Raises:
        UsageError: The settings name none, or a moving revision.
        CheckpointError: It is missing, broken, unsafe or of another family.
    """
    if not settings.model:
        raise UsageError(
            "the ltx renderer needs a model: --model FOLDER (diffusers' layout), FILE.safetensors, or "
            "OWNER/NAME with --revision COMMIT; docs/ltx.md says which there are and under which licence"
        )
    place = Path(settings.model).expanduser()
    if not place.exists() and is_hub_id(settings.model):
        return _on_hub(settings.model, settings.revision)
    if settings.revision:
        raise UsageError(f"revision belongs to a repository of the Hub, and {place} is none; leave it out")
    if place.is_dir():
        return _of_folder(place)
    if place.is_file():
        return _of_file(place)
    raise CheckpointError(
        f"there is no model {settings.model!r:.200}; name a folder in diffusers' layout, a .safetensors file, or a "
        "repository of the Hub as OWNER/NAME"
    )


def _on_hub(model: str, revision: str) -> Checkpoint:
    folder = snapshot(model, revision, check_folder)
    shape = check_folder(folder)
    return Checkpoint(
        model=model,
        revision=revision,
        folder=folder,
        file=None,
        shape=shape,
        family=_family(folder, model, shape),
        text_identity=f"{model}@{revision}",
    )


def _of_folder(folder: Path) -> Checkpoint:
    shape = check_folder(folder)
    weights = {part: weights_of(folder / part) for part in _PARTS}
    return Checkpoint(
        model=folder.resolve().name,
        revision=fingerprint([path for files in weights.values() for path in files], root=folder),
        folder=folder,
        file=None,
        shape=shape,
        family=_family(folder, folder.resolve().name, shape),
        text_identity=_text_identity(folder),
    )


def _of_file(file: Path) -> Checkpoint:
    folder = text_folder(file)
    shape = check_shape(folder)
    check_file(file, shape)
    check_text(folder, shape)
    text = _text_identity(folder)
    return Checkpoint(
        model=file.name,
        revision=fingerprint([file, *weights_of(folder / "text_encoder")], root=file.parent),
        folder=folder,
        file=file,
        shape=shape,
        family=_family(file.parent, file.name, shape),
        text_identity=text,
    )


def check_folder(folder: Path) -> Shape:
    """Return the dimensions of a pipeline in diffusers' layout, all of whose parts are there.

    Raises:
        CheckpointError: It is something else, or not whole.
    """
    check_pipeline(folder)
    shape = check_shape(folder)
    check_text(folder, shape)
    for part in _PARTS:
        weights_of(folder / part)
    return shape


def _text_identity(folder: Path) -> str:
    tokenizer = [path for path in (folder / "tokenizer").iterdir() if path.is_file()]
    return fingerprint([*weights_of(folder / "text_encoder"), *tokenizer], root=folder)


def _family(folder: Path, name: str, shape: Shape) -> Family:
    family = own_family(folder) or recognise(name, shape.layers)
    if family is None:
        raise CheckpointError(
            f"{name} ({shape.layers} blocks) does not tell of which family it is; put {SETTINGS_NAME} beside it, such "
            f'as {{"family": "2b-0.9.8-distilled"}}; choose from: {", ".join(FAMILIES)}'
        )
    return family
