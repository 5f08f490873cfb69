"""A real Chromium without a window, and what axe-core says of a page in it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib import resources
from pathlib import Path
from typing import Any, Final, Literal

import pytest

MISSING: Final = "no chromium and chromedriver on the path; on Debian: apt-get install chromium-driver"
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
WIDE, NARROW = (1280, 900), (390, 844)
Scheme = Literal["light", "dark"]


def found() -> tuple[str, str] | None:
    """Return browser and driver, or ``None`` where one of them is missing."""
    place, driver = next(filter(None, map(shutil.which, BROWSERS)), None), shutil.which("chromedriver")
    return None if place is None or driver is None else (place, driver)


def chromium_or_skip() -> AbstractContextManager[Any]:
    """Return `chromium`; skips the test where there is none, except in CI."""
    if found() is None:
        pytest.fail(MISSING) if "CI" in os.environ else pytest.skip(MISSING)
    pytest.importorskip("selenium", reason="install the group dev")
    return chromium()


@contextmanager
def chromium() -> Iterator[Any]:
    """Open a browser that keeps its console and the addresses it asks for.

    Raises:
        FileNotFoundError: There is none.
    """
    import selenium.webdriver as selenium

    places = found()
    if places is None:
        raise FileNotFoundError(MISSING)
    place, driver = places
    options = selenium.ChromeOptions()
    options.binary_location = place
    for word in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--mute-audio"):
        options.add_argument(word)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    opened = selenium.Chrome(options=options, service=selenium.ChromeService(driver))
    try:
        yield opened
    finally:
        opened.quit()


def look(browser: Any, page: Path, *, size: tuple[int, int] = WIDE, scheme: Scheme = "light") -> None:
    """Open a page from the disk."""
    visit(browser, page.resolve().as_uri(), size=size, scheme=scheme)


def visit(browser: Any, address: str, *, size: tuple[int, int] = WIDE, scheme: Scheme = "light") -> None:
    """Open an address."""
    screen = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    wanted = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", wanted)
    browser.get(address)


def complaints(browser: Any) -> list[str]:
    """Return what stands in the console since the last call."""
    return [entry["message"] for entry in browser.get_log("browser")]


def requests(browser: Any) -> list[str]:
    """Return the addresses that were asked for since the last call."""
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    return [one["params"]["request"]["url"] for one in messages if one["method"] == "Network.requestWillBeSent"]


def violations(browser: Any) -> list[tuple[str, str]]:
    """Return the serious and critical violations that axe-core finds: rule, and the first element that breaks it."""
    source = resources.files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    browser.execute_script(source)
    found = browser.execute_async_script("axe.run({resultTypes: ['violations']}).then(arguments[0])")
    return [
        (one["id"], one["nodes"][0]["html"]) for one in found["violations"] if one["impact"] in ("serious", "critical")
    ]
