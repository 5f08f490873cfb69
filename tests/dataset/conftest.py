"""A quiet `datasets` with its caches in a temporary folder, fresh Python processes, and a Hub on loopback."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import datasets
import numpy as np
import pytest

from equime_builder.records import SIZE_PX, Media, Plan
from tests.dataset.hub_server import Hub, serving
from tests.moving import bump, picture, render
from tests.samples import build_tiny_dataset, encode

ROOT = Path(__file__).resolve().parents[2]
SOURCES = (ROOT, ROOT / "builder", ROOT / "evaluation", ROOT / "generation", ROOT / "examples")

FIELDS = {"fear": bump(SIZE_PX, (256, 150), (0, -6), 40), "anger": bump(SIZE_PX, (256, 150), (0, 6), 40)}

RunPython = Callable[..., str]


@pytest.fixture(autouse=True)
def _own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test starts in an empty folder, knows no dataset, and fills no cache but its own."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.delenv("EQUIME_HOME", raising=False)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setattr(datasets.config, "DOWNLOADED_DATASETS_PATH", tmp_path / "cache" / "downloads")
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    datasets.disable_progress_bars()


@pytest.fixture
def home(tiny_dataset: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A dataset folder, named by the environment."""
    monkeypatch.setenv("EQUIME_HOME", str(tiny_dataset))
    return tiny_dataset


@pytest.fixture
def folder(tiny_dataset: Path, tmp_path: Path) -> Path:
    """A dataset folder called ``equime`` that the test may change."""
    return Path(shutil.copytree(tiny_dataset, tmp_path / "parent" / "equime"))


@pytest.fixture
def run_python(tmp_path: Path) -> RunPython:
    """Run code in a new interpreter and return what it printed; settings are environment variables."""

    def run(code: str, *, cwd: Path, **settings: str) -> str:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "EQUIME_"))}
        own = {
            "HF_HOME": str(tmp_path / "hf"),
            "HF_HUB_OFFLINE": "1",
            "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
            "PYTHONPATH": os.pathsep.join(map(str, SOURCES)),
            "USE_TORCH": "0",  # datasets imports it for any stream, which takes seconds and changes no row
        }
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=cwd, env=kept | own | settings, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return run


@pytest.fixture
def hub(folder: Path) -> Iterator[Hub]:
    """The dataset as ``org/equime`` on a Hub of this machine."""
    with serving({"org/equime": folder}) as running:
        yield running


def moving_media(plan: Plan, shade: int, scratch: Path) -> Media:
    """Encode a picture of the person's own that moves up in fear, down in anger and not at all in neutral."""
    still = np.roll(picture(SIZE_PX), 60 * int(plan.subject_id[1:]), axis=(0, 1))
    rest, moved = render(still, FIELDS.get(plan.emotion, 0 * FIELDS["fear"]), np.array([0.0, 1.0]), noise_sigma=0.5)
    return encode(rest, moved, plan.apex_frame, scratch / "clip.mp4")


@pytest.fixture(scope="session")
def moving(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of three people, each in a fold of its own, whose emotions can be told by motion alone."""
    scratch = tmp_path_factory.mktemp("moving")
    return build_tiny_dataset(scratch / "equime", scratch, moving_media)
