"""What is wrong with a dataset, one record for each fault."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

RULES: Final[dict[str, str]] = {
    "manifest": "restore manifest.json from where the dataset came from, or render the dataset anew",
    "missing": "download the file again, or make it anew with equime verify --repair",
    "outside": "replace the link by the file itself; a download with --local-dir holds real files",
    "unlisted": "move the file out of the folders of clips and of true motion; load_dataset would read it as clips",
    "leftover": "remove the file; a run that was killed left it, and the next run sweeps it",
    "size": "the file is cut off or was changed: download it again, or make it anew with equime verify --repair",
    "hash": "a byte was changed: download the file again, or make it anew with equime verify --repair",
    "unreadable": "download the file again, or make it anew with equime verify --repair",
    "schema": "use the version of equime that wrote the file, or render the dataset anew",
    "values": "do not use the file: render the dataset anew, or download it from those who made it",
    "rows": "the file and the manifest disagree: download both again, or render the dataset anew",
    "id": "render the dataset anew; an id names one clip only",
    "subject": "restore subjects.parquet from where the dataset came from",
    "split": "move the subject's rows into one split, or render the dataset anew; a leak spoils every test",
    "emotion": "move the row to the file of its emotion, or render the dataset anew",
    "events": "drop the row or render the clip again; events follow one another",
    "questions": "derive the questions anew from the clips with equime verify --repair",
    "paper": "write the papers anew with equime verify --repair",
    "tar": "write the WebDataset shards anew with equime verify --repair",
    "twin": "write the WebDataset shards anew with equime verify --repair",
    "clip-format": "drop the row or render the clip again; clips are 144 frames of 512 x 512 at 24 a second in H.264",
    "clip-hash": "make the shard anew with equime verify --repair; the bytes are not those that were written",
    "clip-decode": "make the shard anew with equime verify --repair",
    "measured": "the clip does not show what its row says: make the shard anew with equime verify --repair",
}
"""Each rule and what to do where it is broken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fault.

    Attributes:
        file: Path relative to the dataset folder.
        rule: Name of the broken rule, a key of `RULES`.
        detail: What was found.
        next_step: What to do about it.
    """

    file: str
    rule: str
    detail: str
    next_step: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "next_step", RULES[self.rule])
