import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from equime_builder.errors import EquimeError, UsageError
from equime_builder.records import Placement
from equime_generation.causal import plan_clips
from equime_generation.config import RunConfig
from equime_generation.engines import Crew, load_engine
from equime_generation.engines.local import run_local
from equime_generation.parts import CLIPS_PER_PART, ClipDone, cut_into_parts
from tests.generation.engine_parts import alive, die_always, die_once, eventually, fail, mark, parts_in


def test_parts_hold_every_clip_once() -> None:
    parts = parts_in(Path("x"))
    assert [len(part.plans) for part in parts] == [64, 64, 32]
    assert max(len(part.plans) for part in parts) == CLIPS_PER_PART
    assert len({plan.clip_id for part in parts for plan in part.plans}) == 160
    assert [part.name for part in parts] == [f"fear-train-{number:05d}" for number in range(3)]


def test_parts_do_not_depend_on_the_order_of_plans() -> None:
    plans = list(plan_clips({"fear": ["a", "b"] * 40, "anger": ["b", "a"] * 40}, design="crossed", seed=0))
    placements = {"a": Placement(split="train", fold=0), "b": Placement(split="test", fold=1)}
    config = RunConfig()
    assert list(cut_into_parts(plans, placements, config)) == list(cut_into_parts(plans[::-1], placements, config))
    assert {(part.emotion, part.split) for part in cut_into_parts(plans, placements, config)} == {
        ("fear", "train"),
        ("fear", "test"),
        ("anger", "train"),
        ("anger", "test"),
    }


@pytest.mark.parametrize("workers", [1, 2])
def test_every_part_is_worked_on_and_reported(tmp_path: Path, workers: int) -> None:
    parts = parts_in(tmp_path)
    done: list[ClipDone] = []
    run_local(parts, mark, crew=Crew(workers=workers), report=done.append, tell=print)
    assert all((tmp_path / part.name).exists() for part in parts)
    assert sorted(item.clip_id for item in done) == sorted(plan.clip_id for part in parts for plan in part.plans)
    assert str(os.getpid()) not in {(tmp_path / part.name).read_text() for part in parts}


def test_a_killed_worker_is_replaced(tmp_path: Path) -> None:
    parts = parts_in(tmp_path)
    run_local(parts, die_once, crew=Crew(workers=2), report=lambda done: None, tell=print)
    assert all((tmp_path / part.name).exists() for part in parts)


def test_workers_that_keep_dying_end_the_run(tmp_path: Path) -> None:
    with pytest.raises(EquimeError, match=r"killed 4 times, 1 parts are left .*--workers"):
        run_local(parts_in(tmp_path, clips=10), die_always, crew=Crew(workers=1), report=lambda done: None, tell=print)


def test_the_error_of_a_part_reaches_the_caller(tmp_path: Path) -> None:
    with pytest.raises(EquimeError, match="disk full"):
        run_local(parts_in(tmp_path), fail, crew=Crew(workers=2), report=lambda done: None, tell=print)


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_workers_end_when_the_driver_is_killed(tmp_path: Path) -> None:
    code = (
        "from tests.generation.engine_parts import linger\n"
        "from equime_builder.records import Placement\nfrom equime_generation.causal import plan_clips\n"
        "from equime_generation.config import RunConfig\nfrom equime_generation.engines import Crew\n"
        "from equime_generation.engines.local import run_local\n"
        "from equime_generation.parts import cut_into_parts\n"
        "if __name__ == '__main__':\n"
        "    plans = list(plan_clips({'fear': ['p']}, design='crossed', seed=0))\n"
        "    placed = {'p': Placement(split='train', fold=0)}\n"
        f"    parts = list(cut_into_parts(plans, placed, RunConfig(out={str(tmp_path)!r})))\n"
        "    run_local(parts, linger, crew=Crew(workers=1), report=lambda done: None, tell=print)\n"
    )
    script = tmp_path / "driver.py"
    script.write_text(code)
    paths = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, str(script)], env=paths) as driver:
        worker = int(eventually(lambda: next(tmp_path.glob("*.pid"), tmp_path / "none").read_text()))
        driver.send_signal(signal.SIGKILL)
        driver.wait()
        eventually(lambda: "" if alive(worker) else "gone")


def test_unknown_engine_lists_the_choices() -> None:
    with pytest.raises(UsageError, match="engine 'slurm' is unknown; choose from: local, ray"):
        load_engine("slurm")
