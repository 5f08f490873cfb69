"""Calls that rewrite a dataset, killed: each file is the old or the new one, and the same call ends the work."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from equime_builder.layout import tar_twin
from equime_builder.verify import verify
from equime_evaluation.reviews import add_review
from equime_generation.forget import forget
from equime_generation.rejection import drop_rejected
from tests.builder.test_removal import copy, hashes, shared  # noqa: F401
from tests.evaluation.reviews.material import said

CALLS: dict[str, Callable[[Path], object]] = {
    "forget": lambda root: forget(root, "t002"),
    "drop_rejected": drop_rejected,
}
KILLED = """
import os, signal, sys
from pathlib import Path
from tests.generation.test_killed_removal import CALLS

name, root, last = sys.argv[1:]
replace = os.replace

def put_in_place(source, target):
    if str(target) == last:
        os.kill(os.getpid(), signal.SIGKILL)
    replace(source, target)

os.replace = put_in_place
CALLS[name](Path(root))
"""


def die_before(name: str, root: Path, last: str) -> None:
    """Make a call in a process that is killed as it puts a file in its place."""
    paths = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", KILLED, name, str(root), str(root / last)]
    done = subprocess.run(command, env=paths, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("name", CALLS)
def test_no_file_is_ever_half_and_the_same_call_ends_in_the_same_bytes(
    copy: Path,  # noqa: F811
    tmp_path: Path,
    name: str,
) -> None:
    for reviewer in ("heron", "wren"):
        add_review(copy, said("fear-t002-00", reviewer, "reject"))
    whole = Path(shutil.copytree(copy, tmp_path / "whole"))
    CALLS[name](whole)
    old, new = hashes(copy), hashes(whole)
    fear = "data/fear/train-00000.parquet"
    assert old[fear] != new[fear]
    for last in (fear, tar_twin(fear), "manifest.json"):  # each call goes on where the last one was killed
        die_before(name, copy, last)
        now = {path: found for path, found in hashes(copy).items() if not path.startswith(".work/")}
        half = [path for path in now if path.endswith(".part")]
        assert [Path(path).parent for path in half] == [Path(last).parent], "of this call, and of none before"
        assert all(found in (old.get(path), new.get(path)) for path, found in now.items() if path not in half)
        assert now[last] == old[last]
    CALLS[name](copy)
    assert hashes(copy) == new
    assert verify(copy) == []
