"""What is fuzzed: a reader of outside bytes, valid files for it, and a way to damage them that suits the format."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.fuzz.mutations import Material, mutated

Mutate = Callable[[Random, bytes, Material], bytes]
Read = Callable[[Path], object]


@dataclass(frozen=True, kw_only=True)
class Target:
    """A reader, or several of the same format.

    Attributes:
        file: Name of the damaged file in the folder that the readers are given.
        samples: Makes valid files; what they need beside them is put into the folder, which readers see as it is.
        readers: Called with the folder; each returns or raises an EquimeError.
        mutate: Damages a sample.
        marks: As in `Material`.
        few: Cases that every test run tries; fewer where a case takes long.
        refused: Whether a valid sample may be refused, as where the readers differ in what they take.
    """

    file: str
    samples: Callable[[Path], Sequence[bytes]]
    readers: Sequence[Read]
    mutate: Mutate = mutated
    marks: Sequence[bytes] = ()
    refused: bool = False
    few: int = 100
