"""Which clips a sample looks at."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equime_builder.errors import UsageError
from equime_builder.manifest import read_manifest
from equime_builder.reading import read_rows
from equime_builder.spot_check import EVERY_CLIP, NO_CLIP, check_sample, spot_check_of
from equime_builder.store_look import Looked


def chosen(root: Path, sample: str) -> set[str]:
    manifest = read_manifest(root)
    check = spot_check_of(Looked(root), manifest, sample)
    ids = (row["id"] for entry in manifest.shards for row in read_rows(root / entry.path, only=["id"]))
    return {clip_id for clip_id in ids if check.holds(clip_id)}


def test_a_number_is_met_exactly_and_a_larger_sample_holds_the_smaller_one(tiny_dataset: Path) -> None:
    samples = [chosen(tiny_dataset, str(count)) for count in (1, 5, 17, 18, 19)]
    assert [len(sample) for sample in samples] == [1, 5, 17, 18, 18]  # the dataset holds 18 clips
    assert all(smaller <= larger for smaller, larger in pairwise(samples))


def test_a_share_keeps_about_so_many_and_all_of_them_at_100_percent(tiny_dataset: Path) -> None:
    manifest = read_manifest(tiny_dataset)
    check = spot_check_of(Looked(tiny_dataset), manifest, "2.5%")
    kept = sum(check.holds(f"p{number:05d}-fear-000") for number in range(20_000))
    assert abs(kept - 500) < 4 * (20_000 * 0.025 * 0.975) ** 0.5  # four standard deviations of a binomial count
    assert chosen(tiny_dataset, "100%") == chosen(tiny_dataset, "18")


@settings(max_examples=25)
@given(st.text(min_size=1))
def test_every_and_none_hold_whatever_a_clip_is_called(clip_id: str) -> None:
    assert EVERY_CLIP.holds(clip_id)
    assert not NO_CLIP.holds(clip_id)


@pytest.mark.parametrize("text", ["", "0", "0%", "101%", "-3", "2.5", "ten", "5 %", "1e3"])
def test_what_is_no_sample_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"sample must be a number of clips from 1, or a share such as 2%"):
        check_sample(text)
