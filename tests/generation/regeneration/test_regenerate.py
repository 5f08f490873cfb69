"""Shards made again from plan, photos and configuration, and what happens where something is not as it was."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from equime_builder.digests import sha256_of_file
from equime_builder.errors import PhotoError
from equime_builder.manifest import entry_of, read_manifest, write_manifest
from equime_builder.reading import read_rows
from equime_builder.shards import write_rows
from equime_builder.verify import verify
from equime_generation.cli import main
from equime_generation.progress import Tally
from equime_generation.regeneration import Means, check_again, regenerate
from tests.generation.conftest import Ran

FEAR = "data/fear/test-00000.parquet"


def command(*words: object) -> int:
    with pytest.raises(SystemExit) as end:
        main([*map(str, words)])
    return int(end.value.code or 0)


def hashes(root: Path) -> dict[str, str]:
    return {path.relative_to(root).as_posix(): sha256_of_file(path) for path in root.rglob("*") if path.is_file()}


@pytest.fixture
def copy(small_run: Ran, tmp_path: Path) -> Path:
    return Path(shutil.copytree(small_run.out, tmp_path / "equime"))


def test_what_was_lost_comes_back_byte_for_byte(
    small_run: Ran, copy: Path, people_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for lost in (FEAR, "flow/fear/test-00000.parquet", "vqa/test-00000.parquet"):
        (copy / lost).unlink()
    assert command("regenerate", copy, "--faces", f"folder:{people_folder}", "--json") == 0
    done = json.loads(capsys.readouterr().out)
    assert [(shard["shard"], shard["verdict"], shard["clips"]) for shard in done["shards"]] == [(FEAR, "identical", 1)]
    assert (done["whole"], done["installed"]) == (True, [FEAR, "flow/fear/test-00000.parquet"])
    assert hashes(copy) == hashes(small_run.out)
    assert regenerate(copy, [], Means(), Tally()).shards == ()


def test_other_versions_give_a_shard_that_is_equal_and_the_manifest_follows(copy: Path, people_folder: Path) -> None:
    """The folder is made to say that another version of a package rendered the shard."""
    made_here = sha256_of_file(copy / FEAR)
    rows = list(read_rows(copy / FEAR))
    rows[0]["recipe"]["versions"]["scipy"] = "0.9"
    write_rows(copy / FEAR, rows)
    manifest = read_manifest(copy)
    files = tuple(entry_of(copy, entry.path) for entry in manifest.files)
    write_manifest(copy, replace(manifest, files=files))
    done = regenerate(copy, ["fear/test"], Means(sources=(f"folder:{people_folder}",)), Tally())
    assert (done.counts, done.installed, done.is_whole) == ({"equal": 1}, (FEAR,), True)
    (line,) = done.differences
    assert line.startswith("scipy 0.9 then, ")
    assert sha256_of_file(copy / FEAR) == made_here
    assert list(verify(copy)) == []


def test_a_check_finds_a_row_that_lies_and_changes_nothing(
    copy: Path, people_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = list(read_rows(copy / FEAR))
    rows[0]["measured"]["motion_px"] += 0.5
    write_rows(copy / FEAR, rows)
    manifest = read_manifest(copy)
    write_manifest(copy, replace(manifest, files=tuple(entry_of(copy, entry.path) for entry in manifest.files)))
    before = hashes(copy)
    assert command("regenerate", copy, rows[0]["id"], "--check", "--faces", f"folder:{people_folder}") == 1
    shown = " ".join(capsys.readouterr().out.split())
    assert "1 clips, different" in shown
    assert f"{rows[0]['id']}: measured motion_px" in shown
    assert hashes(copy) == before


def test_photos_that_changed_are_named_before_anything_is_rendered(
    small_run: Ran, people_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photos = Path(shutil.copytree(people_folder, tmp_path / "photos"))
    (photos / "P001.jpg").write_bytes((photos / "P001.jpg").read_bytes() + b"\0")
    (photos / "P002.jpg").unlink()
    (photos / "metadata.csv").write_text("file,subject_id\nP001.jpg,ann\nP005.jpg,cay\n")
    with pytest.raises(PhotoError, match=r"2 of 3 photos .* \(not there: ben; with other bytes: ann\); name every"):
        check_again(small_run.out, [], Means(sources=(f"folder:{photos}",)), Tally())
    assert command("regenerate", small_run.out, "--check", "--faces", f"folder:{photos}") == 1
    assert "not there: ben" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["joy", "--faces", "openpeople"], 2, "'joy' names no shard and no clip; choose from: all, fear, fear/test"),
        ([FEAR], 2, "the photos are needed as well; say where they are: --faces folder:DIR"),
        (["--sample", "3"], 2, "--sample chooses clips to compare; add --check"),
        ([FEAR, "--faces", "folder:/nowhere"], 2, "folder:/nowhere does not exist"),
    ],
)
def test_mistakes_get_one_line(
    small_run: Ran, words: list[str], code: int, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("regenerate", small_run.out, *words) == code
    assert message in " ".join(capsys.readouterr().err.split())
    assert list(verify(small_run.out)) == []


def test_a_dataset_of_no_known_run_is_not_made_again(tiny_dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command("regenerate", tiny_dataset, "--check", "--faces", "openpeople") == 2
    assert "cannot be made again here: configuration field 'sway_px' is unknown" in capsys.readouterr().err
