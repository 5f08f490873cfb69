"""The papers of every kind of folder that may be pushed: Parquet, WebDataset alone, recipe release."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any, Final

import pytest
from huggingface_hub import DatasetCard

from equime_builder.folder import complete_folder
from equime_builder.layout import tar_twin
from equime_builder.manifest import read_manifest
from equime_builder.recipes import write_recipe_release
from equime_builder.splits import assign
from equime_builder.tars import write_tar
from tests.samples import people, plan

HEADER: Final[dict[str, tuple[str, ...]]] = {
    "license": ("cc-by-nc-4.0",),
    "language": ("en",),
    "annotations_creators": ("machine-generated",),
    "task_categories": ("video-classification", "video-text-to-text", "image-to-video"),
    "size_categories": ("n<1K", "1K<n<10K", "10K<n<100K", "100K<n<1M", "1M<n<10M"),
    "source_datasets": ("original",),
}
"""What the Hub knows of each field, of https://github.com/huggingface/hub-docs, datasetcard.md."""
UNFILLED = re.compile(r"More Information Needed|\bTODO\b|\bTBD\b|\bFIXME\b|\{[a-z_]*\}|\bnan\b")


@pytest.fixture(scope="module", params=["parquet", "webdataset", "recipe"])
def folder(request: pytest.FixtureRequest, tiny_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of each kind; only read."""
    import pyarrow.parquet as pq

    place = tmp_path_factory.mktemp(request.param)
    root = Path(shutil.copytree(tiny_dataset, place / "equime"))
    if request.param == "recipe":
        write_recipe_release(root, place / "release")
        return place / "release"
    if request.param == "webdataset":
        subjects = people(3)
        for entry in read_manifest(root).shards:
            rows = pq.read_table(root / entry.path).to_pylist()
            write_tar(root / tar_twin(entry.path), [{**row, "recipe": {}, "messages": []} for row in rows])
        planned = {"data/fear/train-00000.parquet": [plan(subjects[0], "fear")]}
        known: dict[str, Any] = {"plans": planned, "rejects": [], "tar_only": True}
        complete_folder(root, config={}, code_version="1", subjects=subjects, placements=assign(subjects), **known)
    return root


def test_the_header_says_what_the_hub_knows(folder: Path) -> None:
    header = DatasetCard.load(folder / "README.md").data.to_dict()
    for field, known in HEADER.items():
        said = header[field] if isinstance(header[field], list) else [header[field]]
        assert said, field
        assert set(said) <= set(known), field
    assert all(re.fullmatch(r"[a-z0-9-]+", tag) for tag in header["tags"])


def test_every_pattern_of_a_configuration_finds_files(folder: Path) -> None:
    header = DatasetCard.load(folder / "README.md").data.to_dict()
    assert [config["config_name"] for config in header["configs"]] == ["all", "fear", "anger", "neutral"]
    for config in header["configs"]:
        for files in config["data_files"]:
            patterns = files["path"] if isinstance(files["path"], list) else [files["path"]]
            assert all(list(folder.glob(pattern)) for pattern in patterns), (config["config_name"], files)


def test_nothing_is_left_to_fill_in(folder: Path) -> None:
    for name in ("README.md", "datasheet.md", "LICENSE"):
        assert not UNFILLED.findall((folder / name).read_text(encoding="utf-8")), name
