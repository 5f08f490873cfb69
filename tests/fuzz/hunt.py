"""Fuzzes a family of targets in a process of its own: ``python -m tests.fuzz.hunt FAMILY SECONDS FOLDER SEED``.

Each target gets so many seconds of processor time; with 0 it reads the few cases that it asks for. Exit codes: 0
nothing was found, 1 a reader broke the rule (the trace says which and where); a negative one is the signal that ended
the process: SIGPROF where a reader did not end, another one where a library crashed. What was being read then lies in
``FOLDER/TARGET/case``.
"""

from __future__ import annotations

import faulthandler
import math
import shutil
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Final

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.database import DirectoryBasedExampleDatabase

from equime_builder.errors import EquimeError
from tests.fuzz.guard import Guard, limit_memory
from tests.fuzz.mutations import Material
from tests.fuzz.target import Target

HANG_S: Final = 10
"""Of processor time: more than any reader takes for a few hundred kilobytes."""
KEPT: Final = Path(".hypothesis") / "fuzz"
"""Where seeds that failed are kept for the next time, and the bytes; git ignores it."""
_ROUND: Final = 500
# One draw a case: hypothesis keeps and repeats the draw, and the readers get the time.
_CASES: Final = st.integers(0, 2**32 - 1)


class Hunt:
    """The fuzzing of one target.

    Args:
        folder: The readers get its folder ``case``; beside it lies a file that they must not touch.
    """

    def __init__(self, name: str, target: Target, folder: Path, guard: Guard) -> None:
        self._name, self._target, self._guard = name, target, guard
        self._case, self._private = folder / "case", folder / "private" / "secret"
        for path in (self._case / target.file, self._private):
            path.parent.mkdir(parents=True, exist_ok=True)
        self._private.write_bytes(b"nobody's business")
        self._samples = tuple(target.samples(self._case))
        private = str(self._private)
        words = (private, "../private/secret", f"file:{private}", "/etc/passwd", "..", "a/../b", "C:\\x")
        self._material = Material(samples=self._samples, words=words, marks=target.marks)
        self._count, self._passed, self._most, self._deadline = 0, 0, math.inf, math.inf
        self._check_samples()

    def run(self, seconds: float, first_seed: int) -> str:
        """Read damaged files and say how many, in which time; a reader that breaks the rule raises.

        Args:
            seconds: Of processor time; 0 = until the target's few cases are done.
        """
        self._most = math.inf if seconds else self._target.few
        self._guard.mind(self._private, self._case)
        began_s = time.process_time()
        self._deadline = began_s + (seconds or math.inf)
        while not self._is_done:
            first_seed += 1
            given(_CASES)(seed(first_seed)(_settled(partial(self._read_one))))()
        share = self._passed / max(1, self._count * len(self._target.readers))
        return f"{self._count} cases in {time.process_time() - began_s:.0f} s, {share:.0%} of the readings not refused"

    @property
    def _is_done(self) -> bool:
        return time.process_time() > self._deadline or self._count >= self._most

    def _read_one(self, case_seed: int) -> None:
        random = Random(case_seed)
        data = self._target.mutate(random, random.choice(self._samples), self._material)
        if self._is_done:
            return  # for the rest of the round
        self._count += 1
        try:
            self._read(data)
        except BaseException:
            self._deadline = self._most = math.inf  # hypothesis reads it once more
            KEPT.mkdir(parents=True, exist_ok=True)
            shutil.copy(self._case / self._target.file, KEPT / f"{self._name}-{case_seed}.case")
            raise

    def _read(self, data: bytes) -> None:
        (self._case / self._target.file).write_bytes(data)
        for reader in self._target.readers:
            signal.setitimer(signal.ITIMER_PROF, HANG_S)
            try:
                self._guard.watched(lambda: reader(self._case))  # noqa: B023  # called at once
                self._passed += 1
            except EquimeError:
                pass
            finally:
                signal.setitimer(signal.ITIMER_PROF, 0)

    def _check_samples(self) -> None:
        """A target that refuses everything would find nothing."""
        for sample in self._samples:
            (self._case / self._target.file).write_bytes(sample)
            for reader in self._target.readers:
                try:
                    reader(self._case)
                except EquimeError:
                    if not self._target.refused:
                        raise


def _settled(read: Callable[[int], None]) -> Any:
    return settings(
        max_examples=_ROUND,
        deadline=None,
        database=DirectoryBasedExampleDatabase(KEPT),
        suppress_health_check=list(HealthCheck),
        phases=(Phase.reuse, Phase.generate),
    )(lambda case_seed: read(case_seed))


def main(family: str, seconds: str, folder: str, first_seed: str) -> None:
    """Fuzz the targets of a family, say of each what was read, and exit with 1 if any broke the rule."""
    from tests.fuzz.targets import FAMILIES

    faulthandler.enable()
    faulthandler.register(signal.SIGPROF, chain=True)
    warnings.simplefilter("ignore")
    guard, root, broken = Guard(), Path(folder).resolve(), False
    hunts = {name: Hunt(name, target, root / name, guard) for name, target in FAMILIES[family].items()}
    limit_memory()  # valid samples were read, so that all libraries are loaded
    for name, hunt in hunts.items():
        print(f"fuzzing {name}", flush=True)
        try:
            print(f"{name}: {hunt.run(float(seconds), int(first_seed))}", flush=True)
        except BaseException:
            broken = True
            traceback.print_exc()
    sys.exit(int(broken))


if __name__ == "__main__":
    main(*sys.argv[1:])
