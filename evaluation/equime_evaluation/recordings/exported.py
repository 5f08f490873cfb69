"""An export of EquiME in another set's layout shows EquiME's people, whatever the layout calls them."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path
from typing import Final

from equime_builder.errors import DatasetError
from equime_builder.export.key import KEY_FILE
from equime_evaluation.recordings.equime import DATASET
from equime_evaluation.recordings.recording import Listing, Recording

_LARGEST_BYTES: Final = 2**28


def with_own_people(root: Path, listing: Listing) -> Listing:
    """Return a listing whose people are named by the key of the export that the folder is; others stay as they are.

    Whoever trains on EquiME and tests on an export of it would test on the people trained on; named alike, they are
    found out.

    Raises:
        DatasetError: The key does not name all people.
    """
    path = root / KEY_FILE
    if not path.is_file():
        return listing
    people = _people(path)
    return replace(listing, recordings=tuple(_renamed(item, people) for item in listing.recordings))


def _people(path: Path) -> dict[tuple[str, str], str]:
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise DatasetError(f"{KEY_FILE}: over {_LARGEST_BYTES} bytes; export the dataset again")
        lines = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8", errors="replace")))
        return {(line.get("subject", ""), line.get("filename", "")): line.get("subject_id", "") for line in lines}
    except (OSError, csv.Error) as error:
        raise DatasetError(f"{KEY_FILE} cannot be read: {error}; export the dataset again") from error


def _renamed(item: Recording, people: dict[tuple[str, str], str]) -> Recording:
    # the layout of CASME II writes a subject as sub01 in folders and 1 in its sheet
    names = (item.subject, f"sub{item.subject}")
    found = next((people[name, item.name] for name in names if people.get((name, item.name))), None)
    if found is None:
        raise DatasetError(f"{KEY_FILE} does not say who {item.id} is; export the dataset again")
    return replace(item, dataset=DATASET, subject=found)
