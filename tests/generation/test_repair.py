"""`equime verify --repair`: bad files are set aside and made again, or come back where that fails."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from equime_builder.digests import sha256_of_file
from equime_builder.errors import DatasetError
from equime_builder.layout import tar_twin
from equime_builder.manifest import entry_of, read_manifest, write_manifest
from equime_builder.papers import write_papers
from equime_builder.reading import read_rows
from equime_builder.tars import write_tar
from equime_builder.verify import verify
from equime_generation.cli import main
from equime_generation.progress import Tally
from equime_generation.regeneration import Means
from equime_generation.repair import repair
from tests.generation.conftest import Ran

FEAR, NEUTRAL = "data/fear/test-00000.parquet", "data/neutral/test-00000.parquet"


def command(*words: object) -> int:
    with pytest.raises(SystemExit) as end:
        main([*map(str, words)])
    return int(end.value.code or 0)


def hashes(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): sha256_of_file(path)
        for path in root.rglob("*")
        if path.is_file() and ".quarantine" not in path.parts
    }


@pytest.fixture
def copy(small_run: Ran, tmp_path: Path) -> Path:
    return Path(shutil.copytree(small_run.out, tmp_path / "equime"))


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def test_a_damaged_folder_is_made_whole_in_the_same_bytes(
    small_run: Ran, copy: Path, people_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flip(copy / FEAR)
    flip(copy / "vqa/train-00000.parquet")
    (copy / "README.md").write_text("gone")
    (copy / "LICENSE").unlink()
    (copy / "data" / "fear" / "mine.parquet").write_bytes(b"a stray file")
    assert command("verify", copy, "--no-deep", "--repair", "--faces", f"folder:{people_folder}", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["whole"], set(told["set_aside"])) == (
        True,
        {FEAR, "vqa/train-00000.parquet", "data/fear/mine.parquet"},
    )
    assert hashes(copy) == hashes(small_run.out)
    assert (copy / ".quarantine" / "data/fear/mine.parquet").read_bytes() == b"a stray file"


def test_without_the_photos_everything_comes_back_to_its_place(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flip(copy / FEAR)
    before = hashes(copy)
    assert command("verify", copy, "--no-deep", "--repair") == 2
    captured = capsys.readouterr()
    assert "say where they are: --faces folder:DIR" in " ".join(captured.err.split())
    assert f"{FEAR}: hash:" in captured.out
    assert hashes(copy) == before


def test_what_is_whole_is_left_alone(small_run: Ran, copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command("verify", copy, "--no-deep", "--repair") == 0
    assert hashes(copy) == hashes(small_run.out)
    assert not (copy / ".quarantine").exists()


@pytest.mark.parametrize("lost", [FEAR, tar_twin(NEUTRAL)])
def test_a_shard_comes_from_its_twin_without_rendering(copy: Path, lost: str) -> None:
    manifest = read_manifest(copy)
    for shard in manifest.shards:
        write_tar(copy / tar_twin(shard.path), read_rows(copy / shard.path))
    tars = [entry_of(copy, tar_twin(shard.path)) for shard in manifest.shards]
    files = tuple(sorted([*manifest.files, *tars], key=lambda entry: entry.path))
    manifest = replace(manifest, files=files)
    write_papers(copy, manifest)
    write_manifest(copy, manifest)
    assert verify(copy) == []
    before = hashes(copy)
    flip(copy / lost)
    repaired = repair(copy, verify(copy), Means(), Tally())
    assert (repaired.set_aside, repaired.again.shards) == ({lost: f".quarantine/{lost}"}, ())
    assert hashes(copy) == before


def test_tables_cannot_be_made_again(copy: Path) -> None:
    flip(copy / "plan.parquet")
    with pytest.raises(DatasetError, match=r"plan\.parquet cannot be made again; restore it from where"):
        repair(copy, verify(copy), Means(), Tally())
    assert not (copy / ".quarantine").exists()
