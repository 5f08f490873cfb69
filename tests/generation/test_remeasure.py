"""`equime verify --remeasure`: clips measured once more against what their rows say."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from equime_builder.errors import PhotoError, UsageError
from equime_builder.manifest import entry_of, read_manifest, write_manifest
from equime_builder.papers import write_papers
from equime_builder.reading import read_rows
from equime_builder.shards import write_rows
from equime_builder.spotting import SPOTTING_COLUMNS
from equime_generation.cli import main
from equime_generation.progress import Tally
from equime_generation.regeneration import Means
from equime_generation.remeasure import remeasure
from tests.generation.conftest import Ran

SPOTTING = "spotting/*.parquet"


def means(people_folder: Path) -> Means:
    return Means(sources=(f"folder:{people_folder}",))


def command(*words: object) -> int:
    with pytest.raises(SystemExit) as end:
        main([*map(str, words)])
    return int(end.value.code or 0)


def test_clips_measure_as_their_rows_say(small_run: Ran, people_folder: Path) -> None:
    again = remeasure(small_run.out, means(people_folder), Tally())
    assert again.clips == small_run.summary.total
    assert (again.findings, again.motion_px) == ((), 0.0)


@pytest.fixture
def lying(small_run: Ran, tmp_path: Path) -> tuple[Path, str]:
    """A copy in which one event of the clip for spotting claims to have been measured half a pixel larger."""
    copy = Path(shutil.copytree(small_run.out, tmp_path / "equime"))
    (shard,) = copy.glob(SPOTTING)
    (row,) = read_rows(shard, SPOTTING_COLUMNS)
    found = row["events"][0]["measured"]
    row["events"][0]["measured"] = {**found, "motion_px": found["motion_px"] + 0.5}
    write_rows(shard, [row], SPOTTING_COLUMNS)
    path, manifest = shard.relative_to(copy).as_posix(), read_manifest(copy)
    files = tuple(entry_of(copy, entry.path) if entry.path == path else entry for entry in manifest.files)
    write_manifest(copy, replace(manifest, files=files))
    write_papers(copy, read_manifest(copy))
    return copy, path


def test_a_row_that_claims_another_motion_is_a_finding(
    lying: tuple[Path, str], people_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root, path = lying
    faces = f"folder:{people_folder}"
    assert command("verify", root, "--sample", "1", "--json") == 0
    capsys.readouterr()
    assert command("verify", root, "--remeasure", "--faces", faces, "--workers", 2, "--json") == 1
    told = json.loads(capsys.readouterr().out)
    (finding,) = told["findings"]
    assert (finding["file"], finding["rule"]) == (path, "measured")
    assert "measured motion_px" in finding["detail"]
    assert told["measured_again"]["largest_difference_px"] == pytest.approx(0.5, abs=1e-4)


def test_a_sample_is_measured_and_damaged_files_are_passed_over(small_run: Ran, people_folder: Path) -> None:
    assert remeasure(small_run.out, means(people_folder), Tally(), sample="2").clips == 2
    (spotting,) = (path.relative_to(small_run.out).as_posix() for path in small_run.out.glob(SPOTTING))
    shards = [entry.path for entry in read_manifest(small_run.out).shards]
    assert remeasure(small_run.out, means(people_folder), Tally(), skip={*shards, spotting}).clips == 0


def test_photos_are_needed(small_run: Ran, people_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="say where they are: --faces folder:DIR"):
        remeasure(small_run.out, Means(), Tally())
    shutil.copy(people_folder / "P001.jpg", tmp_path)
    with pytest.raises(PhotoError, match="2 of 3 photos are not those"):
        remeasure(small_run.out, means(tmp_path), Tally(), sample="100%")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--no-deep", "--sample", "3"), "--no-deep looks at no clip"),
        (("--repair", "--quarantine"), "--repair sets bad files aside as well"),
        (("--sample", "some"), "sample must be a number of clips from 1"),
    ],
)
def test_options_that_contradict_each_other(
    small_run: Ran, words: tuple[str, ...], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("verify", small_run.out, *words) == 2
    assert complaint in " ".join(capsys.readouterr().err.split())
