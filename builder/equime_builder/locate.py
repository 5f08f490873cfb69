"""Where the dataset folder stands on this machine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from equime_builder.address import checked_url, is_url, local_path, shown
from equime_builder.digests import sha256_of_file
from equime_builder.errors import DatasetMissingError, UsageError
from equime_builder.layout import MANIFEST_FILE, RECIPE_FILE

HOME_VARIABLE: Final = "EQUIME_HOME"
DEFAULT_FOLDER: Final = "equime"

_NEXT_STEP: Final = "build one with `equime render --out DIR` (or `make demo` in a checkout), or point to one with"


def find_dataset(data_dir: str | os.PathLike[str] | None = None, *, option: str = "data_dir=DIR") -> Path:
    """Return the dataset folder: ``data_dir``, else ``$EQUIME_HOME``, else ``./equime``; absolute.

    The first of the three that was named decides: a wrong ``data_dir`` is an error, not a reason to look elsewhere.

    Args:
        option: How the caller's users name the folder, for the message.

    Raises:
        DatasetMissingError: The place does not exist, or holds no ``manifest.json``.
        UsageError: The place is a URL.
    """
    folder, named_by = dataset_place(data_dir, option=option)
    if (folder / MANIFEST_FILE).is_file():
        return folder
    raise DatasetMissingError(
        f"no EquiME dataset at {folder} ({named_by}): {_fault(folder)}; {_NEXT_STEP} {option} or {HOME_VARIABLE}=DIR"
    )


def dataset_place(data_dir: str | os.PathLike[str] | None = None, *, option: str = "data_dir=DIR") -> tuple[Path, str]:
    """Return where `find_dataset` looks, absolute, and what named the place; nothing need be there.

    Raises:
        UsageError: The place is a URL.
    """
    place, named_by = _named_place(data_dir, option.removesuffix("=DIR"))
    if is_url(place):
        raise UsageError(
            f"{shown(place)} ({named_by}) is a URL, and a folder of this machine is needed here; fetch it with: "
            f"equime pull {shown(place)} DIR"
        )
    return local_path(place).expanduser().absolute(), named_by


def dataset_url(data_dir: str | os.PathLike[str] | None = None) -> str | None:
    """Return the URL of the dataset folder where `find_dataset`'s rule names one, else ``None``.

    Raises:
        UsageError: The URL goes on after its path.
    """
    place, _ = _named_place(data_dir, "data_dir")
    return checked_url(place) if is_url(place) else None


def _named_place(data_dir: str | os.PathLike[str] | None, option: str) -> tuple[str, str]:
    if data_dir is not None:
        return os.fspath(data_dir), option
    if home := os.environ.get(HOME_VARIABLE):
        return home, f"${HOME_VARIABLE}"
    return DEFAULT_FOLDER, f"the default, as neither {option} nor ${HOME_VARIABLE} is set"


def _fault(folder: Path) -> str:
    if not folder.exists():
        return "there is no such folder"
    if not folder.is_dir():
        return "it is not a folder"
    if (folder / "pyproject.toml").is_file() and (folder / "equime_dataset.py").is_file():
        return f"it is a checkout of the EquiME project, not data ({MANIFEST_FILE} is missing)"
    if (folder / RECIPE_FILE).is_file():
        return f"it is a recipe release without clips; make them with `equime regenerate {folder} --faces SOURCE`"
    if (folder / DEFAULT_FOLDER / MANIFEST_FILE).is_file():
        return f"{MANIFEST_FILE} is missing, but {folder / DEFAULT_FOLDER} has one"
    return f"{MANIFEST_FILE} is missing, so it was not built by EquiME or its build was never finished"


def content_key(folder: Path) -> str:
    """Return 64 hex digits that change whenever the manifest, and so any shard's hash, changes."""
    return sha256_of_file(folder / MANIFEST_FILE)
