from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest
from PIL import Image

from tests.evaluation.attributes.small_models import write_models


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of DeepFace with four small models."""
    return write_models(tmp_path_factory.mktemp("deepface"))


@pytest.fixture
def deepface_home(models: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DEEPFACE_HOME", str(models))
    return models


@pytest.fixture
def no_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DEEPFACE_HOME", str(tmp_path / "nowhere"))
    return tmp_path / "nowhere"


@pytest.fixture(scope="session")
def portraits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ten synthetic people of openpeople at 640 x 640, one image each."""
    folder = tmp_path_factory.mktemp("portraits")
    curated = Path(str(files("openpeople"))) / "data" / "curated"
    for person in sorted(curated.iterdir()):
        with Image.open(person / "assets" / "studio_portrait.jpg") as image:
            image.draft("RGB", (1024, 1024))
            image.resize((640, 640)).save(folder / f"{person.name}.png")
    return folder
