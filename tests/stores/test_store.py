"""The store itself: what is there is whole, what may pass is waited for, what will not is told at once."""

from __future__ import annotations

import errno
import itertools
from pathlib import Path

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from equime_builder import patience, store
from equime_builder.errors import (
    DatasetError,
    DatasetMissingError,
    MissingExtraError,
    OutputError,
    TransferError,
    UsageError,
)
from equime_builder.store import open_store
from tests.stores.s3_server import BUCKET, S3

URL = f"s3://{BUCKET}/equime"


@pytest.mark.parametrize("where", ["memory", "s3"])
def test_files_come_and_go_whole(where: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    place = request.getfixturevalue(where)
    files = open_store(URL if where == "s3" else place)
    assert (files.names(), files.files(), files.exists("a/b")) == ([], {}, False)
    (tmp_path / "file").write_bytes(b"content")
    files.put(tmp_path / "file", "a/b")
    files.write("a/c", b"12")
    assert (files.names(), files.names("a"), files.files()) == (["a"], ["b", "c"], {"a/b": 7, "a/c": 2})
    assert (files.exists("a/b"), files.exists("a/d")) == (True, False)
    assert files.fetch("a/b", tmp_path / "deep" / "file").read_bytes() == files.read("a/b", most_bytes=7) == b"content"
    assert (files.write_new("a/d", b"1"), files.write_new("a/d", b"2")) == (True, False)
    assert files.read("a/d", most_bytes=1) == b"1"
    assert files.write_new("a/d", b"1"), "the answer to the first call may have got lost"
    assert not files.write_new("a/b", b"short"), "another's may be longer"
    files.write("a/empty", b"")
    assert files.read("a/empty", most_bytes=0) == b""
    with pytest.raises(DatasetError, match="equime/a/b: over 6 bytes, which no such file has"):
        files.read("a/b", most_bytes=6)
    files.delete(["a/b", "a/d", "a/empty", "a/never"])
    assert files.files() == {"a/c": 2}
    with pytest.raises(DatasetMissingError, match="equime/a/b: there is no such file"):
        files.fetch("a/b", tmp_path / "gone")
    assert not (tmp_path / "gone").exists()


def test_unfinished_uploads_are_invisible_and_dropped(s3: S3) -> None:
    import boto3

    client = boto3.client("s3")
    for key in ("equime/data/shard", "other/shard"):
        upload = client.create_multipart_upload(Bucket=BUCKET, Key=key)
        client.upload_part(Bucket=BUCKET, Key=key, PartNumber=1, UploadId=upload["UploadId"], Body=b"half")
    assert not open_store(URL).exists("data/shard")
    open_store(URL).drop_unfinished()
    left = client.list_multipart_uploads(Bucket=BUCKET)["Uploads"]
    assert [upload["Key"] for upload in left] == ["other/shard"], "others' are left alone"
    client.abort_multipart_upload(Bucket=BUCKET, Key="other/shard", UploadId=left[0]["UploadId"])


def test_a_large_file_in_pieces_of_which_some_get_lost(s3: S3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import boto3

    monkeypatch.setitem(store._REQUESTS, "retries", {"mode": "standard", "total_max_attempts": 3})
    monkeypatch.setattr("s3fs.core.calculate_chunksize", lambda size, chunksize=None: 5 * 2**20)
    (tmp_path / "shard").write_bytes(bytes(11 * 2**20))
    count = itertools.count()
    s3.fault = lambda method, path: "fail" if next(count) % 3 == 1 else None
    open_store(URL).put(tmp_path / "shard", "shard")
    s3.clear()
    assert open_store(URL).files() == {"shard": 11 * 2**20}
    s3.fault = lambda method, path: "refuse" if method == "PUT" else None
    with pytest.raises(OutputError):
        open_store(URL).put(tmp_path / "shard", "again")
    s3.clear()
    assert not boto3.client("s3").list_multipart_uploads(Bucket=BUCKET).get("Uploads"), "what was begun is taken back"
    assert open_store(URL).files() == {"shard": 11 * 2**20}


def test_a_store_that_is_away_for_a_while_is_waited_for(s3: S3) -> None:
    faults = itertools.chain(["fail"] * (patience.ATTEMPTS - 1), itertools.repeat(None))
    s3.fault = lambda method, path: next(faults)
    open_store(URL).write("a", b"x")
    assert open_store(URL).read("a", most_bytes=1) == b"x"


def test_a_store_that_stays_away_is_said(s3: S3, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "ATTEMPTS", 2)
    s3.fault = lambda method, path: "fail"
    with pytest.raises(TransferError, match=r"s3://bucket/equime/a: the store failed again and again: .*run the same"):
        open_store(URL).write("a", b"x")


def test_a_store_that_stalls_is_given_up(s3: S3, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "ATTEMPTS", 2)
    monkeypatch.setattr(store, "STALL_S", 0.3)
    s3.stall_s = 2.0
    s3.fault = lambda method, path: "stall"
    with pytest.raises(TransferError, match=r"failed again and again: FSTimeoutError; check the network"):
        open_store(URL).read("a", most_bytes=1)
    monkeypatch.setattr(patience, "ATTEMPTS", 7)
    monkeypatch.setattr(store, "STALL_S", 1.5)
    stalls = itertools.chain(["stall"], itertools.repeat(None))
    s3.fault = lambda method, path: next(stalls)
    open_store(URL).write("a", b"x")


def test_what_will_not_pass_is_told_at_once(s3: S3, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DatasetMissingError, match=r"s3://other/x/a: there is no such file, bucket or folder; check"):
        open_store("s3://other/x").write("a", b"x")
    s3.clear()
    s3.fault = lambda method, path: "refuse"
    with pytest.raises(OutputError, match=r"s3://bucket/equime/a: the store refuses: .*check keys and rights"):
        open_store(URL).write("a", b"x")
    assert len(s3.requests) == 1, "nothing was tried again"
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    fsspec.filesystem("s3").clear_instance_cache()
    with pytest.raises(OutputError, match=r"the store refuses: Unable to locate credentials; check keys"):
        open_store(URL).write("a", b"x")


def test_urls_that_nobody_can_use() -> None:
    with pytest.raises(UsageError, match=r"carrier://x is no URL of a store that fsspec knows"):
        open_store("carrier://x")
    with pytest.raises(MissingExtraError, match=r"gs:// needs what is not installed here \(Please install gcsfs"):
        open_store("gs://bucket/equime")
    with pytest.raises(UsageError, match=r"s3://bucket/x goes on with \? or #; leave that out") as caught:
        open_store("s3://bucket/x?X-Amz-Signature=abcdef")
    assert "abcdef" not in str(caught.value)


class Talkative(MemoryFileSystem):  # type: ignore[misc]
    """A file system whose errors tell everything."""

    protocol = "talkative"

    def size(self, path: str) -> int:
        raise OSError(errno.EINVAL, "bad answer of talkative://me:hunter2%21@host/data (user me, password hunter2!)")


def test_no_secret_of_a_url_is_told() -> None:
    fsspec.register_implementation("talkative", Talkative, clobber=True)
    files = open_store("talkative://me:hunter2%21@host/data")
    assert files.name == "talkative://***@host/data"
    with pytest.raises(OutputError, match="bad answer") as caught:
        files.read("file", most_bytes=9)
    assert "hunter2" not in str(caught.value)
