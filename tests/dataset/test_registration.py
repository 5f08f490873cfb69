"""The name "equime" in `datasets`: where it leads, what applies to it, and what it leaves alone."""

from __future__ import annotations

import pickle
import re
import shutil
from pathlib import Path

import datasets
import pyarrow as pa
import pytest
from datasets import load_dataset, load_dataset_builder
from datasets.inspect import get_dataset_config_names, get_dataset_default_config_name, get_dataset_split_names
from pyarrow import parquet

import equime_dataset
from equime_builder.digests import sha256_of_file
from equime_builder.errors import DatasetError, DatasetMissingError
from equime_builder.manifest import read_manifest
from equime_builder.papers import write_papers
from equime_builder.registration import register
from equime_dataset import EquiME
from tests.dataset.plain_reading import ids, table


def rewrite(folder: Path, shard: str, prompt: str) -> None:
    """Write a shard anew with another prompt, and what follows from it in the manifest."""
    path, manifest = folder / shard, folder / "manifest.json"
    rows, old = parquet.read_table(path), sha256_of_file(path)
    at = rows.schema.get_field_index("prompt")
    parquet.write_table(rows.set_column(at, "prompt", pa.array([prompt] * len(rows))).cast(rows.schema), path)
    text = manifest.read_text(encoding="utf-8")
    assert old in text
    manifest.write_text(text.replace(old, sha256_of_file(path)), encoding="utf-8")


def test_default_and_named_configurations_hold_their_files(home: Path) -> None:
    names = get_dataset_config_names("equime")
    assert names == ["all", "fear", "anger", "neutral"]
    assert get_dataset_default_config_name("equime") == "all"
    assert ids(load_dataset("equime", split="train")) == sorted(table(home, "data/*/train-*")["id"].to_pylist())
    for name in names[1:]:
        loaded = load_dataset("equime", name)
        assert list(loaded) == get_dataset_split_names("equime", name) == ["train", "validation", "test"]
        for split, rows in loaded.items():
            assert ids(rows) == sorted(table(home, f"data/{name}/{split}-*")["id"].to_pylist())


def test_data_dir_wins_over_the_environment(tiny_dataset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EQUIME_HOME", "/nowhere")
    assert get_dataset_config_names("equime", data_dir=str(tiny_dataset))[0] == "all"
    assert load_dataset("equime", "fear", data_dir=str(tiny_dataset), split="test").num_rows == 2


def test_the_folder_beside_is_found_without_any_setting(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    assert load_dataset("equime", "fear", split="test").num_rows == 2


def test_options_of_the_stock_reader_apply(home: Path) -> None:
    chosen = load_dataset("equime", columns=["id", "fold"], filters=[("emotion", "==", 3)], split="train")
    assert chosen.column_names == ["id", "fold"]
    assert ids(chosen) == sorted(table(home, "data/fear/train-*")["id"].to_pylist())
    files = load_dataset("equime", data_files={"train": "data/anger/test-*.parquet"}, columns=["id"])
    assert ids(files["train"]) == sorted(table(home, "data/anger/test-*")["id"].to_pylist())


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # Python 3.12 warns; datasets forks
def test_worker_processes_prepare_the_same_rows(home: Path) -> None:
    rows = load_dataset("equime", split="train", num_proc=2, columns=["id", "prompt"])
    assert ids(rows) == sorted(table(home, "data/*/train-*")["id"].to_pylist())


def test_streams_split_into_row_groups(home: Path) -> None:
    stream = load_dataset("equime", split="train", streaming=True, columns=["id"])
    groups = [parquet.ParquetFile(path).num_row_groups for path in home.glob("data/*/train-*")]
    assert stream.num_shards == len(groups)
    assert stream.reshard().num_shards == sum(groups)
    assert ids(stream.reshard()) == ids(stream) == sorted(table(home, "data/*/train-*")["id"].to_pylist())


def test_rows_that_were_rendered_anew_are_never_stale(folder: Path) -> None:
    before = load_dataset("equime", "fear", data_dir=str(folder), split="test", columns=["id", "prompt"])
    again = load_dataset_builder("equime", "fear", data_dir=str(folder), columns=["id", "prompt"])
    assert Path(again.cache_dir) == Path(before.cache_files[0]["filename"]).parent
    rewrite(folder, "data/fear/test-00000.parquet", "another prompt")
    after = load_dataset("equime", "fear", data_dir=str(folder), split="test", columns=["id", "prompt"])
    assert "another prompt" not in before["prompt"][:]
    assert set(after["prompt"][:]) == {"another prompt"}


def test_the_plain_folder_is_never_stale_either(folder: Path) -> None:
    before = load_dataset(str(folder), "fear", split="test", columns=["prompt"])
    rewrite(folder, "data/fear/test-00000.parquet", "another prompt")
    write_papers(folder, read_manifest(folder))
    after = load_dataset(str(folder), "fear", split="test", columns=["prompt"])
    assert "another prompt" not in before["prompt"][:]
    assert set(after["prompt"][:]) == {"another prompt"}


def test_other_names_pass_untouched(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConnectionError, match="org/equime"):
        load_dataset("org/equime", "fear")
    monkeypatch.chdir(home.parent)
    assert type(load_dataset_builder("./equime", "fear")).__name__ == "ParquetEquime"


def test_registering_again_changes_nothing() -> None:
    factory = datasets.load.dataset_module_factory
    register("equime", builder_module="equime_dataset")
    assert datasets.load.dataset_module_factory is factory is datasets.inspect.dataset_module_factory


def test_no_data_says_what_to_do() -> None:
    with pytest.raises(DatasetMissingError, match=r"equime render --out DIR.*data_dir=DIR or EQUIME_HOME=DIR"):
        load_dataset("equime", "fear")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("manifest.json", "{", "manifest.json: no valid JSON"),
        ("README.md", "---\na: &b 1\nc: *b\n---\n", "README.md cannot be read: its YAML holds an alias"),
        ("README.md", "---\nconfigs: [1]\n---\n", "README.md cannot be read"),
        ("README.md", "---\ndataset_info: {features: [{name: a, dtype: {b: {}}}]}\n---\n", "README.md cannot be read"),
        (".huggingface.yaml", "license: mit", r"\.huggingface\.yaml overrules the card"),
        ("README.md", "# no YAML", "README.md is missing or names no configuration; download the dataset again"),
    ],
)
def test_a_damaged_folder_is_refused(folder: Path, name: str, text: str, message: str) -> None:
    (folder / name).write_text(text)
    with pytest.raises(DatasetError, match=message):
        load_dataset("equime", "fear", data_dir=str(folder))


@pytest.mark.parametrize(
    "place", ["../outside.parquet", "{}/outside.parquet", "file://{}/outside.parquet", "http://127.0.0.1:9/x.parquet"]
)
def test_a_card_leads_nowhere_else(folder: Path, place: str, tmp_path: Path) -> None:
    shard = next((folder / "data" / "fear").glob("train-*.parquet"))
    for outside in (tmp_path / "outside.parquet", folder.parent / "outside.parquet"):
        shutil.copy(shard, outside)
    place = place.format(tmp_path)
    card = folder / "README.md"
    card.write_text(card.read_text().replace("data/fear/train-*.parquet", place))
    with pytest.raises(DatasetError, match=re.escape(f"README.md names {place!r}, which is outside")):
        load_dataset("equime", "fear", data_dir=str(folder))


def test_a_checkout_called_equime_is_not_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkout = Path(equime_dataset.__file__).parent
    shutil.copytree(checkout, tmp_path / "equime", ignore=shutil.ignore_patterns(".*", "__pycache__", "equime"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DatasetMissingError, match="a checkout of the EquiME project, not data"):
        load_dataset("equime", "fear")
    # as without the import; which of the two depends on what text files lie in the checkout
    with pytest.raises(
        (datasets.exceptions.DataFilesNotFoundError, ValueError), match=r"(?i)no .*data files|'fear' not found"
    ):
        load_dataset("./equime", "fear")


def test_builders_pickle(home: Path) -> None:
    builder = load_dataset_builder("equime", "fear", fold=1)
    copy = pickle.loads(pickle.dumps(builder))
    assert isinstance(copy, EquiME)
    assert copy.config == builder.config
    assert copy.cache_dir == builder.cache_dir
