"""The card's section about reviews, and the same section brought up to date after the card was written."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from equime_builder.card_prose import figure, share, table
from equime_builder.errors import DatasetError
from equime_builder.layout import CARD_FILE
from equime_builder.publish import publish_text
from equime_builder.reviewed import Reviewed, reviewed

_TITLE: Final = "## Reviews by people"
_SECTION: Final = re.compile(rf"^{_TITLE}$.*?(?=^## )", re.MULTILINE | re.DOTALL)


def review_section(found: Reviewed) -> str:
    """Return the section; it counts, and names nobody."""
    if not found.reviews:
        return f"{_TITLE}\n\nNot reviewed: nobody has said yet whether these clips look as they should."
    kappa = "not defined" if found.kappa is None else f"{figure(found.kappa)}, over {found.shared} clips"
    rows = [
        ["clips reviewed", str(found.clips)],
        ["accepted by most of their reviewers", share(found.accepted, found.clips)],
        ["rejected by most of their reviewers", share(found.rejected, found.clips)],
        ["tied", str(found.tied)],
        ["reviewers", str(found.reviewers)],
        ["reviews that did not see the plan", share(found.blind, found.reviews)],
        ["agreement on the decision (Fleiss' kappa)", kappa],
    ]
    return f"""\
{_TITLE}

Clips that were drawn as a sample and looked at; what each reviewer said stays with whoever made the dataset.

{table(["figure", "value"], rows)}"""


def recount(root: Path, to: Path | None = None) -> bool:
    """Count the reviews anew on a dataset folder's card; nothing else of it changes.

    Args:
        to: Folder for the new card; ``None`` = in place of the old one.

    Returns:
        Whether a card was written: not where it counts them already, has no such section, or is not there.

    Raises:
        DatasetError: The reviews, the plans or the card are damaged.
        OutputError: The place cannot be written.
    """
    path = root / CARD_FILE
    if not path.is_file():
        return False
    try:
        before = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{CARD_FILE}: cannot be read; run equime verify {root}") from error
    section = f"{review_section(reviewed(root))}\n\n"
    after = _SECTION.sub(lambda _: section, before, count=1)
    if after == before:
        return False
    publish_text((to or root) / CARD_FILE, after)
    return True
