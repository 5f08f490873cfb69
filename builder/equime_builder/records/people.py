"""Records of people: what was declared, who passed the gate, and where their clips go."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

SplitName = Literal["train", "validation", "test"]
DEVICE_NAMES: Final = frozenset(
    ("con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10)))
)
"""Names that Windows keeps for devices: no file can be called so there, whatever its suffix."""
_ID: Final = re.compile("[a-z0-9][a-z0-9-]*")
SPLITS: Final[tuple[SplitName, SplitName, SplitName]] = ("train", "validation", "test")


@dataclass(frozen=True, slots=True, kw_only=True)
class Demographics:
    """What somebody *declared* about a person; ``None`` where nobody did. Estimates never stand here.

    Attributes:
        gender: ``"female"``, ``"male"`` or another declared word, lower case.
        age: Years.
        age_group: As declared, for example ``"35-45"``.
        ethnicity: As declared; text such as ``"45% Middle Eastern, 55% North African"`` stays text.
        ethnicity_distribution: The same in numbers: group and share (0-1) pairs.
        skin_tone: Fitzpatrick type in Roman numerals, ``"I"`` to ``"VI"``, as declared.
        source: Who declared it, for example ``"openpeople 0.1.2 metadata"``.
    """

    gender: str | None = None
    age: float | None = None
    age_group: str | None = None
    ethnicity: str | None = None
    ethnicity_distribution: tuple[tuple[str, float], ...] = ()
    skin_tone: str | None = None
    source: str = "undeclared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A person whose photo passed the gate.

    Attributes:
        id: Lower-case name made of letters, digits and hyphens, no hyphen first; unique in a dataset, and none of
            `DEVICE_NAMES`.
        source: Where the photo came from, for example ``"openpeople"``; never a path of the user's machine.
        source_sha256: Hash of the photo file's bytes.
        source_license: Licence of the photo as its source states it.
        skin_ita: Individual typology angle measured on the aligned photo, in degrees; ``None`` = not measured.
    """

    id: str
    demographics: Demographics
    source: str
    source_sha256: str
    source_license: str
    skin_ita: float | None = None

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise ValueError(f"a subject id is made of a-z, 0-9 and '-', and begins with no '-', got {self.id!r:.80}")
        if self.id in DEVICE_NAMES:
            raise ValueError(f"a subject id names files, and none can be called {self.id!r} on Windows; take another")


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where a subject's clips go: one split, and one of five folds for cross-validation."""

    split: SplitName
    fold: int

    def __post_init__(self) -> None:
        if self.split not in SPLITS:
            raise ValueError(f"split must be one of {SPLITS}, got {self.split!r}")
        if not 0 <= self.fold <= 4:
            raise ValueError(f"fold must lie in 0-4, got {self.fold}")
