"""Teaches `datasets` a short name for a dataset folder, as it has no plug-ins of its own (5.2).

`datasets.load.dataset_module_factory` turns a name into a builder; it is replaced by one that answers for our name
and hands every other call on unchanged. The rest stays stock: the card's YAML names configurations and files.
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from equime_builder.card_reading import check_card
from equime_builder.errors import DatasetError
from equime_builder.layout import CARD_FILE
from equime_builder.locate import content_key, dataset_url, find_dataset
from equime_builder.manifest import read_manifest
from equime_builder.store import open_store
from equime_builder.store_copy import skeleton_of

if TYPE_CHECKING:
    from datasets.load import DatasetModule

_NEXT_STEP: Final = "download the dataset again, or run equime render once more on this folder"


def register(name: str, *, builder_module: str) -> None:
    """Make ``load_dataset(name, ...)`` open the folder that `find_dataset` finds; a second call changes nothing.

    Args:
        name: What users pass to ``load_dataset``.
        builder_module: Importable module that defines the builder class, so that worker processes find it too.
    """
    import datasets.inspect
    import datasets.load

    stock = datasets.load.dataset_module_factory
    if name in getattr(stock, "registered", ()):
        return
    signature = inspect.signature(stock)

    @functools.wraps(stock)
    def dataset_module_factory(*args: Any, **options: Any) -> DatasetModule:
        given = signature.bind(*args, **options).arguments
        if given["path"] != name:
            return stock(*args, **options)
        return module_of(given.get("data_dir"), name=name, builder_module=builder_module, files=given.get("data_files"))

    dataset_module_factory.registered = (name, *getattr(stock, "registered", ()))  # type: ignore[attr-defined]
    datasets.load.dataset_module_factory = dataset_module_factory
    datasets.inspect.dataset_module_factory = dataset_module_factory


def module_of(
    data_dir: str | os.PathLike[str] | None, *, name: str, builder_module: str, files: Any = None
) -> DatasetModule:
    """Return what `datasets` needs to build from a dataset folder, on this machine or behind a URL.

    Args:
        data_dir: As for `find_dataset`, or a URL.
        name: Names the cache folder.
        builder_module: Module of a builder class derived from the stock Parquet builder.
        files: As ``data_files`` of ``load_dataset``, relative to the folder.

    Raises:
        DatasetMissingError: There is no dataset.
        DatasetError: The manifest is damaged or of another schema version, or the card names no configuration.
        TransferError: Another machine does not deliver manifest and card.
    """
    url = dataset_url(data_dir)
    if url is None:
        return folder_module(find_dataset(data_dir), name=name, builder_module=builder_module, data_files=files)
    with TemporaryDirectory(prefix="equime-names-") as scratch:
        # the stock factory looks at names and the card alone, and on this machine alone
        skeleton = skeleton_of(open_store(url), Path(scratch) / name)
        module = folder_module(skeleton, name=name, builder_module=builder_module, data_files=files)
    return dataclasses.replace(module, builder_kwargs={**module.builder_kwargs, "base_path": url})


def folder_module(folder: Path, *, name: str, builder_module: str, data_files: Any = None) -> DatasetModule:
    """Return what `datasets` needs to build from a dataset folder.

    The stock local-directory factory reads the card. Its cache key covers file patterns but not file contents, so
    the manifest's hash is mixed in: shards that were rendered anew are never served from an old cache.

    Args:
        folder: A dataset folder, absolute.
        name: Names the cache folder.
        builder_module: Module of a builder class derived from the stock Parquet builder.
        data_files: As for ``load_dataset``, relative to ``folder``.

    Raises:
        DatasetError: The manifest is damaged or of another schema version, or the card names no configuration, or files
            outside the folder.
    """
    from datasets.fingerprint import Hasher
    from datasets.load import LocalDatasetModuleFactory

    read_manifest(folder)
    check_card(folder)
    try:
        module = LocalDatasetModuleFactory(str(folder), data_files=data_files).get_module()
    except (OSError, ValueError, LookupError, TypeError) as error:
        reason = " ".join(str(error).split())
        raise DatasetError(f"{folder}: no data files as {CARD_FILE} names them: {reason:.200}; {_NEXT_STEP}") from error
    if not module.builder_configs_parameters.metadata_configs:
        raise DatasetError(f"{folder}: {CARD_FILE} is missing or names no configuration; {_NEXT_STEP}")
    # data_dir has named the folder already; left in place, datasets would look for it inside the folder
    located = {**module.builder_kwargs, "base_path": str(folder), "dataset_name": name, "data_dir": None}
    changes: dict[str, Any] = {
        "hash": Hasher.hash((module.hash, content_key(folder))),
        "builder_kwargs": located,
    }
    if module.module_path == "datasets.packaged_modules.parquet.parquet":
        changes |= {"module_path": builder_module, "builder_configs_parameters": _own(module, builder_module)}
    return dataclasses.replace(module, **changes)


def _own(module: DatasetModule, builder_module: str) -> Any:
    """Return the card's configurations as instances of the builder's own configuration class."""
    from datasets.load import import_main_class

    own = import_main_class(builder_module).BUILDER_CONFIG_CLASS
    parameters = module.builder_configs_parameters
    configs = [own(**_fields(config)) for config in parameters.builder_configs]
    return dataclasses.replace(parameters, builder_configs=configs)


def _fields(config: Any) -> dict[str, Any]:
    return {field.name: getattr(config, field.name) for field in dataclasses.fields(config)}
