"""The gallery in a real Chromium, from the disk: quick with a thousand clips, by keyboard, and for everybody."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from equime_builder.gallery import write_gallery
from tests.browser import NARROW, WIDE, Scheme, chromium_or_skip, complaints, look, requests, violations
from tests.large_gallery import write_large_gallery

CLIPS = 1000
KEY = "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: arguments[0], bubbles: true}))"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium_or_skip() as opened:
        yield opened


@pytest.fixture(scope="module")
def small(tiny_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the tiny dataset, 18 clips."""
    return write_gallery(Path(shutil.copytree(tiny_dataset, tmp_path_factory.mktemp("small") / "equime")))


@pytest.fixture(scope="module")
def large(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of a thousand clips."""
    return write_large_gallery(small.parent.parent, tmp_path_factory.mktemp("large"), clips=CLIPS)


def run(browser: Any, script: str, *arguments: object) -> Any:
    return browser.execute_script(script, *arguments)


def until(browser: Any, condition: str) -> None:
    from selenium.webdriver.support.ui import WebDriverWait

    WebDriverWait(browser, 20).until(lambda opened: opened.execute_script(f"return {condition}"))


def test_a_thousand_clips_scroll_without_a_word_in_the_console(browser: Any, large: Path) -> None:
    look(browser, large)
    assert run(browser, "return document.querySelectorAll('.clip').length") == CLIPS
    loaded = "return [...document.images].filter((image) => image.complete && image.currentSrc).length"
    assert run(browser, "return document.querySelectorAll('video').length") == 0
    assert run(browser, loaded) < 0.1 * 4 * CLIPS, "pictures far below are left alone"
    for part in range(1, 21):
        run(browser, "scrollTo(0, document.body.scrollHeight * arguments[0] / 20)", part)
        until(browser, "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))")
    run(browser, "document.querySelector('.clip:last-child').scrollIntoView()")
    until(browser, "[...document.images].at(-1).complete && [...document.images].at(-1).naturalWidth === 512")
    assert complaints(browser) == []


def test_every_byte_comes_from_the_disk(browser: Any, small: Path) -> None:
    browser.get("about:blank")  # whatever page was open before asks for nothing more
    requests(browser)
    look(browser, small)
    run(browser, "document.querySelector('.cue').click()")
    until(browser, "document.querySelector('video').readyState >= 2")
    asked = requests(browser)
    assert any(address.endswith(".mp4") for address in asked)
    assert any(address.endswith(".jpg") for address in asked)
    assert all(address.startswith(small.parent.as_uri()) for address in asked)
    assert complaints(browser) == []


def test_clips_are_played_and_stepped_by_keyboard(browser: Any, small: Path) -> None:
    look(browser, small)
    run(browser, KEY, "j")
    assert run(browser, "return document.activeElement === document.querySelector('.clip')")
    run(browser, KEY, " ")
    until(browser, "document.querySelector('video')?.currentTime > 0.2")
    run(browser, KEY, " ")
    clock = "document.querySelector('.clip .clock').textContent"
    until(browser, f"document.querySelector('video').paused && {clock} !== ''")
    before = int(run(browser, f"return {clock}").split()[1])
    for key, after in (("ArrowRight", before + 1), ("ArrowRight", before + 2), ("ArrowLeft", before + 1)):
        run(browser, KEY, key)
        until(browser, f"{clock} === 'frame {after} of 143'")
    run(browser, KEY, "J")
    assert run(browser, "return document.activeElement === document.querySelectorAll('.clip')[1]")
    run(browser, KEY, "k")
    assert run(browser, "return document.activeElement === document.querySelector('.clip')")


def test_the_event_is_looped_in_slow_motion(browser: Any, small: Path) -> None:
    look(browser, small)
    run(browser, KEY, "j")
    run(browser, KEY, "e")
    until(browser, "document.querySelector('video')?.playbackRate === 0.25")
    start, stop = (
        int(run(browser, f"return document.querySelector('.clip').dataset.{name}")) for name in ("start", "stop")
    )
    until(browser, "document.querySelector('video').readyState >= 2 && !document.querySelector('video').seeking")
    assert start / 24 <= run(browser, "return document.querySelector('video').currentTime") <= (stop + 1) / 24
    assert run(browser, "return document.querySelector('[data-do=loop]').ariaPressed") == "true"


def shown(browser: Any) -> list[str]:
    found = run(
        browser, "return [...document.querySelectorAll('.clip:not([hidden])')].map((clip) => clip.dataset.clip)"
    )
    assert run(browser, "return document.querySelector('.filters output').textContent").startswith(f"{len(found)} clip")
    return [str(name) for name in found]


def test_names_in_charts_and_filters_choose_clips(browser: Any, small: Path) -> None:
    look(browser, small)
    assert len(shown(browser)) == 18
    run(browser, "document.querySelector('[data-pick=emotion][data-value=anger]').click()")
    assert {name.split("-")[0] for name in shown(browser)} == {"anger"}
    run(browser, "document.querySelector('.panel:not([hidden]) [data-pick=aus][data-value=\"2\"]').click()")
    assert {name.split("-")[0] for name in shown(browser)} == {"fear"}, "of the emotions only fear plans AU2"
    change = "const form = document.querySelector('.filters'); form.elements[arguments[0]].value = arguments[1];"
    run(browser, f"{change} form.dispatchEvent(new Event('change'))", "gender", "male")
    assert shown(browser) == ["fear-t003-00", "fear-t003-01"]
    run(browser, "document.querySelector('.filters button').click()")
    until(browser, "document.querySelectorAll('.clip:not([hidden])').length === 18")


def test_choices_change_what_charts_show_and_a_dot_leads_to_its_clip(browser: Any, small: Path) -> None:
    look(browser, small)
    panels = "return [...document.querySelectorAll('.panel:not([hidden])')].map((panel) => panel.dataset.name)"
    assert run(browser, panels) == ["gender", "all", "all"]
    change = "const form = document.querySelector('.choices'); form.elements.group.value = 'skin tone';"
    run(browser, f"{change} form.elements.panel.value = 'fear'; form.dispatchEvent(new Event('change'))")
    assert run(browser, panels) == ["skin tone", "fear", "fear"]
    assert (
        run(
            browser,
            "return new Set([...document.querySelectorAll('.dot:not(.dim)')].map((dot) => dot.dataset.emotion)).size",
        )
        == 1
    )
    run(browser, "document.querySelector('.dot').dispatchEvent(new MouseEvent('click', {bubbles: true}))")
    assert run(browser, "return document.activeElement.dataset.clip === document.querySelector('.dot').dataset.clip")


@pytest.mark.parametrize(("size", "scheme"), [(WIDE, "light"), (WIDE, "dark"), (NARROW, "light")])
def test_axe_finds_nothing_serious(browser: Any, small: Path, size: tuple[int, int], scheme: Scheme) -> None:
    look(browser, small, size=size, scheme=scheme)
    run(browser, "document.querySelector('.cue').click(); document.querySelector('details').open = true")
    until(browser, "document.querySelector('video').readyState >= 2")
    assert violations(browser) == []
    overflow = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert run(browser, overflow) <= 0, "no need to scroll sideways"


def test_axe_can_find_something(browser: Any, tmp_path: Path) -> None:
    (tmp_path / "bad.html").write_text("<html><img src=x><p style='color:#ccc'>pale</p>")
    look(browser, tmp_path / "bad.html")
    assert {"image-alt", "color-contrast"} <= {rule for rule, _ in violations(browser)}
