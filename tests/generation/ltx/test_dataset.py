"""The diffusion renderer makes a whole dataset folder through the same line as the warp renderer, killed or not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from datasets import load_dataset

from equime_builder.decode import decode_frames
from equime_builder.digests import sha256_of_file
from equime_builder.manifest import read_manifest
from equime_builder.tables import read_plans, read_rejects
from equime_builder.verify import verify


@pytest.fixture(scope="module")
def row(ltx_run: Path) -> dict[str, Any]:
    (shard,) = ltx_run.glob("data/neutral/*.parquet")
    (found,) = pq.read_table(shard).to_pylist()
    return dict(found)


def test_the_folder_is_whole(ltx_run: Path) -> None:
    assert list(verify(ltx_run, deep=True)) == []
    assert not (ltx_run / ".work").exists()
    names = {path.name for path in ltx_run.iterdir()}
    assert {"README.md", "gallery", "manifest.json", "plan.parquet", "rejects.parquet", "run.toml"} <= names


def test_every_planned_clip_is_a_row_or_a_reject(ltx_run: Path, row: dict[str, Any]) -> None:
    planned = {plan.emotion: plan.clip_id for plan in read_plans(ltx_run / "plan.parquet")}
    (reject,) = read_rejects(ltx_run / "rejects.parquet")
    assert row["id"] == planned["neutral"]
    # the still checkpoint shows no movement: the screen says so of the expression, and lets the negative pass
    assert (reject.id, reject.reason, reject.final, reject.attempt) == (planned["fear"], "no_peak", True, 0)


def test_load_dataset_reads_it(ltx_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ltx_run.parent)
    (found,) = load_dataset("equime", "neutral", split="train", cache_dir=str(tmp_path)).with_format("arrow")
    assert found["renderer"].to_pylist() == ["ltx"]
    assert found["num_frames"].to_pylist() == [144]


def test_a_row_holds_how_it_was_made(ltx_run: Path, row: dict[str, Any]) -> None:
    import json

    recipe = json.loads(row["recipe"]) if isinstance(row["recipe"], str) else row["recipe"]
    assert (row["model"], len(row["model_revision"])) == ("still", 64)
    assert recipe["renderer"] == "ltx"
    assert recipe["ltx"]["batch_size"] == 2
    assert recipe["ltx"]["family"]["timesteps"] == [1000.0, 725.0]
    assert {"torch", "diffusers", "transformers", "numpy"} <= set(recipe["versions"])
    assert read_manifest(ltx_run).config["ltx"]["revision"] == row["model_revision"]


def test_measured_is_measured_and_true_motion_is_unknown(row: dict[str, Any]) -> None:
    assert row["true_motion"] is None
    assert row["measured"]["peaks"] == 0
    assert row["measured"]["motion_px"] < 0.5
    assert decode_frames(row["video"]["bytes"]).shape == (144, 512, 512, 3)


def test_no_path_of_this_machine_enters_the_dataset(ltx_run: Path, still_folder: Path, one_person: Path) -> None:
    for path in ltx_run.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert str(still_folder).encode() not in content, path
            assert str(one_person).encode() not in content, path


def test_a_run_that_was_killed_ends_in_the_same_bytes(ltx_run: Path, killed_run: Path) -> None:
    def hashes(out: Path) -> dict[str, str]:
        return {path.relative_to(out).as_posix(): sha256_of_file(path) for path in out.rglob("*.parquet")}

    assert hashes(killed_run) == hashes(ltx_run)
    assert not (killed_run / ".work").exists()
