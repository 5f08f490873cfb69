"""The default faces: ten synthetic people from the ``openpeople`` package (MIT); none of them exists."""

from __future__ import annotations

import json
from importlib import metadata
from pathlib import Path

from equime_builder.errors import UsageError, need
from equime_builder.records import Demographics
from equime_generation.sources.declared import parse_fitzpatrick, parse_shares
from equime_generation.sources.photo import Photo


def open_openpeople(argument: str = "") -> list[Photo]:
    """Return the studio portraits of the ten synthetic people, in order of their numbers.

    Args:
        argument: Must be empty; the source takes none.

    Raises:
        MissingExtraError: The package is not installed.
        UsageError: An argument was given.
    """
    if argument:
        raise UsageError(f"source openpeople takes no argument, got {argument!r}; write: openpeople")
    version = metadata.version("openpeople") if need("openpeople", extra="render") else ""
    # Located through the distribution's own files, so that the package's pydantic models need not be imported.
    root = Path(str(metadata.distribution("openpeople").locate_file("openpeople/data/curated")))
    return [_photo(folder, version) for folder in sorted(root.glob("P[0-9]*"))]


def _photo(folder: Path, version: str) -> Photo:
    return Photo(
        name=folder.name,
        content=folder / "assets" / "studio_portrait.jpg",
        subject_id=f"openpeople-{folder.name.lower()}",
        demographics=_demographics(folder / "metadata.json", version),
        source="openpeople",
        license="MIT",
    )


def _demographics(path: Path, version: str) -> Demographics:
    declared = json.loads(path.read_text(encoding="utf-8"))["character_details"]["demographics"]
    return Demographics(
        gender=declared["sex"].lower(),
        age_group=declared["age_range"],
        ethnicity=declared["ethnicity"],
        ethnicity_distribution=parse_shares(declared["ethnicity"]),
        skin_tone=parse_fitzpatrick(declared["skin_tone"]),
        source=f"openpeople {version} metadata",
    )
