from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equime_builder.licenses import NOT_TO_BE_PASSED_ON, may_be_passed_on


@pytest.mark.parametrize(
    "license",
    [
        "MIT",
        "CC0-1.0",
        "CC0 1.0",
        "cc0",
        "CC BY 2.0",
        "CC BY-NC 2.0",
        "CC-BY-NC-4.0",
        "CC BY 4.0 ",
        "Public Domain Mark 1.0",
        "public domain",
        "US Government Work",
    ],
)
def test_what_cc_by_nc_may_carry_may_leave(license: str) -> None:
    assert may_be_passed_on(license) is True


@pytest.mark.parametrize(
    "license",
    [
        "CC BY-ND 4.0",
        "CC-BY-NC-ND-4.0",
        "CC BY-SA 4.0",
        "CC BY-NC-SA 4.0",
        "All rights reserved",
        "consent form 3, not to be  passed on",
        "CelebA-HQ: research only, Not To Be Passed On",
    ],
)
def test_what_forbids_adaptations_or_binds_them_stays(license: str) -> None:
    assert may_be_passed_on(license) is False


@pytest.mark.parametrize(
    "license", ["undeclared", "", "our own", "MIT or so", "CC BY 2.0 and more", "commit", "CC BYND"]
)
def test_what_nobody_can_tell_is_no_yes(license: str) -> None:
    assert may_be_passed_on(license) is None


@given(st.text(max_size=40), st.text(max_size=40))
def test_the_forbidding_words_always_forbid(before: str, after: str) -> None:
    assert may_be_passed_on(f"{before} {NOT_TO_BE_PASSED_ON} {after}") is False
