"""Figures that the documentation quotes: `docs/measured.jsonl`, one JSON object a line, sorted by name.

`python -m benchmarks.run GROUP --keep` replaces those of a group; `python -m docs.fill` writes them into the pages.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Final

from benchmarks.figures import Figure

MEASURED: Final = Path(__file__).parents[1] / "docs" / "measured.jsonl"
DIGITS: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A figure, and how to measure it again.

    ``name`` is group and figure, ``quality.against_published_loop``; ``low`` and ``high`` bound its interval; ``facts``
    are other numbers of the same measurement; ``machine`` is in general words; ``date`` is the day in UTC, as ISO 8601.
    """

    name: str
    value: float
    unit: str
    command: str
    machine: str
    date: str
    low: float | None = None
    high: float | None = None
    facts: Mapping[str, float] = field(default_factory=dict)

    def part(self, name: str) -> float | str | None:
        """Return a field or a fact; ``None`` where there is none of that name."""
        return self.facts[name] if name in self.facts else getattr(self, name, None)


def read_kept(path: Path = MEASURED) -> dict[str, Kept]:
    """Return all figures by name."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return {one.name: one for one in (Kept(**json.loads(line)) for line in lines)}


def keep(group: str, figures: Iterable[Figure], path: Path = MEASURED) -> None:
    """Put the figures of a group, measured today on this machine, in the place of those that were kept before."""
    others = [one for name, one in read_kept(path).items() if name.partition(".")[0] != group]
    write_kept([*others, *(_kept(group, figure) for figure in figures)], path)


def write_kept(kept: Iterable[Kept], path: Path = MEASURED) -> None:
    """Write all figures, in the order of their names."""
    lines = (_line(one) for one in sorted(kept, key=lambda one: one.name))
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _kept(group: str, figure: Figure) -> Kept:
    return Kept(
        name=f"{group}.{figure.name.removeprefix(group + '_')}",
        value=figure.value,
        unit=figure.unit,
        low=figure.low,
        high=figure.high,
        facts=figure.facts,
        command=f"make bench ONLY={group}",
        machine=f"{_card() if group == 'gpu' else ''}{os.cpu_count()} cores, {platform.system()} {platform.machine()}",
        date=datetime.now(timezone.utc).date().isoformat(),
    )


def _card() -> str:
    """Return the name of the GPU that figures were measured on, before a comma."""
    from equime_generation.renderers.ltx.device import device_name

    return f"{device_name('cuda')}, "


def _line(kept: Kept) -> str:
    fields = {key: value for key, value in asdict(kept).items() if value not in (None, {})}
    return json.dumps(_rounded(fields))


def _rounded(value: object) -> object:
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value
