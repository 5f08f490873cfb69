"""Prints the whole documentation to a PDF with an outline and page numbers: `make pdf`, a minute.

Material builds all pages into one, and the Chromium of the tests prints it.
"""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.browser import chromium, look

ROOT: Final = Path(__file__).parents[1]
PDF: Final = ROOT / "site" / "equime.pdf"
_PAPER: Final = {"paperWidth": 8.27, "paperHeight": 11.69, "marginTop": 0.6, "marginBottom": 0.7}  # A4, inches


def make_pdf(to: Path = PDF) -> Path:
    """Build the site as one page and print it.

    Raises:
        FileNotFoundError: There is no Chromium.
    """
    with TemporaryDirectory() as scratch:
        _build(Path(scratch))
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_bytes(_printed(Path(scratch) / "print_page.html"))
    return to


def _build(site: Path) -> None:
    words = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(site)]
    wanted = {"EQUIME_PDF": "true", "NO_MKDOCS_2_WARNING": "1", "DISABLE_MKDOCS_2_WARNING": "true"}
    subprocess.run(words, cwd=ROOT, env=os.environ | wanted, check=True)


def _printed(page: Path) -> bytes:
    options = {"printBackground": True, "generateDocumentOutline": True, "generateTaggedPDF": True}
    with chromium() as browser:
        look(browser, page)
        done = browser.execute_cdp_cmd("Page.printToPDF", options | _PAPER)
    return base64.b64decode(done["data"])


if __name__ == "__main__":
    print(make_pdf())
