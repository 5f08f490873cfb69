from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equime_builder.address import checked_url, is_url, local_path, scrubbed, shown
from equime_builder.errors import UsageError


@pytest.mark.skipif(os.name != "posix", reason="paths of POSIX")
def test_places_of_this_machine() -> None:
    for place, path in {"a/b": "a/b", "/a b": "/a b", "file:///a%20b": "/a b", "local:///c": "/c"}.items():
        assert (is_url(place), local_path(place)) == (False, Path(path))
    assert all(map(is_url, ("s3://bucket/x", "memory://x", "hf://datasets/org/x")))
    assert not is_url(Path("s3:/bucket"))


def test_a_url_ends_with_its_path() -> None:
    assert checked_url("s3://bucket/x/") == "s3://bucket/x"
    for url in ("https://host/x?token=abc", "s3://bucket/x#abc"):
        with pytest.raises(UsageError, match="goes on with") as caught:
            checked_url(url)
        assert "abc" not in str(caught.value)


WORDS = st.text("abcdefgh", min_size=5)


@given(user=WORDS, password=WORDS, token=WORDS)
def test_no_secret_is_shown(user: str, password: str, token: str) -> None:
    url = f"sftp://{user.upper()}:{password.upper()}@0:22/1/2?3={token.upper()}"
    assert shown(url) == "sftp://***@0:22/1/2"
    told = scrubbed(f"1\n at {url}: {password.upper()}", url)
    assert told == "1 at sftp://***@0:22/1/2: ***"


def test_an_at_in_a_path_is_no_secret() -> None:
    assert shown("hf://datasets/org/equime@main") == "hf://datasets/org/equime@main"
