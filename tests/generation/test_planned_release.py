"""A recipe release of what nobody rendered: the plans of the dataset that comes of it, and no hash to check."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from datasets import load_dataset

from equime_builder.digests import sha256_of_file
from equime_builder.errors import DatasetMissingError, UsageError
from equime_builder.manifest import stated_manifest
from equime_builder.verify import verify
from equime_generation.cli import main
from equime_generation.config_file import read_config
from equime_generation.progress import Tally
from equime_generation.regeneration import Means, regenerate
from tests.generation.conftest import Ran


@pytest.fixture(scope="module")
def release(small_run: Ran, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made by the command, of the photos that the small run was rendered from."""
    config, out = small_run.config, tmp_path_factory.mktemp("planned") / "release"
    words = ["--faces", config.faces, "--emotions", ",".join(config.emotions), "--clips-per-emotion", "3"]
    with pytest.raises(SystemExit) as end:
        main(["plan", *words, "--spotting-clips", "1", "--with-flow", "--release", str(out)])
    assert not end.value.code
    return out


def test_its_tables_are_those_of_the_rendered_dataset_to_the_byte(release: Path, small_run: Ran) -> None:
    for name in ("plan.parquet", "subjects.parquet", "run.toml", "LICENSE"):
        assert sha256_of_file(release / name) == sha256_of_file(small_run.out / name), name
    given = {"faces": small_run.config.faces, "out": small_run.config.out}
    assert read_config(release / "run.toml", given).fingerprint == small_run.config.fingerprint
    assert stated_manifest(release).config == small_run.config.recipe
    assert not [path for path in release.rglob("*") if path.is_file() and b"broken.jpg" in path.read_bytes()]


def test_its_card_tells_what_it_would_be_and_its_plans_load(
    release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = (release / "README.md").read_text(encoding="utf-8")
    assert "7 video clips" in card
    assert "3 subjects, 7 clips, about 4 MB" in card
    assert "| train | 1 | 1 |" in card
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")
    assert load_dataset(str(release), "plans", split="train").num_rows == 7


def test_nothing_is_checked_against_hashes_that_there_are_not(release: Path) -> None:
    (finding,) = verify(release)
    assert "a plan that was never rendered, so there is no hash of a clip to hold anything against" in finding.detail
    with pytest.raises(DatasetMissingError, match=r"make its clips with: equime render --config .*run\.toml"):
        regenerate(release, [], Means(), Tally())


def test_a_folder_of_something_else_is_left_alone(small_run: Ran, tmp_path: Path, release: Path) -> None:
    from equime_generation.outlook import Outlook
    from equime_generation.planned_release import write_planned_release

    outlook = Outlook(config=replace(small_run.config), subjects={}, placements={}, plans=[])
    for out in (small_run.out, tmp_path):
        (tmp_path / "note.txt").write_text("mine")
        with pytest.raises(UsageError, match="holds something that is no release of a plan"):
            write_planned_release(outlook, out)
    assert (release / "recipe.json").exists()
