"""Encoded prompts on disk: whole or missing, and never those of another encoder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save

from equime_builder.errors import OutputError
from equime_generation.renderers.ltx.embeddings import PromptCache, cache_folder


@pytest.fixture
def cache(tmp_path: Path) -> PromptCache:
    return PromptCache(folder=tmp_path / "prompts", encoder="t5", max_length=6, width=3, dtype="float32")


def test_an_embedding_comes_back_padded_with_its_mask(cache: PromptCache) -> None:
    embeds = torch.arange(12.0).reshape(4, 3)
    assert cache.missing(["a", "b", "a"]) == ["a", "b"]
    cache.write("a", embeds)
    assert cache.missing(["a", "b"]) == ["b"]
    padded, mask = cache.read("a")
    assert torch.equal(padded[:4], embeds)
    assert not padded[4:].any()
    assert mask.tolist() == [True] * 4 + [False] * 2
    with pytest.raises(KeyError):
        cache.read("b")


@pytest.mark.parametrize("field", ["encoder", "dtype", "max_length"])
def test_another_encoder_has_other_files(cache: PromptCache, field: str) -> None:
    cache.write("a", torch.ones(2, 3))
    other = {"encoder": "another", "dtype": "bfloat16", "max_length": 7}[field]
    assert replace(cache, **{field: other}).missing(["a"]) == ["a"]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff" * 40, save({"other": torch.ones(2, 3)}), save({"embeds": torch.ones(2, 4)}),
     save({"embeds": torch.ones(7, 3)}), save({"embeds": torch.ones(2, 3).bfloat16()})],
    ids=["empty", "garbage", "another name", "another width", "too long", "another type"],
)  # fmt: skip
def test_a_damaged_file_counts_as_missing(cache: PromptCache, content: bytes) -> None:
    cache.folder.mkdir()
    cache.path("a").write_bytes(content)
    assert cache.missing(["a"]) == ["a"]
    cache.write("a", torch.ones(2, 3))
    assert cache.missing(["a"]) == []
    assert [path.suffix for path in cache.folder.iterdir()] == [".safetensors"]


def test_a_folder_that_cannot_be_written_is_named(cache: PromptCache) -> None:
    cache.folder.write_text("a file stands here")
    with pytest.raises(OutputError, match=r"cannot be written .* set EQUIME_CACHE to a folder"):
        cache.write("a", torch.ones(2, 3))


def test_the_place_can_be_chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EQUIME_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv("EQUIME_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setattr("sys.platform", "linux")
    assert cache_folder() == tmp_path / "xdg" / "equime"
