"""CelebA-HQ: photos of celebrities at 1024 x 1024, with attributes that other people judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from equime_builder.errors import UsageError
from equime_builder.licenses import NOT_TO_BE_PASSED_ON
from equime_builder.records import Demographics
from equime_generation.sources.celeba_attributes import MALE, YOUNG, absent_complaint, read_attributes
from equime_generation.sources.celeba_identity import read_identities
from equime_generation.sources.images import checked_root, images_in, in_number_order, printable
from equime_generation.sources.photo import Photo

IMAGE_FOLDER: Final = "CelebA-HQ-img"
LICENSE: Final = f"CelebA-HQ: non-commercial research only, {NOT_TO_BE_PASSED_ON}"
DECLARED_BY: Final = "CelebA-HQ attribute annotation (binary, judged by other people)"


def open_celeba_hq(argument: str) -> list[Photo]:
    """Return the photos of a CelebA-HQ folder, by number.

    Photos lie in ``CelebA-HQ-img`` or in the folder itself. The attribute file must be there: photos that break a
    condition of `MUST_BE_ABSENT` are left out with the reason, ``Male`` and ``Young`` become the declared gender and
    age group. Where an identity file is there, all photos of a person share one subject; else each photo is its own.

    Args:
        argument: The folder.

    Raises:
        UsageError: The folder or one of its tables cannot be used.

    Source: Lee et al., "MaskGAN" (2020), arXiv 1907.11922, whose distribution this layout and these terms are.
    """
    root = checked_root("celeba-hq", argument)
    folder = root / IMAGE_FOLDER if (root / IMAGE_FOLDER).is_dir() else root
    paths = sorted(images_in(folder), key=in_number_order)
    attributes = read_attributes(root)
    if paths and not any(path.stem in attributes for path in paths):
        raise UsageError(
            f"no photo of celeba-hq:{argument} has a row in the attribute file: the first photo is {paths[0].name!r}, "
            f"the first row {next(iter(attributes), '')!r}; keep the names as distributed"
        )
    subjects = _subject_ids(paths, attributes, read_identities(root))
    return [_photo(path, folder, attributes.get(path.stem), subjects.get(path.stem)) for path in paths]


def _subject_ids(
    paths: Sequence[Path], attributes: Mapping[str, frozenset[str]], identities: Mapping[str, str] | None
) -> dict[str, str]:
    stems = [path.stem for path in paths if path.stem in attributes]
    if identities is None:
        return {stem: f"celeba-hq-{stem}" for stem in stems if stem.isascii() and stem.isdigit()}
    unnamed = [stem for stem in stems if stem not in identities]
    if unnamed:
        more = f" and {len(unnamed) - 5} more" if len(unnamed) > 5 else ""
        raise UsageError(
            f"the identity file lacks photos {', '.join(unnamed[:5])}{more}, and one person must not stand as two; "
            "complete it, or remove it to take each photo for a person"
        )
    return {stem: f"celeba-hq-p{identities[stem]}" for stem in stems}


def _photo(path: Path, folder: Path, present: frozenset[str] | None, subject_id: str | None) -> Photo:
    return Photo(
        name=printable(path.name),
        content=path,
        subject_id=subject_id,
        demographics=Demographics() if present is None else _demographics(present),
        source="celeba-hq",
        license=LICENSE,
        root=folder,
        left_out="the attribute file has no row for it" if present is None else absent_complaint(present),
    )


def _demographics(present: frozenset[str]) -> Demographics:
    return Demographics(
        gender="male" if MALE in present else "female",
        age_group="young" if YOUNG in present else "not young",
        source=DECLARED_BY,
    )
