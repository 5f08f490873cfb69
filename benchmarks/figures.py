"""One figure a line: what was measured, what was wanted, and whether it was reached."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Literal

RESULTS = Path(__file__).with_name("results.jsonl")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A value with its interval, where one is known, and what else the same measurement found, by name (``facts``)."""

    name: str
    value: float
    unit: str
    target: float
    better: Literal["higher", "lower"]
    detail: str = ""
    low: float | None = None
    high: float | None = None
    facts: Mapping[str, float] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return self.value >= self.target if self.better == "higher" else self.value <= self.target

    def as_json(self) -> str:
        line: dict[str, Any] = {"name": self.name, "value": round(self.value, 4), "unit": self.unit}
        line |= {"target": self.target, "better": self.better, "ok": self.ok, "detail": self.detail}
        return json.dumps(line)


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
