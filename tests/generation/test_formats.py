"""The formats of shards: from the parts of one run, which a killed run leaves behind, each of the three is finished."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import equime_dataset
from equime_builder.digests import sha256_of_file
from equime_builder.errors import UsageError
from equime_builder.layout import tar_twin
from equime_builder.manifest import read_manifest
from equime_builder.tables import write_rejects
from equime_builder.verify import verify
from equime_generation.config import RunConfig
from equime_generation.progress import Tally
from equime_generation.run import render_dataset
from tests.generation.conftest import Ran


def finished(run: Ran, out: Path, format: str) -> RunConfig:
    """Finish a folder in another format, from the parts that the run's shards were made of."""
    parts = out / ".work" / "parts"
    parts.mkdir(parents=True)
    for path in [*run.out.glob("data/*/*.parquet"), *run.out.glob("spotting/*.parquet")]:
        name = f"{path.parent.name}-{path.name.removesuffix('.parquet')}"
        shutil.copy(path, parts / f"{name}.parquet")
        write_rejects(parts / f"{name}.rejects.parquet", [])
    config = replace(run.config, out=str(out), format=format, with_flow=False)
    tally = Tally()
    summary = render_dataset(config, tally)
    assert summary.clips == run.summary.clips
    assert summary.shards == len(read_manifest(out).files) - 3
    return config


def tars_of(out: Path) -> dict[str, str]:
    return {path.relative_to(out).as_posix(): sha256_of_file(path) for path in sorted(out.rglob("*.tar"))}


def test_both_and_webdataset_alone_hold_the_same_clips(small_run: Ran, tmp_path: Path) -> None:
    both, alone = tmp_path / "both", tmp_path / "alone"
    finished(small_run, both, "both")
    finished(small_run, alone, "webdataset")
    parquet = [path.relative_to(small_run.out).as_posix() for path in small_run.out.glob("data/*/*.parquet")]
    for path in parquet:
        assert (both / path).read_bytes() == (small_run.out / path).read_bytes()
    spotting = [path.relative_to(small_run.out).as_posix() for path in small_run.out.glob("spotting/*.parquet")]
    assert set(tars_of(both)) == {tar_twin(path) for path in [*parquet, *spotting]}
    assert tars_of(alone) == tars_of(both)
    assert not [name for name in ("data", "spotting", "vqa", ".work") if (alone / name).exists()]
    for out in (both, alone):
        assert verify(out) == []
    assert read_manifest(alone).spotting == read_manifest(small_run.out).spotting
    names = [
        [
            sample["id"]
            for sample in equime_dataset.stream_equime(data_dir=out, split="all", columns=["id"], decode=False)
        ]
        for out in (small_run.out, alone)
    ]
    assert names[0] == names[1]


def test_a_whole_folder_stays_and_another_format_is_another_run(small_run: Ran, tmp_path: Path) -> None:
    config = finished(small_run, tmp_path / "equime", "webdataset")
    before = tars_of(tmp_path / "equime")
    assert render_dataset(config, Tally()).already_whole
    assert tars_of(tmp_path / "equime") == before
    with pytest.raises(UsageError, match="a run with other settings"):
        render_dataset(replace(config, format="both"), Tally())


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(UsageError, match="format 'zip' is unknown; choose from: parquet, webdataset, both"):
        RunConfig(format="zip")
