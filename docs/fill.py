"""Writes measured figures into README.md and the pages: `python -m docs.fill`, a second.

A page quotes a figure of `docs/measured.jsonl` between two comments, which readers do not see:

    an AUC of <!-- figure shortcuts.apex_without_motion .2f -->.65<!-- end -->

After the figure's name comes the part that is meant, where it is not the value (``low``, ``high``, ``range``, ``date``,
``machine``, ``command``, or one of the figure's facts), then Python's format for the number. A zero before the point is
left out. Run it again whenever a figure was measured again; a test tells when a page is out of date.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from benchmarks.kept import Kept, read_kept

ROOT: Final = Path(__file__).parents[1]
PLACE: Final = re.compile(r"(<!-- figure ([^>]*?) -->)(.*?)(<!-- end -->)", re.DOTALL)
LAYOUT: Final = re.compile(r"[+,]*\.\d[ef%]")


def pages() -> list[Path]:
    """Return the files that may quote figures."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def filled(text: str, kept: Mapping[str, Kept]) -> str:
    """Return a page with every place filled.

    Raises:
        ValueError: A place names a figure or a part that is not there.
    """
    return PLACE.sub(lambda place: f"{place[1]}{shown(place[2], kept)}{place[4]}", text)


def shown(words: str, kept: Mapping[str, Kept]) -> str:
    """Return what a place shows: ``shown("loader.memory_growth range .1%", kept)``.

    Raises:
        ValueError: There is no such figure, or it has no such part.
    """
    name, *rest = words.split()
    if name not in kept:
        raise ValueError(f"{name} is not in docs/measured.jsonl; it has: {', '.join(sorted(kept))}")
    layout = rest.pop() if rest and LAYOUT.fullmatch(rest[-1]) else ""
    part = rest[0] if rest else "value"
    if part == "range":
        return " to ".join(shown(f"{name} {end} {layout}", kept) for end in ("low", "high"))
    value = kept[name].part(part)
    if value is None:
        raise ValueError(f"{name} has no {part}; it has: value, {', '.join(kept[name].facts)}")
    return value if isinstance(value, str) else number(value, layout)


def number(value: float, layout: str) -> str:
    """Return a number in the style of the pages: ``number(0.6471, ".2f") == ".65"``."""
    text = format(value, layout)
    if not re.search("[1-9]", text):
        text = format(abs(value), layout.lstrip("+"))  # no sign before a zero
    return re.sub(r"^([+-]?)0\.", r"\1.", text).replace("%", " %")


def main() -> None:
    """Fill all pages."""
    kept = read_kept()
    for page in pages():
        text = page.read_text(encoding="utf-8")
        page.write_text(filled(text, kept), encoding="utf-8")


if __name__ == "__main__":
    main()
