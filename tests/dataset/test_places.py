"""The ways to load, each in a process of its own: beside the folder, from anywhere, streaming, from a Hub."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pyarrow import parquet

from tests.dataset.conftest import RunPython
from tests.dataset.hub_server import Hub

# One process a place, as starting one takes longer than loading.
BOTH_WAYS = """
import json
from datasets import load_dataset
rows = load_dataset(PATH, "fear")
streams = load_dataset(PATH, "fear", streaming=True)
print(json.dumps({split: rows[split]["id"][:] for split in rows}))
print(json.dumps({split: [row["id"] for row in streams[split].decode(False)] for split in streams}))
"""


def ids_in(folder: Path, emotion: str = "fear") -> dict[str, list[str]]:
    """Return the clip ids per split as plain pyarrow reads them."""
    found: dict[str, list[str]] = {}
    for shard in sorted((folder / "data" / emotion).glob("*.parquet")):
        split = shard.name.partition("-")[0]
        found.setdefault(split, []).extend(parquet.read_table(shard, columns=["id"])["id"].to_pylist())
    return found


def check_both_ways(printed: str, folder: Path) -> None:
    mapped, streamed = map(json.loads, printed.splitlines())
    assert mapped == ids_in(folder)
    assert streamed == ids_in(folder)


def test_beside_the_folder_with_nothing_imported(folder: Path, run_python: RunPython) -> None:
    check_both_ways(run_python(BOTH_WAYS.replace("PATH", "'equime'"), cwd=folder.parent), folder)


def test_from_an_empty_directory_with_the_import(folder: Path, run_python: RunPython) -> None:
    code = "import equime_dataset\n" + BOTH_WAYS.replace("PATH", "'equime'")
    check_both_ways(run_python(code, cwd=Path.cwd(), EQUIME_HOME=str(folder)), folder)
    assert not list(Path.cwd().iterdir())


@pytest.mark.parametrize("prologue", ["", "import equime_dataset\n"], ids=["plain", "imported"])
def test_as_a_repository_of_a_hub(folder: Path, hub: Hub, run_python: RunPython, prologue: str) -> None:
    code = prologue + BOTH_WAYS.replace("PATH", "'org/equime'")
    printed = run_python(code, cwd=Path.cwd(), HF_ENDPOINT=hub.endpoint, HF_HUB_OFFLINE="0")
    check_both_ways(printed, folder)
    lines = [line for line, _ in hub.requests]
    assert any(line.startswith("GET /api/datasets/org/equime/tree/") for line in lines)
    assert not [line for line in lines if "/datasets/" in line and "/org/equime" not in line]
    shards = [bytes_ for line, bytes_ in hub.requests if line.startswith("GET") and line.endswith(".parquet")]
    assert None in shards, "the map style downloads whole shards"
    assert any(shards), "the stream reads parts of shards"


# As where torch and torchcodec were never installed.
ABSENT = """
from importlib.machinery import PathFinder
found = PathFinder.find_spec
PathFinder.find_spec = lambda name, *where: None if name in {"torch", "torchcodec"} else found(name, *where)
"""
FRAMES_OF_A_ROW = """
import datasets, equime_dataset
for streaming in (False, True):
    row = next(iter(equime_dataset.load_equime("fear", split="train", streaming=streaming)))
    frames = equime_dataset.frames(row)
    print(sorted(row["video"]), frames.shape, frames.dtype)
try:
    datasets.load_dataset("equime", "fear", split="train")[0]
except ImportError as error:
    print(error)
"""


def test_without_torchcodec_rows_still_give_frames(folder: Path, run_python: RunPython) -> None:
    printed = run_python(ABSENT + FRAMES_OF_A_ROW, cwd=Path.cwd(), EQUIME_HOME=str(folder)).splitlines()
    assert printed[:2] == ["['bytes', 'path'] (144, 512, 512, 3) uint8"] * 2
    assert "install 'torchcodec'" in printed[2], "the stock row needs it"


FRAMES_FROM_A_HUB = """
import equime_dataset
rows = equime_dataset.load_equime("fear", path="org/equime", split="test", streaming=True, decode=False)
print(equime_dataset.frames(next(iter(rows)), [0, 143]).shape)
"""


def test_load_equime_reads_a_hub_too(hub: Hub, run_python: RunPython) -> None:
    printed = run_python(FRAMES_FROM_A_HUB, cwd=Path.cwd(), HF_ENDPOINT=hub.endpoint, HF_HUB_OFFLINE="0")
    assert printed == "(2, 512, 512, 3)"


LIGHT = """
import sys
import equime_dataset
heavy = {"torch", "diffusers", "deepface", "mediapipe", "decord", "torchcodec"}
row = equime_dataset.load_equime("fear", split="train", decode=False)[0]
equime_dataset.frames(row, [0, 72])
print(heavy & set(sys.modules))
import decord
print(heavy & set(sys.modules))
"""


def test_reading_frames_pulls_in_nothing_heavy_and_the_check_can_fail(folder: Path, run_python: RunPython) -> None:
    pytest.importorskip("decord", reason="has no wheel for this platform")
    printed = run_python(LIGHT, cwd=Path.cwd(), EQUIME_HOME=str(folder), USE_TORCH="AUTO")
    assert printed.splitlines() == ["set()", "{'decord'}"]
