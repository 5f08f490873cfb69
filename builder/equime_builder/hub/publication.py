"""What ``croissant.json`` says once a dataset has an address: where it is, who answers for it, and since when."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from equime_builder.errors import DatasetError
from equime_builder.json_text import parse_json
from equime_builder.layout import CROISSANT_FILE
from equime_builder.publish import publish_text

if TYPE_CHECKING:
    from huggingface_hub import HfApi


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """Where a dataset is published.

    Attributes:
        url: Its page.
        creator: Who answers for it, in the words of whoever pushes.
        created: When its repository was made; ``None`` where the Hub does not say.
    """

    url: str
    creator: str
    created: datetime | None

    def fields(self) -> dict[str, Any]:
        """Return the fields of schema.org that say so."""
        creator = {"@type": "sc:Organization", "name": self.creator}
        # the repository's day: pushed again, an unchanged dataset stays the same to the byte
        day = {} if self.created is None else {"datePublished": self.created.date().isoformat()}
        return {"url": self.url, "creator": creator, **day}


def publication_of(hub: HfApi, repo: str, created: datetime | None, creator: str | None) -> Publication:
    """Return what is known of a repository; its account answers for it where nobody else is named."""
    account = repo.partition("/")[0]
    return Publication(url=f"{hub.endpoint}/datasets/{repo}", creator=creator or account, created=created)


def with_publication(croissant: Path, publication: Publication, scratch: Path) -> Path:
    """Write a description that also says where the dataset is published, and return its place in ``scratch``.

    Raises:
        DatasetError: The description is damaged.
    """
    try:
        found = parse_json(croissant.read_bytes())
        if not isinstance(found, dict):
            raise ValueError("it is no description of a dataset")
        text = json.dumps(found | publication.fields(), indent=2, ensure_ascii=False, allow_nan=False)
    except (OSError, ValueError, RecursionError) as error:
        raise DatasetError(f"{CROISSANT_FILE} cannot be read: {error}; run equime verify --repair") from error
    return publish_text(scratch / f"published-{CROISSANT_FILE}", text + "\n")
