"""Writes into README.md and docs/training.md what their commands print: `python -m docs.transcripts`, some minutes.

The demo is rendered into a folder of its own, and the commands of training.md that show what they print run beside it,
one after the other. Run it again whenever clips, examples or what is printed have changed.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

ROOT: Final = Path(__file__).parents[1]
DEMO: Final = "python examples/demo.py --out equime"
DEMO_PLACE: Final = re.compile(r"(^`make demo` ends like this.*?```text\n)(.*?)(?=^```)", re.DOTALL | re.MULTILINE)
PLACE: Final = re.compile(r"(^```console\n\$ (python examples/[^\n]+)\n)(?!```)(.*?)(?=^```)", re.DOTALL | re.MULTILINE)


def readme(text: str, run: Callable[[str], str]) -> str:
    """Return README with what the demo prints."""
    return DEMO_PLACE.sub(lambda place: place[1] + run(DEMO), text)


def page(text: str, run: Callable[[str], str]) -> str:
    """Return a page with what its examples print, below each command that shows some of it."""
    return PLACE.sub(lambda place: place[1] + run(place[2]), text)


def run_in(folder: Path, line: str) -> str:
    """Run a command of the examples in a folder and return what it prints.

    Raises:
        subprocess.CalledProcessError: It fails.
    """
    _, script, *words = shlex.split(line)
    command = [sys.executable, str(ROOT / script), *words]
    return subprocess.run(command, cwd=folder, check=True, stdout=subprocess.PIPE, text=True, encoding="utf-8").stdout


def main() -> None:
    """Run all commands, then write both files."""
    with TemporaryDirectory() as scratch:
        written = {
            path: write(path.read_text(encoding="utf-8"), lambda line: run_in(Path(scratch), line))
            for path, write in ((ROOT / "README.md", readme), (ROOT / "docs" / "training.md", page))
        }
    for path, text in written.items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
