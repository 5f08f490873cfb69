"""What a datasheet has to know of a folder."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from equime_builder.layout import PLAN_FILE, REJECTS_FILE, SUBJECTS_FILE
from equime_builder.licenses import may_be_passed_on
from equime_builder.manifest import Manifest
from equime_builder.summary import Summary
from equime_builder.tables import read_rejects, read_subjects


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Figures of a folder.

    Attributes:
        planned: Clips planned, of one event and of several.
        dropped: Clips that were planned and not kept, by reason.
        refused: Photos that were not used, by reason.
        licences: Of the photos of everybody in the dataset.
    """

    manifest: Manifest
    summary: Summary
    planned: int
    dropped: Counter[str]
    refused: Counter[str]
    licences: tuple[str, ...]

    @property
    def kept(self) -> int:
        """Clips in the folder, of one event and of several."""
        return self.summary.clips + sum(self.manifest.spotting.values())

    @property
    def held_back(self) -> tuple[str, ...]:
        """Licences of photos under which clips must not be passed on."""
        return tuple(name for name in self.licences if may_be_passed_on(name) is False)

    @property
    def unclear(self) -> tuple[str, ...]:
        """Licences of photos that do not say whether clips may be passed on."""
        return tuple(name for name in self.licences if may_be_passed_on(name) is None)


def facts_of(root: Path, manifest: Manifest, summary: Summary) -> Facts:
    """Return the figures of a folder.

    Raises:
        DatasetError: A side table is missing or damaged.
    """
    people = read_subjects(root / SUBJECTS_FILE).values()
    rejects = list(read_rejects(root / REJECTS_FILE))
    return Facts(
        manifest=manifest,
        summary=summary,
        planned=sum(entry.rows for entry in manifest.files if entry.path == PLAN_FILE),
        dropped=Counter(reject.reason for reject in rejects if reject.kind == "clip" and reject.final),
        refused=Counter(reject.reason for reject in rejects if reject.kind == "photo"),
        licences=tuple(sorted({*summary.names["source_license"], *(one.source_license for one, _ in people)})),
    )
