"""docs/sharing.md: each command on it is run, in its order, as it stands there."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from huggingface_hub.utils.tqdm import disable_progress_bars, enable_progress_bars

from equime_builder.verify import verify
from equime_generation.cli import main
from tests.dataset.writing_hub import taking_commits
from tests.generation.conftest import Ran

PAGE = Path(__file__).resolve().parents[2] / "docs" / "sharing.md"
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")  # how the client itself uploads


@pytest.fixture
def place(small_run: Ran, people_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder in which the page is read: a dataset that lost a shard, its photos, and a Hub."""
    shutil.copytree(small_run.out, tmp_path / "mine")
    shutil.copytree(people_folder, tmp_path / "my_photos")
    (tmp_path / "mine/data/fear/test-00000.parquet").unlink()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")
    with taking_commits(tmp_path / "hub") as hub:
        address = hub.endpoint + "/{repo_id}/resolve/{revision}/{filename}"
        known = {"ENDPOINT": hub.endpoint, "HUGGINGFACE_CO_URL_TEMPLATE": address, "HF_HUB_DISABLE_XET": True}
        for name, value in known.items():
            monkeypatch.setattr(f"huggingface_hub.constants.{name}", value)
        monkeypatch.setenv("HF_TOKEN", "hf_of_a_test")
        disable_progress_bars()
        yield tmp_path
        enable_progress_bars()


def test_every_command_of_the_page_runs(place: Path, small_run: Ran) -> None:
    blocks = re.findall(r"```(console|python)\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    commands = [line for kind, block in blocks if kind == "console" for line in block.splitlines()]
    assert len(commands) > 9
    for kind, block in blocks:
        if kind == "python":
            exec(compile(block, str(PAGE), "exec"), {})
            continue
        for line in block.splitlines():
            assert line.startswith("$ equime "), line
            with pytest.raises(SystemExit) as end:
                main(line.split()[2:])
            assert not end.value.code, line
        if "--check" in block:
            (place / "mine" / "croissant.json").unlink()  # something to repair
    assert verify(place / "mine") == verify(place / "copy") == []
    assert (place / "theirs/data/fear/test-00000.parquet").read_bytes() == (
        small_run.out / "data/fear/test-00000.parquet"
    ).read_bytes()
    assert not [path for path in (place / "mine").rglob("*") if path.is_file() and b"ann-fear" in path.read_bytes()]
