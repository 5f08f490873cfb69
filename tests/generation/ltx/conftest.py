"""Tiny checkpoints and one real run of the diffusion renderer that several tests look at."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest

from equime_generation.renderers.ltx.embeddings import CACHE_VARIABLE
from tests.generation.ltx.tiny_pipeline import save_tiny_pipeline


@pytest.fixture(scope="session", autouse=True)
def prompt_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache of this session's own, so that no test finds what an earlier one encoded."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("cache")
        patch.setenv(CACHE_VARIABLE, str(folder))
        yield folder


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of random weights; what it makes is noise."""
    return save_tiny_pipeline(tmp_path_factory.mktemp("checkpoints") / "tiny")


@pytest.fixture(scope="session")
def still_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint whose clips keep still: negatives pass the screen, expressions do not."""
    return save_tiny_pipeline(tmp_path_factory.mktemp("checkpoints") / "still", still=True)


@pytest.fixture(scope="session")
def one_person(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the photo of one of the default people."""
    folder = tmp_path_factory.mktemp("person")
    portrait = resources.files("openpeople") / "data" / "curated" / "P001" / "assets" / "studio_portrait.jpg"
    with resources.as_file(portrait) as path:
        shutil.copy(path, folder / "ann.jpg")
    return folder


@pytest.fixture(scope="session")
def render_words(still_folder: Path, one_person: Path) -> tuple[str, ...]:
    """The command that renders one fearful and one neutral clip with the still checkpoint, but for its ``--out``."""
    model = ("--renderer", "ltx", "--model", str(still_folder), "--device", "cpu", "--batch-size", "2")
    run = ("--faces", f"folder:{one_person}", "--emotions", "fear,neutral", "--clips-per-emotion", "1")
    return (sys.executable, "-m", "equime_generation.cli", "render", *model, *run, "--attempts", "1")


@pytest.fixture(scope="session")
def ltx_run(render_words: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dataset of `render_words`, in one go."""
    pytest.importorskip("mediapipe", reason="install equime[render]")
    out = tmp_path_factory.mktemp("ltx-run") / "equime"
    subprocess.run([*render_words, "--out", str(out)], check=True, timeout=900, stdout=subprocess.DEVNULL)
    return out


@pytest.fixture(scope="session")
def killed_run(render_words: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same dataset, killed as soon as its first part was committed and then gone on with."""
    out = tmp_path_factory.mktemp("ltx-killed") / "equime"
    words = [*render_words, "--out", str(out)]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 900
        while not any(out.glob(".work/parts/[a-z]*0.parquet")):
            assert process.poll() is None, f"the run ended with {process.returncode} before it was killed"
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.kill()
    assert not (out / "manifest.json").exists()
    subprocess.run(words, check=True, timeout=900, stdout=subprocess.DEVNULL, env=os.environ)
    return out
