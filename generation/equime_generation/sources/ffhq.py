"""Flickr-Faces-HQ: 1024 x 1024 faces from Flickr, each under the licence that its author chose."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from equime_builder.errors import UsageError
from equime_builder.records import Demographics
from equime_generation.sources.images import checked_root, images_below, in_number_order, printable
from equime_generation.sources.photo import UNDECLARED_LICENSE, Photo
from equime_generation.sources.text import read_text

METADATA_FILE: Final = "ffhq-dataset-v2.json"
IMAGE_FOLDERS: Final[tuple[str, ...]] = ("images1024x1024", "thumbnails128x128")
MAX_METADATA_BYTES: Final = 512 * 2**20
LICENSES: Final[Mapping[str, str]] = {
    "creativecommons.org/licenses/by/2.0": "CC BY 2.0",
    "creativecommons.org/licenses/by-nc/2.0": "CC BY-NC 2.0",
    "creativecommons.org/publicdomain/mark/1.0": "Public Domain Mark 1.0",
    "creativecommons.org/publicdomain/zero/1.0": "CC0 1.0",
    "www.usa.gov/copyright.shtml": "US Government Work",
}
"""Address of each licence in the metadata, without scheme and last slash, to its name. Source: FFHQ's README."""

_KEPT: Final = frozenset({"metadata", "license_url"})


def open_ffhq(argument: str) -> list[Photo]:
    """Return the photos of an FFHQ folder, by number; each shows a person of its own.

    They are looked for below ``images1024x1024``, else below ``thumbnails128x128`` (which the gate refuses, their
    faces are too small), else in the whole folder. Nothing about the people is declared. From ``ffhq-dataset-v2.json``
    only the licence is taken; the author's name stays there, under the number that the subject is called by.

    Args:
        argument: The folder.

    Raises:
        UsageError: The folder or its metadata cannot be used.

    Source: Karras et al., "A style-based generator architecture for generative adversarial networks" (2019),
    arXiv 1812.04948.
    """
    root = checked_root("ffhq", argument)
    folder = next((root / name for name in IMAGE_FOLDERS if (root / name).is_dir()), root)
    licenses = _read_licenses(root / METADATA_FILE)
    return [_photo(path, folder, licenses) for path in sorted(images_below(folder), key=in_number_order)]


def _photo(path: Path, folder: Path, licenses: Mapping[int, str]) -> Photo:
    number = _number(path.stem)
    return Photo(
        name=printable(path.relative_to(folder).as_posix()),
        content=path,
        subject_id=None if number is None else f"ffhq-{number:05d}",
        demographics=Demographics(),
        source="ffhq",
        license=UNDECLARED_LICENSE if number is None else licenses.get(number, UNDECLARED_LICENSE),
        root=folder,
    )


def _read_licenses(path: Path) -> dict[int, str]:
    if not path.exists():
        return {}
    try:
        content = json.loads(read_text(path, MAX_METADATA_BYTES), object_pairs_hook=_pruned)
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise UsageError(f"{path.name} is no JSON: {reason}; get the file as distributed") from None
    if not isinstance(content, dict):
        raise UsageError(f"{path.name} must hold an object with an entry a photo; get the file as distributed")
    numbered = ((_number(name), entry) for name, entry in content.items())
    return {number: _license(entry) for number, entry in numbered if number is not None}


def _pruned(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # 255 MB of landmarks and addresses would take ten times that as objects; what is not kept is freed at once
    return {name: value for name, value in pairs if name in _KEPT or _number(name) is not None}


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch("[0-9]{1,9}", text) else None


def _license(entry: object) -> str:
    metadata = entry.get("metadata") if isinstance(entry, dict) else None
    url = metadata.get("license_url") if isinstance(metadata, dict) else None
    if not isinstance(url, str):
        return UNDECLARED_LICENSE
    return LICENSES.get(url.partition("://")[2].rstrip("/"), UNDECLARED_LICENSE)
