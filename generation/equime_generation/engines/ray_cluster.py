"""The cluster behind the ray engine: one that somebody runs, or one of this machine's cores for the time of a run."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from equime_builder.errors import EquimeError, UsageError, need
from equime_builder.pool import default_workers

_ANSWER_WITHIN_S: Final = 10.0
_QUIET: Final[dict[str, Any]] = {"log_to_driver": False, "logging_level": logging.ERROR}
_STORE_BYTES: Final = 100_000_000
"""Plans and reports travel, no pictures; Ray would set a third of the memory aside."""


@contextmanager
def cluster(address: str, *, workers: int) -> Iterator[Any]:
    """Yield the module ``ray``, connected; what was started here ends with the block.

    Args:
        address: Of a running cluster, ``HOST:PORT``, or ``auto`` for this machine's; empty = that of ``RAY_ADDRESS``,
            else a cluster of this machine's cores that nobody else can reach.
        workers: The least number of workers that a cluster of this machine's cores must have places for.

    Raises:
        MissingExtraError: Ray is not installed.
        UsageError: The address is no cluster's.
        EquimeError: The cluster does not answer.
    """
    address = address or os.environ.get("RAY_ADDRESS", "")
    with _joined(address) if address else _own(workers) as ray:
        yield ray


@contextmanager
def _joined(address: str) -> Iterator[Any]:
    ray: Any = need("ray", extra="ray")
    if ray.is_initialized():  # by whoever called us, who goes on with it
        yield ray
        return
    _knock(address)
    try:
        ray.init(address=address, **_QUIET)
    except Exception as error:  # Ray raises that very class, too
        raise EquimeError(
            f"the Ray cluster at {address} cannot be joined: {_first_line(error)}; run on a machine of the cluster "
            "(ray start --address=... makes this one such), or leave --address out"
        ) from error
    try:
        yield ray
    finally:
        ray.shutdown()


def _knock(address: str) -> None:
    """Find out within seconds what Ray would find out within minutes."""
    if "://" in address:
        raise UsageError(
            f"--address must be HOST:PORT or auto, got {address}; a run drives a cluster from one of its machines"
        )
    host, _, port = address.rpartition(":")
    if not host:
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_ANSWER_WITHIN_S).close()
    except (OSError, ValueError, OverflowError) as error:
        raise EquimeError(
            f"no Ray cluster answers at {address} ({error}); start one there with ray start --head, or leave --address "
            "out to work on this machine"
        ) from error


@contextmanager
def _own(workers: int) -> Iterator[Any]:
    """Start a cluster of one node: on loopback alone, behind a key, without a page and without telling anybody."""
    closed = {
        "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # the one switch that binds every port to loopback, on Linux too
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": secrets.token_hex(32),
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # leaves the GPUs of workers that ask for none as they are
    }
    with _environment(closed), tempfile.TemporaryDirectory(prefix="equime-ray-", ignore_cleanup_errors=True) as folder:
        ray: Any = need("ray", extra="ray")  # reads the environment when it is imported
        size = {"num_cpus": max(workers, default_workers()), "object_store_memory": _STORE_BYTES}
        try:
            ray.init(address="local", include_dashboard=False, _temp_dir=folder, **size, **_QUIET)
        except Exception as error:  # Ray raises that very class, too
            raise EquimeError(
                f"Ray does not start on this machine: {_first_line(error)}; run again when it has less to do, or take "
                "--engine local, which does the same without it"
            ) from error
        try:
            yield ray
        finally:
            ray.shutdown()


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
