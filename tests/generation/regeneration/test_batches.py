"""Clips that a device's small memory left to smaller batches are made again in these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equime_builder.errors import DatasetError
from equime_builder.records import Placement
from equime_generation.causal import plan_clips
from equime_generation.config import RunConfig
from equime_generation.parts import Part
from equime_generation.progress import Tally
from equime_generation.regeneration import batches, rendering
from equime_generation.regeneration.batches import batch_sizes, chunks_of
from equime_generation.renderers.ltx.settings import LtxSettings

PLANS = list(plan_clips({"fear": ["p"] * 150}, design="independent", seed=0))
FEAR = "data/fear/train-00001.parquet"


def test_sizes_are_those_of_the_rows_and_what_is_implausible_is_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    said = [{"ltx": {"batch_size": size}} for size in (4, 2, 0, 99, True, "2", None)]
    recipes: list[object] = [*said, {"ltx": 4}, {}, None]
    rows = [{"id": str(number), "recipe": recipe} for number, recipe in enumerate(recipes)]

    def rows_before(root: Path, shard: str) -> Sequence[Mapping[str, object]]:
        if shard != FEAR:
            raise DatasetError("is not there")
        return rows

    monkeypatch.setattr(batches, "rows_before", rows_before)
    assert batch_sizes(tmp_path, ["data/fear/test-00000.parquet", FEAR], "ltx", most=4) == {"0": 4, "1": 2}


@given(st.lists(st.sampled_from([1, 2, 4]), max_size=150))
def test_chunks_hold_all_in_order_and_their_number_never_runs_into_the_next_shard(kinds: list[int]) -> None:
    own = PLANS[: len(kinds)]
    sizes = dict(zip((plan.clip_id for plan in own), kinds, strict=True))
    chunks = chunks_of(own, sizes, 4)
    assert [plan for _, members in chunks for plan in members] == own
    assert len(chunks) <= 8
    assert all(len(members) <= 64 for _, members in chunks)
    is_followed = all(sizes[plan.clip_id] == size for size, members in chunks for plan in members)
    assert is_followed or {size for size, _ in chunks} == {4}, "sizes that change all the time are nobody's"


def test_each_size_has_workers_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    sizes = {plan.clip_id: 2 for plan in PLANS[64:128]}
    handed: list[list[Part]] = []
    monkeypatch.setattr(rendering, "batch_sizes", lambda root, shards, renderer, most: sizes)
    monkeypatch.setattr(rendering, "settle", lambda config, tell: config)
    monkeypatch.setattr(rendering, "prepare", lambda renderer, settings, plans: None)
    monkeypatch.setattr(rendering, "work_off", lambda parts, config, watch: handed.append(parts))
    config = RunConfig(out=str(tmp_path), renderer="ltx", ltx=LtxSettings(batch_size=4, device="cpu"))
    placements = {"p": Placement(split="train", fold=0)}
    made = rendering.render_again(tmp_path, config, {FEAR: PLANS}, placements, Tally())
    told = [[(part.number, len(part.plans), part.config.settings) for part in parts] for parts in handed]
    halved, usual = (LtxSettings(batch_size=size, device="cpu") for size in (2, 4))
    assert told == [[(9, 64, halved)], [(8, 64, usual), (10, 22, usual)]]
    assert [part.number for part in made[FEAR].parts] == [8, 9, 10]
