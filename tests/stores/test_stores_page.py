"""docs/stores.md: each command on it is run, in its order, as it stands there."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest

from equime_builder.verify import verify
from equime_generation.cli import main
from equime_generation.engines import ENGINES
from tests.generation.conftest import Ran
from tests.stores.replay import Replay
from tests.stores.s3_server import S3
from tests.stores.test_run import hashes_in, hashes_of

PAGE = Path(__file__).resolve().parents[2] / "docs" / "stores.md"


def test_every_command_of_the_page_runs(
    s3: S3, small_run: Ran, people_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(people_folder, tmp_path / "my_photos")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setitem(ENGINES, "local", f"{__name__}:engine")  # the clips are there already
    monkeypatch.setattr(sys.modules[__name__], "engine", Replay(small_run.out), raising=False)
    blocks = re.findall(r"```(console|python)\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    for kind, block in blocks:
        if kind == "python":
            exec(compile(block, str(PAGE), "exec"), {})
            continue
        for line in block.splitlines():
            assert line.startswith("$ equime "), line
            with pytest.raises(SystemExit) as end:
                main(line.split()[2:])
            assert not end.value.code, line
    assert hashes_in("s3://bucket/equime") == hashes_of(small_run.out)
    assert verify(tmp_path / "mine") == []


def test_the_page_names_the_times_that_hold() -> None:
    from equime_builder import patience
    from equime_generation import lease

    text = " ".join(PAGE.read_text(encoding="utf-8").split())
    assert "up to seven times, waiting half a second first" in text
    assert (patience.ATTEMPTS, patience.WAIT_S) == (7, 0.5)
    assert "after a minute, a large file after so much more as it would take at 256 KB a second" in text
    assert (patience.STALL_S, patience.SLOWEST_BYTES_PER_S) == (60, 256 * 2**10)
    assert "every ten seconds" in text
    assert "nothing was heard of it for a minute" in text
    assert (lease.BEAT_S, lease.SILENCE_S) == (10, 60)
