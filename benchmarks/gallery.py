"""How quickly a gallery of a thousand clips opens, filters and scrolls in a real browser, from the disk."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.figures import Figure
from equime_builder.gallery import write_gallery
from tests.browser import MISSING, chromium, found, look, requests
from tests.large_gallery import write_large_gallery
from tests.samples import build_tiny_dataset

CLIPS = 1000
REPEATS = 5
LOADED = "return performance.getEntriesByType('navigation')[0].loadEventEnd / 1000"
FILTER = """
const form = document.querySelector('.filters'), start = performance.now();
form.elements.emotion.value = arguments[0];
form.dispatchEvent(new Event('change'));
document.body.offsetHeight;
return (performance.now() - start) / 1000;
"""


def figures() -> Iterator[Figure]:
    if found() is None:
        print(f"gallery: {MISSING}; nothing was measured", file=sys.stderr)
        return
    with TemporaryDirectory() as scratch:
        root = build_tiny_dataset(Path(scratch) / "equime", Path(scratch))
        write_gallery(root)
        (Path(scratch) / "large").mkdir()
        page = write_large_gallery(root, Path(scratch) / "large", clips=CLIPS)
        with chromium() as browser:
            looks = [_look(browser, page) for _ in range(REPEATS)]
        detail = (
            f"{CLIPS} clips, median of {REPEATS}, Chromium without a window, page of {page.stat().st_size / 1e6:.1f} MB"
        )
    loads, asked, filters = (median(values) for values in zip(*looks, strict=True))
    for name, value, unit, target in (
        ("load", loads, "s", 2.0),
        ("files_at_load", asked, "files", 100.0),
        ("filter", filters, "s", 0.5),
    ):
        yield Figure(name=f"gallery_1000_{name}", value=value, unit=unit, target=target, better="lower", detail=detail)


def _look(browser: Any, page: Path) -> tuple[float, float, float]:
    """Return seconds to load, files asked for until then, and seconds to filter and lay out."""
    requests(browser)
    look(browser, page)
    asked = len(requests(browser))
    return browser.execute_script(LOADED), asked, browser.execute_script(FILTER, "fear")
