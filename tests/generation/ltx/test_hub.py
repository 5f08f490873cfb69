"""A repository of the Hub: pinned, from the cache where it is whole, and each failure said in words."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import huggingface_hub
import pytest
from huggingface_hub.errors import (
    GatedRepoError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from equime_generation.renderers.ltx.checkpoint import find_checkpoint
from equime_generation.renderers.ltx.faults import CheckpointError
from equime_generation.renderers.ltx.hub import is_hub_id
from equime_generation.renderers.ltx.settings import LtxSettings

COMMIT = "0123456789abcdef0123456789abcdef01234567"
SETTINGS = LtxSettings(model="Lightricks/LTX-Video-0.9.5", revision=COMMIT)


def answering(monkeypatch: pytest.MonkeyPatch, *, cached: Path | None, online: Path | Exception | None) -> list[Any]:
    """Let the Hub's client answer so; returns the calls that went online."""
    calls: list[Any] = []

    def download(model: str, *, local_files_only: bool = False, **given: Any) -> str:
        if not local_files_only:
            calls.append((model, given["revision"], given["allow_patterns"]))
        answer = cached if local_files_only else online
        if isinstance(answer, Exception):
            raise answer
        if answer is None:
            raise LocalEntryNotFoundError("not here")
        return str(answer)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    return calls


def refused(kind: type[Exception]) -> Exception:
    response = SimpleNamespace(headers={}, request=None)
    return kind("said the Hub", response=response)  # type: ignore[call-arg]


def test_a_whole_snapshot_needs_no_line(tiny_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = answering(monkeypatch, cached=tiny_folder, online=None)
    found = find_checkpoint(SETTINGS)
    assert (found.model, found.revision, found.folder) == (SETTINGS.model, COMMIT, tiny_folder)
    assert calls == []


def test_a_snapshot_that_lacks_a_part_is_downloaded(
    tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ((_, revision, patterns),) = _downloaded(tiny_folder, tmp_path, monkeypatch)
    assert revision == COMMIT
    assert "transformer/*.safetensors" in patterns
    assert not [pattern for pattern in patterns if pattern.endswith((".bin", ".pt", ".py", "*"))]
    assert "*.safetensors" not in patterns  # files of 5 to 28 GB lie at the root


def _downloaded(tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    calls = answering(monkeypatch, cached=tmp_path, online=tiny_folder)
    assert find_checkpoint(SETTINGS).folder == tiny_folder
    return calls


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (refused(GatedRepoError), r"is gated; accept its terms at https://huggingface.co/.* and run: hf auth login"),
        (refused(RevisionNotFoundError), rf"has no commit {COMMIT}; https://.*/commits/main lists them"),
        (refused(RepositoryNotFoundError), "the Hub has no repository .* that you may read; check the name"),
        (LocalEntryNotFoundError("offline"), r"and the Hub cannot be reached; go online once \(hf download"),
        (ConnectionResetError("reset"), "and the Hub cannot be reached"),
    ],
)
def test_what_the_hub_refuses_is_said(answer: Exception, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, cached=None, online=answer)
    with pytest.raises(CheckpointError, match=message):
        find_checkpoint(SETTINGS)


@pytest.mark.parametrize(
    ("name", "is_id"),
    [("a/b", True), ("Lightricks/LTX-Video-0.9.5", True), ("/a/b", False), ("a/b/c", False), ("a", False)],
)
def test_names_of_repositories(name: str, is_id: bool) -> None:
    assert is_hub_id(name) == is_id
