from __future__ import annotations

from collections.abc import Iterator

import fsspec
import pytest

from equime_builder import patience, store
from tests.generation.conftest import people_folder, small_config, small_run
from tests.stores.s3_server import BUCKET, ENVIRONMENT, S3, serving

__all__ = ["people_folder", "small_config", "small_run"]


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3]:
    pytest.importorskip("moto", reason="install the dev group")
    with serving() as s3:
        yield s3


@pytest.fixture
def s3(s3_server: S3, monkeypatch: pytest.MonkeyPatch) -> Iterator[S3]:
    """The server with an empty bucket, as the environment names it; who tries again does so at once."""
    import boto3

    for name, value in {**ENVIRONMENT, "AWS_ENDPOINT_URL": s3_server.endpoint}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(patience, "WAIT_S", 0.001)
    monkeypatch.setitem(store._REQUESTS, "retries", {"total_max_attempts": 1})  # its waits are whole seconds
    bucket = boto3.resource("s3").create_bucket(Bucket=BUCKET)
    s3_server.clear()
    yield s3_server
    s3_server.clear()
    bucket.objects.all().delete()
    fsspec.filesystem("s3").clear_instance_cache()


@pytest.fixture
def memory() -> Iterator[str]:
    """The URL of an empty folder in this process' memory."""
    yield "memory://bucket/equime"
    fsspec.filesystem("memory").store.clear()
    del fsspec.filesystem("memory").pseudo_dirs[1:]
