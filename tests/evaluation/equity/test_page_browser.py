"""The audit's page in a real Chromium, for everybody."""

from __future__ import annotations

from pathlib import Path

from equime_evaluation.equity.audit import Repeats, audit_of
from equime_evaluation.equity.page import write_page
from tests.browser import NARROW, WIDE, Scheme, chromium_or_skip, complaints, look, violations
from tests.evaluation.equity.material import material_of, plans_of, ten_people

LOOKS: tuple[tuple[tuple[int, int], Scheme], ...] = ((WIDE, "light"), (NARROW, "dark"))


def test_axe_finds_nothing_serious(tmp_path: Path) -> None:
    people = ten_people()
    material = material_of(people, plans_of(people, design="independent", clips_per_emotion=10))
    page = write_page(tmp_path, audit_of(material, Repeats(permutations=99, resamples=100)))
    with chromium_or_skip() as browser:
        for size, scheme in LOOKS:
            look(browser, page, size=size, scheme=scheme)
            assert violations(browser) == []
            assert complaints(browser) == []
