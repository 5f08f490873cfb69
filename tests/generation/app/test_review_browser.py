"""The tabs Review and Equity in a real Chromium."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from equime_evaluation.reviews import candidates, draw, in_order_of, read_reviews
from tests.browser import chromium_or_skip, complaints, violations, visit
from tests.generation.app.conftest import served

PATIENCE_S = 60


class Page:
    """The app in a browser, used as a person does."""

    def __init__(self, browser: Any, address: str) -> None:
        self.browser = browser
        visit(browser, address)

    def until(self, holds: Callable[[], Any]) -> Any:
        from selenium.common.exceptions import StaleElementReferenceException
        from selenium.webdriver.support.ui import WebDriverWait

        waiting = WebDriverWait(self.browser, PATIENCE_S, 0.1, ignored_exceptions=[StaleElementReferenceException])
        return waiting.until(lambda _: holds())

    def find(self, selector: str) -> Any:
        found = self.browser.find_elements("css selector", selector)
        return next((one for one in found if one.is_displayed()), None)

    def markup(self, selector: str) -> str:
        """Return an element's markup without the bytes of videos, in which any word may stand."""
        return re.sub(r'src="data:[^"]*"', "", self.find(selector).get_attribute("outerHTML"))

    def click(self, selector: str) -> None:
        self.until(lambda: self.find(selector)).click()

    def labelled(self, label: str) -> Any:
        path = f"//label[.//span[starts-with(normalize-space(), '{label}')]]//input"
        return self.until(lambda: self.browser.find_element("xpath", path))

    def tab(self, name: str) -> None:
        self.until(lambda: self.browser.find_elements("xpath", f"//button[@role='tab'][normalize-space()='{name}']"))
        self.browser.find_element("xpath", f"//button[@role='tab'][normalize-space()='{name}']").click()

    def press(self, key: str) -> None:
        self.browser.switch_to.active_element.send_keys(key)

    def told(self, words: str) -> None:
        self.until(lambda: words in self.browser.find_element("css selector", "#review-state").text)


@pytest.fixture
def opened(tiny_dataset: Path, tmp_path: Path) -> Iterator[tuple[Page, Path]]:
    folder = Path(shutil.copytree(tiny_dataset, tmp_path / "equime"))
    with chromium_or_skip() as browser, served(tmp_path, str(folder)) as running:
        yield Page(browser, running.address), folder


def test_three_clips_are_reviewed_with_keys_and_buttons(opened: tuple[Page, Path]) -> None:
    page, folder = opened
    page.tab("Review")
    name = page.labelled("Pseudonym")
    name.send_keys("ann@example.org")
    page.click("#review-begin")
    page.told("stands under a pseudonym")
    name.clear()
    name.send_keys("heron-7")
    page.click("#review-begin")
    page.told("0 of 18 clips reviewed by heron-7")
    page.until(lambda: page.find("#review-clip video"))
    assert not re.search("fear|anger|t00[123]|apex", page.markup("#review-clip"))
    assert violations(page.browser) == []
    page.browser.execute_script("document.activeElement.blur()")
    page.press("s")
    page.until(lambda: page.find("#review-clip video").get_property("playbackRate") == 0.25)
    page.press(".")  # a single frame, at rest
    page.until(lambda: page.find("#review-clip video").get_property("paused"))
    second = page.find("#review-clip video").get_property("currentTime")
    page.until(lambda: page.find("#review-clip output").text == str(int(second * 24)))
    page.press("a")
    page.told("1 of 18")
    page.press("r")
    page.told("2 of 18")
    page.press("u")
    page.told("1 of 18")
    page.click("#review-reject")
    page.told("2 of 18")
    page.click("#review-accept")
    page.told("3 of 18")
    order = in_order_of("heron-7", draw(candidates(folder), 60))
    said = [(one.clip_id, one.decision, one.was_blind) for one in read_reviews(folder)]
    assert said == [
        (order[0].clip_id, "accept", True),
        (order[1].clip_id, "reject", True),
        (order[2].clip_id, "accept", True),
    ]
    page.tab("Equity")
    page.click("#equity-begin")
    page.until(lambda: page.find("#equity-page iframe"))
    assert "Equity audit" in page.find("#equity-page iframe").get_attribute("srcdoc")
    assert violations(page.browser) == []
    assert complaints(page.browser) == []
