"""A small real run that several tests look at."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import pytest

from equime_generation.config import RunConfig
from equime_generation.progress import Summary, Tally

PEOPLE = ("P001", "P002", "P005")


@dataclass(frozen=True)
class Ran:
    """A finished run with what it told."""

    config: RunConfig
    summary: Summary
    tally: Tally

    @property
    def out(self) -> Path:
        return Path(self.config.out)


@pytest.fixture(scope="session")
def people_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three of the default people as loose photos, a broken photo and a note, with declared demographics."""
    folder = tmp_path_factory.mktemp("photos")
    curated = resources.files("openpeople") / "data" / "curated"
    for name in PEOPLE:
        portrait = curated / name / "assets" / "studio_portrait.jpg"
        with resources.as_file(portrait) as path:
            shutil.copy(path, folder / f"{name}.jpg")
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 no photo at all")
    (folder / "metadata.csv").write_text(
        "file,subject_id,gender,age_group,skin_tone,license\n"
        "P001.jpg,ann,female,35-45,II,CC0-1.0\nP002.jpg,ben,male,25-35,IV,CC0-1.0\nP005.jpg,cay,female,25-35,V,CC0-1.0\n"
    )
    return folder


@pytest.fixture(scope="session")
def small_config(people_folder: Path) -> RunConfig:
    """Two emotions, three clips each, and a clip for spotting, with true motion, on three people."""
    return RunConfig(
        faces=f"folder:{people_folder}",
        emotions=("fear", "neutral"),
        clips_per_emotion=3,
        spotting_clips=1,
        with_flow=True,
        workers=2,
    )


@pytest.fixture(scope="session")
def small_run(small_config: RunConfig, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """The small configuration, rendered once a test process by two workers."""
    from dataclasses import replace

    from equime_generation.run import render_dataset

    config = replace(small_config, out=str(tmp_path_factory.mktemp("run") / "equime"))
    tally = Tally()
    return Ran(config=config, summary=render_dataset(config, tally), tally=tally)
