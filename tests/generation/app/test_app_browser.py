"""The app in a real Chromium, as somebody uses it who never saw a terminal."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from equime_builder.decode import decode_frames
from equime_generation.truth import truth_of
from tests.browser import NARROW, WIDE, Scheme, chromium_or_skip, complaints, requests, violations, visit
from tests.generation.app.conftest import Served, served

PORTRAITS = resources.files("openpeople") / "data" / "curated"
PORTRAIT = Path(str(PORTRAITS / "P005" / "assets" / "studio_portrait.jpg"))
PATIENCE_S = 120
UPLOADED = "Method not implemented."
"""Gradio's own progress of an upload says this of a stream that it closes."""
FADED_IN = """(() => {
  for (let one = document.querySelector('.difference figcaption'); one; one = one.parentElement)
    if (+getComputedStyle(one).opacity < 1) return false;
  return true;
})()"""
"""Gradio fades answers in; until then their words are paler than they stay."""
TELLS_WHOM_IT_FORGETS = """
from equime_generation.app import make, serve

class Telling(make.Maker):
    def forget(self, request: make.gr.Request) -> None:
        before = len(self.visitors)
        super().forget(request)
        print(f"{before} faces, then {len(self.visitors)}", flush=True)

make.Maker = Telling
serve(None, port=None, opened=lambda address: print(address, flush=True))
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium_or_skip() as opened:
        opened.set_script_timeout(PATIENCE_S)
        yield opened


def until(browser: Any, condition: str) -> None:
    from selenium.webdriver.support.ui import WebDriverWait

    WebDriverWait(browser, PATIENCE_S).until(lambda opened: opened.execute_script(f"return {condition}"))


def press(browser: Any, words: str, kind: str = "button") -> None:
    """Press the button that begins with these words."""
    script = (
        "[...document.querySelectorAll(arguments[1])].find((one) => one.textContent.trim().startsWith(arguments[0]))"
    )
    browser.execute_script(f"{script}.click()", words, kind)


def browse(browser: Any) -> None:
    """Go to the tab Browse."""
    press(browser, "Browse", "[role=tab]")
    until(browser, "!!document.querySelector('.listing caption')")


class Visitor:
    """Somebody with a mouse, whose actions are counted."""

    def __init__(self, browser: Any, downloads: Path) -> None:
        self.browser, self.downloads, self.actions = browser, downloads, 0
        where = {"behavior": "allow", "downloadPath": str(downloads)}
        browser.execute_cdp_cmd("Browser.setDownloadBehavior", where)

    def press(self, words: str, kind: str = "button") -> None:
        """Press what begins with these words; scrolls nowhere, and fails where it is not there to be pressed."""
        self.actions += 1
        script = (
            "return [...document.querySelectorAll(arguments[1])].find((one) =>"
            " one.checkVisibility() && one.textContent.trim().startsWith(arguments[0]))"
        )
        self.browser.execute_script(script, words, kind).click()

    def choose(self, file: Path) -> None:
        """Choose a file, as its dialogue does."""
        self.actions += 1
        self.browser.find_element("css selector", "input[type=file]").send_keys(str(file))

    def sees(self, selector: str) -> bool:
        """Return whether something stands wholly on the screen, without scrolling."""
        script = "const box = document.querySelector(arguments[0])?.getBoundingClientRect();"
        inside = "box.top >= 0 && box.bottom <= innerHeight && box.left >= 0 && box.right <= innerWidth"
        return bool(self.browser.execute_script(f"{script} return !!box && {inside}", selector))

    def saved(self) -> list[Path]:
        """Return the finished files once there is one."""
        from selenium.webdriver.support.ui import WebDriverWait

        return WebDriverWait(self.browser, PATIENCE_S).until(lambda _: list(self.downloads.glob("*.mp4")))


def opened(browser: Any, app: Served, **how: Any) -> None:
    visit(browser, app.address, **how)
    until(browser, "!!document.querySelector('.apex img')")


def upload(browser: Any, file: Path, answer: str) -> None:
    browser.find_element("css selector", "input[type=file]").send_keys(str(file))
    until(browser, f"document.querySelector('.photo-line').textContent.includes({json.dumps(answer)})")


def downloaded(browser: Any, ending: str) -> bytes:
    """Return what the link saves."""
    href = browser.execute_script("return document.querySelector(`a[download$='${arguments[0]}']`).href", ending)
    return base64.b64decode(str(href).partition(";base64,")[2])


def files_in(place: Path) -> list[Path]:
    """Return the files of a folder that hold anything."""
    return [path for path in place.rglob("*") if path.is_file() and path.stat().st_size]


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_two_actions_save_a_clip_and_four_one_of_a_photo_of_ones_own(
    browser: Any, with_dataset: Served, tmp_path: Path, size: tuple[int, int]
) -> None:
    visitor = Visitor(browser, tmp_path)
    opened(browser, with_dataset, size=size)
    own = size == NARROW
    if own:
        visitor.press("The person on the photo agreed", "label")
        visitor.choose(PORTRAIT)
        until(browser, "document.querySelector('.photo-line').textContent.includes('The photo passes')")
    visitor.press("Make the clip")
    until(browser, "document.querySelector('.result video')?.readyState >= 2")
    until(browser, "document.querySelector('.made').getBoundingClientRect().top < 50")
    assert visitor.sees(".download"), "the clip and its button come to the visitor"
    visitor.press("Download the clip", "a")
    (clip,) = visitor.saved()
    assert decode_frames(clip.read_bytes()).shape == (144, 512, 512, 3)
    assert clip.name in browser.execute_script("return document.querySelector('.downloads .note').textContent")
    assert visitor.actions == (4 if own else 2)
    assert [line for line in complaints(browser) if UPLOADED not in line] == []


def test_a_clip_comes_with_its_recipe_and_can_be_stepped_through(browser: Any, with_dataset: Served) -> None:
    requests(browser)
    opened(browser, with_dataset)
    press(browser, "Make the clip")
    until(browser, "document.querySelector('.result video')?.readyState >= 2")
    frames = decode_frames(downloaded(browser, ".mp4"))
    row = json.loads(downloaded(browser, ".json"))
    assert frames.shape == (144, 512, 512, 3)
    assert (row["emotion"], row["apex_frame"], row["measured"]["peaks"]) == ("happiness", 64, 1)
    field = truth_of(row, faces="openpeople").field(64)
    assert np.hypot(field[..., 0], field[..., 1]).max() == pytest.approx(row["true_motion"]["motion_px"], abs=1e-3)
    press(browser, "Slow, x4")
    assert browser.execute_script("return document.querySelector('.result video').playbackRate") == 0.25
    press(browser, "Go to the apex")
    until(browser, "!document.querySelector('.result video').seeking")
    assert int(24 * browser.execute_script("return document.querySelector('.result video').currentTime")) == 64
    press(browser, "Frame back")
    until(browser, "Math.floor(24 * document.querySelector('.result video').currentTime) === 63")
    assert complaints(browser) == []
    assert violations(browser) == []
    outside = [one for one in requests(browser) if not one.startswith((with_dataset.address, "data:", "blob:"))]
    assert outside == [], "nothing comes from the network"


def test_a_photo_is_asked_for_consent_read_deleted_and_made_into_a_clip(
    browser: Any, with_dataset: Served, tmp_path: Path
) -> None:
    from PIL import Image

    letter, couple, portrait = tmp_path / "letter.txt", tmp_path / "couple.jpg", tmp_path / "me.jpg"
    letter.write_text("Dear app, this is no photo.")
    portrait.write_bytes(PORTRAIT.read_bytes())
    pair = [Image.open(str(PORTRAITS / name / "assets" / "studio_portrait.jpg")) for name in ("P001", "P005")]
    both = Image.new("RGB", (sum(one.width for one in pair), pair[0].height))
    both.paste(pair[0], (0, 0))
    both.paste(pair[1], (pair[0].width, 0))
    both.save(couple)
    opened(browser, with_dataset)
    upload(browser, portrait, "Tick the box first")
    browser.execute_script("document.querySelector('input[type=checkbox]').click()")
    upload(browser, letter, "This file cannot be read as a photo. Choose a JPEG")
    upload(browser, couple, "More than one face is on the photo. Cut the photo")
    upload(browser, portrait, "The photo passes")
    assert browser.execute_script("return document.querySelector('.people input:checked').value") == "own"
    press(browser, "Make the clip")
    until(browser, "!!document.querySelector('.result video')")
    row = json.loads(downloaded(browser, ".json"))
    assert row["subject_id"].startswith("photo-")
    assert (row["gender"], row["source_license"]) == (None, "undeclared")
    assert files_in(with_dataset.temporary) == [], "nothing of the photo lies on the disk"
    assert [line for line in complaints(browser) if UPLOADED not in line] == []


def test_the_face_is_forgotten_when_its_page_closes(browser: Any, tmp_path: Path) -> None:
    with served(tmp_path, command=("-c", TELLS_WHOM_IT_FORGETS)) as app:
        opened(browser, app)
        browser.execute_script("document.querySelector('input[type=checkbox]').click()")
        upload(browser, PORTRAIT, "The photo passes")
        assert [line for line in complaints(browser) if UPLOADED not in line] == []
        browser.get("about:blank")
        assert next(app.says).strip() == "1 faces, then 0"
        complaints(browser)  # a page torn down in mid-stream may say so: the next test must not hear of it
    assert files_in(tmp_path) == []


def test_sliders_and_emotions_move_the_face_at_once(browser: Any, with_dataset: Served) -> None:
    opened(browser, with_dataset)
    picture = "document.querySelector('.apex img').src"
    smile = browser.execute_script(f"return {picture}")
    browser.execute_script("document.querySelector('input[type=radio][value=surprise]').click()")
    until(browser, f"{picture} !== {json.dumps(smile)}")
    assert (
        browser.execute_script("return document.querySelector('.apex img').alt") == "The face at the apex of surprise"
    )
    browser.execute_script("document.querySelector('.people input[value=openpeople-p008]').click()")
    surprise = browser.execute_script(f"return {picture}")
    until(browser, f"{picture} !== {json.dumps(surprise)}")
    assert complaints(browser) == []


def test_clips_are_filtered_played_and_magnified(browser: Any, with_dataset: Served) -> None:
    opened(browser, with_dataset)
    browse(browser)
    caption = "document.querySelector('.listing caption').textContent"
    assert browser.execute_script(f"return {caption}") == "18 of 18 clips, page 1 of 1"
    browser.execute_script("document.querySelector('input[type=checkbox][name=fear]').click()")
    until(browser, f"{caption} === '6 of 18 clips, page 1 of 1'")
    assert "anger" not in browser.execute_script("return document.querySelector('.listing tbody').textContent")
    box = browser.find_element("css selector", "input[aria-label='Action Units that move']")
    box.click()
    box.send_keys("AU7 ")
    until(browser, "!!document.querySelector('[role=listbox]')")
    assert violations(browser) == [], "with the list open"
    box.send_keys("\n\t")
    until(browser, f"{caption} === '0 of 18 clips, page 1 of 1'")
    browser.execute_script("document.querySelector('input[type=checkbox][name=fear]').click()")
    until(browser, f"{caption} === '6 of 18 clips, page 1 of 1'")
    assert "fear" not in browser.execute_script("return document.querySelector('.listing tbody').textContent")
    browser.execute_script("document.querySelector('.listing button').click()")
    until(browser, "document.querySelector('.clip video')?.readyState >= 2")
    press(browser, "Show what changes")
    until(browser, "document.querySelector('.difference video')?.readyState >= 2")
    until(browser, FADED_IN)
    assert violations(browser) == []
    assert complaints(browser) == []


@pytest.mark.parametrize(("size", "scheme"), [(WIDE, "dark"), (NARROW, "light")])
def test_axe_finds_nothing_serious(browser: Any, with_dataset: Served, size: tuple[int, int], scheme: Scheme) -> None:
    opened(browser, with_dataset, size=size, scheme=scheme)
    for words in ("Action Units, one by one", "Timing"):
        press(browser, words)
    until(browser, "document.querySelectorAll('input[type=range]').length >= 38")
    assert violations(browser) == []
    assert (
        browser.execute_script("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
        <= 0
    )
    browse(browser)
    assert violations(browser) == []
