"""One figure a line: what was measured, what was wanted, and whether it was reached."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any, Literal

RESULTS = Path(__file__).with_name("results.jsonl")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    name: str
    value: float
    unit: str
    target: float
    better: Literal["higher", "lower"]
    detail: str = ""

    @property
    def ok(self) -> bool:
        return self.value >= self.target if self.better == "higher" else self.value <= self.target

    def as_json(self) -> str:
        fields: dict[str, Any] = {**asdict(self), "value": round(self.value, 4), "ok": self.ok}
        return json.dumps({key: fields[key] for key in ("name", "value", "unit", "target", "better", "ok", "detail")})


def publish(figure: Figure) -> None:
    print(figure.as_json(), flush=True)
    with RESULTS.open("a", encoding="utf-8") as file:
        file.write(figure.as_json() + "\n")


def cpu_s(work: Callable[[], object], *, repeats: int = 1) -> float:
    """Median CPU seconds of this process over repeats; other work on the machine does not count."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return median(times)
