"""Work in processes, with results in the order of the items."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from multiprocessing.connection import wait

import pytest

from equime_builder.errors import EquimeError
from equime_builder.pool import in_order


def later_the_smaller(number: int) -> tuple[int, int]:
    time.sleep(0.2 if number == 0 else 0.0)
    return number, os.getpid()


def die(number: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return number


def linger(number: int) -> int:
    time.sleep(60 if number else 0)
    return number


def refuse(number: int) -> int:
    if number == 3:
        raise ValueError("three")
    return number


def test_results_keep_the_order_of_the_items_and_come_from_several_processes() -> None:
    results = list(in_order(later_the_smaller, range(12), workers=2))
    assert [number for number, _ in results] == list(range(12))
    assert os.getpid() not in {process for _, process in results}


def test_one_worker_is_this_process_and_does_nothing_before_it_is_asked() -> None:
    asked: list[int] = []
    results = in_order(asked.append, [1, 2, 3], workers=1)
    assert asked == []
    next(results)
    assert asked == [1]


def test_an_error_of_an_item_comes_in_its_turn() -> None:
    results = in_order(refuse, range(6), workers=2)
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="three"):
        next(results)


def test_a_killed_process_is_told() -> None:
    with pytest.raises(EquimeError, match=r"a worker process was killed .* smaller --workers"):
        list(in_order(die, range(3), workers=2))


def test_whoever_stops_early_does_not_wait_for_what_is_in_hand() -> None:
    results = in_order(linger, range(4), workers=2)
    assert next(results) == 0
    processes = multiprocessing.active_children()
    assert len(processes) == 2
    results.close()  # type: ignore[attr-defined]
    for process in processes:  # their pipes, for the pool's own thread may be at waiting for them too, and joins race
        assert wait([process.sentinel], timeout=30)
