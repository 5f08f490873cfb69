"""One thing looked at, and how it is tried."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from time import monotonic
from typing import Any

from equime_builder.errors import EquimeError


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing looked at.

    Attributes:
        ok: Whether it is there and works.
        needed: Whether rendering with the default renderer needs it.
        detail: Version or finding.
        remedy: What to do where it is missing.
        duration_s: How long the trial took; ``None`` = nothing was tried.
    """

    name: str
    ok: bool
    needed: bool
    detail: str
    remedy: str = ""
    duration_s: float | None = None

    @property
    def verdict(self) -> str:
        """One word for the table."""
        return "ok" if self.ok else "missing" if self.needed else "not here"

    def as_json(self) -> dict[str, Any]:
        """Return the check for programs."""
        return asdict(self)


def tried(name: str, trial: Callable[[], str], *, needed: bool) -> Check:
    """Return what came of a trial.

    Args:
        trial: Returns what it found; raises what a user can act on.
    """
    start_s = monotonic()
    try:
        ok, detail, remedy = True, trial(), ""
    except (EquimeError, ImportError, OSError) as error:
        ok, detail, remedy = False, "does not work here", " ".join(str(error).split())
    duration_s = round(monotonic() - start_s, 2)
    return Check(name=name, ok=ok, needed=needed, detail=detail, remedy=remedy, duration_s=duration_s)
