"""What a loader asks for and a folder lacks is made before it loads; only `equime_dataset.load_equime` calls this."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from equime_builder.facs import EMOTIONS
from equime_builder.layout import MANIFEST_FILE, RECIPE_FILE
from equime_builder.manifest import read_manifest
from equime_generation.config_file import read_config
from equime_generation.extension import extend_dataset
from equime_generation.regeneration import Means, regenerate
from equime_generation.run import render_dataset

if TYPE_CHECKING:
    from equime_generation.progress import Watch


def make_missing(folder: Path, name: str, *, faces: str | None, watch: Watch) -> None:
    """Make what is not there: a dataset, an emotion of it, shards that were lost, or the clips of a recipe release.

    Args:
        folder: Where the dataset is, or shall be.
        name: Configuration that will be loaded.
        faces: Source of the photos; ``None`` = where the dataset has them from, for a new one ``openpeople``.

    Raises:
        UsageError: The folder holds something else, or the photos are needed and no source was named.
        PhotoError: A photo is missing or has changed, or none passed the gate.
        OutputError: The folder cannot be written.
    """
    given = {} if faces is None else {"faces": faces}
    wanted = {"emotions": [name]} if name in EMOTIONS else {}
    if not (folder / MANIFEST_FILE).exists() and not (folder / RECIPE_FILE).exists():
        render_dataset(read_config(None, {**given, **wanted, "out": str(folder)}), watch)
        return
    if not (folder / MANIFEST_FILE).exists() or _lacks_files(folder):
        regenerate(folder, [], Means(sources=tuple(given.values())), watch)
    manifest = read_manifest(folder)
    if wanted and name not in manifest.counts:
        extend_dataset(read_config(None, {**manifest.config, **given, **wanted, "out": str(folder)}), watch)


def _lacks_files(folder: Path) -> bool:
    return not all((folder / entry.path).is_file() for entry in read_manifest(folder).files)
