"""`make bench`: prints one JSON line a figure; `make bench ONLY=render` runs one group."""

from __future__ import annotations

import importlib
import sys

GROUPS = ("render", "equity", "units", "shortcuts", "gallery", "quality", "baselines", "ltx", "loader")


def main(only: str | None) -> int:
    if only is not None and only not in GROUPS:
        print(f"group {only!r} is unknown; choose from: {', '.join(GROUPS)}", file=sys.stderr)
        return 2
    from benchmarks.figures import publish

    chosen = [group for group in GROUPS if only in (None, group)]
    results = [figure for group in chosen for figure in importlib.import_module(f"benchmarks.{group}").figures()]
    for figure in results:
        publish(figure)
    return 0 if all(figure.ok for figure in results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else None))
