"""What `equime doctor` says of packages, libraries and trials."""

from __future__ import annotations

import ctypes
import sys
from importlib.metadata import PackageNotFoundError
from typing import NoReturn

import pytest

from equime_builder.errors import UsageError
from equime_generation.checkup import Check, machine, packages, trials
from equime_generation.checkup.check import tried

WANTED = [
    "numpy>=1",
    "pyarrow>=999; python_version >= '3'",
    "tomli>=2; python_version < '3'",
    "no-such-package>=1; extra == 'render'",
    "numpy>=1; extra == 'train'",
    "no-such-package>=1; extra == 'all'",
]


class Extras:
    def get_all(self, _name: str) -> list[str]:
        return ["all", "render", "train"]


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> dict[str, Check]:
    monkeypatch.setattr(packages, "requires", lambda _name: WANTED)
    monkeypatch.setattr(packages, "metadata", lambda _name: Extras())
    return {check.name: check for check in packages.package_checks()}


def test_what_is_missing_is_named_with_the_extra_that_brings_it(found: dict[str, Check]) -> None:
    assert list(found) == ["base", "extra render", "extra train"]
    render = found["extra render"]
    assert (render.ok, render.needed, render.detail) == (False, True, "no no-such-package")
    assert (render.remedy, render.verdict) == ('pip install "equime[render]"', "missing")
    assert found["extra train"].ok
    assert not found["extra train"].needed


def test_a_version_that_will_not_do_is_named(found: dict[str, Check]) -> None:
    base = found["base"]
    assert not base.ok
    assert base.detail.startswith("pyarrow ")
    assert base.detail.endswith(", not >=999")


def test_a_checkout_that_is_not_installed_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> NoReturn:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(packages, "requires", absent)
    (only,) = packages.package_checks()
    assert (only.ok, only.needed) == (False, False)


def test_a_library_that_is_not_there_names_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(machine, "_loads", lambda _file: False)
    monkeypatch.setattr(ctypes.util, "find_library", lambda _name: None)
    checks = list(machine.library_checks())
    assert [check.remedy for check in checks if check.needed and not check.ok] == [
        "finding faces: apt-get install libegl1",
        "finding faces: apt-get install libgles2",
    ]
    monkeypatch.setattr(sys, "platform", "darwin")
    assert list(machine.library_checks()) == []


def test_a_trial_that_fails_says_what_to_do() -> None:
    def fails() -> str:
        raise UsageError("no GPU;\n use another")

    check = tried("x", fails, needed=False)
    assert (check.ok, check.detail, check.remedy) == (False, "does not work here", "no GPU; use another")
    assert check.duration_s is not None


def test_a_whole_clip_is_made_and_measured() -> None:
    pytest.importorskip("mediapipe", reason="install equime[render]")
    check = tried("renderer warp", trials._try_clip, needed=True)
    assert check.ok, check.remedy
    assert "144 frames" in check.detail
    assert "apex 28 (planned 28)" in check.detail


def test_a_clip_that_the_screen_drops_is_no_success(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("mediapipe", reason="install equime[render]")
    from dataclasses import replace

    from equime_generation import screen

    impossible = tuple(replace(rule, least=2.0) if rule.reason == "wrong_motion" else rule for rule in screen.RULES)
    monkeypatch.setattr(screen, "RULES", impossible)
    check = tried("renderer warp", trials._try_clip, needed=True)
    assert not check.ok
    assert "the clip was dropped (wrong_motion: correlation" in check.remedy
