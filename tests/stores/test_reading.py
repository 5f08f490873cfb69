"""A dataset in a store, as users read it: streamed, loaded, verified, fetched."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from equime_builder import file_inspection
from equime_builder.errors import DatasetMissingError, UsageError
from equime_builder.file_inspection import FileToInspect
from equime_builder.ledger import Look
from equime_builder.locate import find_dataset
from equime_builder.store import open_store
from equime_dataset import EquiME, load_equime, stream_equime
from equime_generation.cli import main
from tests.dataset.test_places import ids_in
from tests.stores.s3_server import S3

URL = "s3://bucket/equime"
Told = Callable[[], str]


@pytest.fixture
def dataset(s3: S3, tiny_dataset: Path) -> Path:
    """The tiny dataset, which stands in the store as well."""
    store = open_store(URL)
    for path in (path for path in tiny_dataset.rglob("*") if path.is_file()):
        store.put(path, path.relative_to(tiny_dataset).as_posix())
    return tiny_dataset


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    def run(*words: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            main(words)
        told = capsys.readouterr()
        return int(ended.value.code or 0), " ".join((told.out + told.err).split())

    return run


def test_it_is_streamed(dataset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = stream_equime("fear", data_dir=URL, columns=["id"], frames=1, size_px=16)
    assert [sample["id"] for sample in stream] == ids_in(dataset)["train"]
    monkeypatch.setenv("EQUIME_HOME", URL)
    assert len(stream_equime("fear", split="all", decode=False)) == sum(map(len, ids_in(dataset).values()))


def test_it_is_loaded(dataset: Path, tmp_path: Path) -> None:
    rows = load_equime("fear", data_dir=URL, decode=False, cache_dir=str(tmp_path))
    assert {split: rows[split]["id"][:] for split in rows} == ids_in(dataset)
    local = load_equime("fear", data_dir=dataset, split="test", decode=False, cache_dir=str(tmp_path / "local"))
    assert rows["test"][0]["video"]["bytes"] == local[0]["video"]["bytes"]
    builder = EquiME(config_name="fear", data_dir=URL, cache_dir=str(tmp_path))
    streamed = builder.as_streaming_dataset(split="test").select_columns("id")
    assert [row["id"] for row in streamed] == local["id"][:]


def test_it_is_loaded_as_a_stream(dataset: Path) -> None:
    rows = load_equime("all", data_dir=URL, emotions="fear", split="train", streaming=True, columns=["id"])
    assert [row["id"] for row in rows] == ids_in(dataset)["train"]
    with pytest.raises(UsageError, match="column 'nothing' is unknown"):
        load_equime("all", data_dir=URL, split="train", streaming=True, columns=["nothing"])


def test_it_is_verified(dataset: Path, cli: Callable[..., tuple[int, str]]) -> None:
    assert cli("verify", URL, "--no-deep") == (0, f"{URL} is whole")
    store = open_store(URL)
    shard = next(path for path in store.files() if path.startswith("data/fear/train"))
    store.write(shard, b"PAR1 no more")
    code, told = cli("verify", URL, "--no-deep", "--json")
    assert (code, {finding["file"] for finding in json.loads(told)["findings"]}) == (1, {shard})
    assert cli("verify", URL, "--repair")[0] == 2
    code, told = cli("verify", "s3://bucket/nothing")
    assert (code, "s3://bucket/nothing: no such folder, or an empty one" in told) == (1, True)


@pytest.mark.parametrize("sample", [(), ("--sample", "3"), ("--sample", "40%")])
def test_it_is_verified_one_shard_after_the_other(
    dataset: Path, s3: S3, cli: Callable[..., tuple[int, str]], monkeypatch: pytest.MonkeyPatch, sample: tuple[str, ...]
) -> None:
    at_a_time: list[set[str]] = []
    look_at = file_inspection._look_at

    def look(path: Path, file: FileToInspect) -> Look:
        root = file.looked.root
        here = {found.relative_to(root).as_posix() for found in root.glob("*/**/*.*") if found.stat().st_size}
        at_a_time.append(here)
        assert here <= {file.entry.path}
        return look_at(path, file)

    monkeypatch.setattr(file_inspection, "_look_at", look)
    s3.clear()
    assert cli("verify", URL, "--workers", "1", *sample) == (0, f"{URL} is whole")
    shards = {path.relative_to(dataset).as_posix() for path in dataset.glob("data/*/*.parquet")}
    assert shards <= set().union(*at_a_time)
    assert not [path for _, path in s3.requests if "/gallery/" in path], "nobody looks at it"


def test_it_is_fetched(dataset: Path, s3: S3, tmp_path: Path, cli: Callable[..., tuple[int, str]]) -> None:
    code, told = cli("pull", URL, str(tmp_path / "copy"))
    assert (code, "0 removed" in told) == (0, True)
    names = {path.relative_to(dataset) for path in dataset.rglob("*") if path.is_file()}
    assert all((tmp_path / "copy" / name).read_bytes() == (dataset / name).read_bytes() for name in names)
    assert find_dataset(tmp_path / "copy") == tmp_path / "copy"
    (tmp_path / "copy" / "data" / "fear" / "stray-00000.parquet").write_bytes(b"")
    s3.clear()
    code, told = cli("pull", URL, str(tmp_path / "copy"))
    assert (code, "1 removed" in told) == (0, True)
    assert not [path for method, path in s3.requests if method == "GET" and "/data/" in path], "shards were there"


def test_other_commands_say_how_to_get_it(cli: Callable[..., tuple[int, str]]) -> None:
    code, told = cli("audit", "s3://me:secret@bucket/equime")
    assert code == 2
    assert "fetch it with: equime pull s3://***@bucket/equime DIR" in told.replace("│ ", "").replace(" │", "")
    assert "secret" not in told
    with pytest.raises(UsageError, match=r"is a URL, and a folder of this machine is needed here"):
        find_dataset(URL)


def test_an_unfinished_run_is_no_dataset(dataset: Path, tmp_path: Path) -> None:
    store = open_store(URL)
    store.delete(["manifest.json"])
    with pytest.raises(DatasetMissingError, match=r"manifest\.json"):
        load_equime("fear", data_dir=URL)
    with pytest.raises(DatasetMissingError, match=r"manifest\.json"):
        stream_equime("fear", data_dir=URL)
    shutil.rmtree(tmp_path, ignore_errors=True)
