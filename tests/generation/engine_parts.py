"""Parts without pictures, work on them that goes wrong in every way, and waiting for what becomes of it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from equime_builder.errors import OutputError
from equime_builder.records import Placement
from equime_generation.causal import plan_clips
from equime_generation.config import RunConfig
from equime_generation.parts import ClipDone, Part, cut_into_parts

Report = Callable[[ClipDone], None]


def mark(part: Part, report: Report) -> None:
    Path(part.config.out, part.name).write_text(str(os.getpid()))
    for plan in part.plans:
        report(ClipDone(clip_id=plan.clip_id, reason=None, attempts=1))


def die_once(part: Part, report: Report) -> None:
    scar = Path(part.config.out, "scar")
    if part.number == 1 and not scar.exists():
        scar.touch()
        report(ClipDone(clip_id=part.plans[0].clip_id, reason=None, attempts=1))
        os.kill(os.getpid(), signal.SIGKILL)
    mark(part, report)


def die_always(part: Part, report: Report) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def fail(part: Part, report: Report) -> None:
    raise OutputError("disk full")


def linger(part: Part, report: Report) -> None:
    """Wait until somebody says to go on."""
    folder = Path(part.config.out)
    (folder / f"{part.name}.pid").write_text(str(os.getpid()))
    while not (folder / "go on").exists():
        time.sleep(0.05)
    mark(part, report)


def parts_in(folder: Path, people: int = 5, clips: int = 160) -> list[Part]:
    ids = [f"p{number}" for number in range(people)]
    turns = {"fear": [ids[number % people] for number in range(clips)]}
    plans = list(plan_clips(turns, design="independent", seed=0))
    placements = {who: Placement(split="train", fold=0) for who in ids}
    return list(cut_into_parts(plans, placements, RunConfig(out=str(folder))))


def eventually(look: Callable[[], str], *, within_s: float = 30.0) -> str:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        try:
            if found := look():
                return found
        except OSError:
            pass
        time.sleep(0.05)
    raise AssertionError("nothing came")


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{process}/stat").read_text().split()[2] != "Z"
