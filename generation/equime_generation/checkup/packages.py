"""Packages by the extra that brings them, as the installed distribution itself lists them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from typing import TYPE_CHECKING, Final

from equime_generation.checkup.check import Check

if TYPE_CHECKING:
    from packaging.requirements import Requirement

_DISTRIBUTION: Final = "equime"
_ALL: Final = "all"
_NEEDED: Final = ("", "render")
"""Extras that rendering with the default renderer needs; the empty one is the base install."""


def package_checks() -> Iterator[Check]:
    """Yield the base install and each extra: whether its packages are here, in versions that will do."""
    from packaging.requirements import Requirement

    try:
        wanted = [Requirement(line) for line in requires(_DISTRIBUTION) or ()]
        extras = metadata(_DISTRIBUTION).get_all("Provides-Extra") or []
    except PackageNotFoundError:
        remedy = "packages cannot be told by extra; in a checkout: pip install --editable ."
        yield Check(name=_DISTRIBUTION, ok=False, needed=False, detail="not installed itself", remedy=remedy)
        return
    base = [item for item in wanted if item.marker is None or item.marker.evaluate({"extra": ""})]
    yield _of_extra("", base)
    for extra in sorted(set(extras) - {_ALL}, key=lambda name: (name not in _NEEDED, name)):
        own = [item for item in wanted if item not in base and item.marker and item.marker.evaluate({"extra": extra})]
        yield _of_extra(extra, own)


def _of_extra(extra: str, wanted: Sequence[Requirement]) -> Check:
    faults = [fault for fault in map(_fault, wanted) if fault]
    target = f"{_DISTRIBUTION}[{extra}]" if extra else _DISTRIBUTION
    here = ", ".join(f"{item.name} {version(item.name)}" for item in wanted if not _fault(item))
    return Check(
        name=f"extra {extra}" if extra else "base",
        ok=not faults,
        needed=extra in _NEEDED,
        detail=", ".join(faults) or here,
        remedy=f'pip install "{target}"' if faults else "",
    )


def _fault(item: Requirement) -> str:
    try:
        found = version(item.name)
    except PackageNotFoundError:
        return f"no {item.name}"
    return "" if item.specifier.contains(found, prereleases=True) else f"{item.name} {found}, not {item.specifier}"
