"""`make bench`: prints one JSON line a figure; `make bench ONLY=render` runs one group.

`python -m benchmarks.run render --keep` also keeps its figures for the documentation (benchmarks/kept.py).
"""

from __future__ import annotations

import argparse
import importlib
import sys

GROUPS = (
    "render", "equity", "crossed", "units", "shortcuts", "gallery", "quality", "baselines", "ltx", "loader", "scale",
    "app",
    "engines",
    "walk", "gpu",
)  # fmt: skip


def main(words: list[str]) -> int:
    from benchmarks.figures import publish
    from benchmarks.kept import keep

    asked = _parser().parse_args(words)
    reached = True
    for group in GROUPS if asked.group is None else (asked.group,):
        figures = list(importlib.import_module(f"benchmarks.{group}").figures())
        for figure in figures:
            publish(figure)
        if asked.keep and figures:
            keep(group, figures)
        reached &= all(figure.ok for figure in figures)
    return 0 if reached else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description="Prints one JSON line a figure.")
    parser.add_argument("group", nargs="?", choices=GROUPS)
    parser.add_argument("--keep", action="store_true", help="write them into docs/measured.jsonl for the documentation")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
