"""Prompts as the text encoder sees them: encoded once, kept on disk, so that the encoder need not even be loaded."""

from __future__ import annotations

import hashlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from equime_builder.digests import canonical_json
from equime_builder.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import torch

CACHE_VARIABLE: Final = "EQUIME_CACHE"
_NAME: Final = "embeds"


def cache_folder() -> Path:
    """Return where EquiME keeps what it can make again: ``$EQUIME_CACHE``, else the platform's cache folder."""
    if chosen := os.environ.get(CACHE_VARIABLE):
        return Path(chosen).expanduser()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "equime" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "equime"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "equime"


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptCache:
    """Encoded prompts on disk; a file that cannot be read counts as missing.

    Attributes:
        folder: Where the files lie; made when the first is written.
        encoder: What names the encoder: its weights, its type of numbers and the device that it ran on.
        max_length: Tokens that a prompt is cut or padded to.
        width: Channels of a token.
        dtype: Type of the numbers, such as ``bfloat16``.
    """

    folder: Path
    encoder: str
    max_length: int
    width: int
    dtype: str

    def path(self, text: str) -> Path:
        """Return the file of a prompt."""
        key = canonical_json([self.encoder, self.dtype, self.max_length, text])
        return self.folder / f"{hashlib.sha256(key.encode()).hexdigest()}.safetensors"

    def missing(self, texts: Iterable[str]) -> list[str]:
        """Return the prompts that still have to be encoded, each once."""
        return [text for text in dict.fromkeys(texts) if self._read(text) is None]

    def write(self, text: str, embeds: torch.Tensor) -> None:
        """Keep the embedding of a prompt: whole under its name, or not at all.

        Args:
            text: The prompt.
            embeds: (tokens, width) of the tokens that are no padding.

        Raises:
            OutputError: The folder cannot be written.
        """
        from safetensors.torch import save

        path = self.path(text)
        loose = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            loose.write_bytes(save({_NAME: embeds.contiguous().cpu()}))
            loose.replace(path)
        except OSError as error:
            raise OutputError(f"{self.folder} cannot be written ({error}); set {CACHE_VARIABLE} to a folder") from error

    def read(self, text: str) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the embedding of a prompt and its mask, padded: (max_length, width) and (max_length,) bool.

        Padding is masked in attention and is zeros here, whatever the encoder made of it.

        Raises:
            KeyError: The prompt was not encoded.
        """
        import torch

        embeds = self._read(text)
        if embeds is None:
            raise KeyError(text)
        padded = torch.zeros((self.max_length, self.width), dtype=embeds.dtype)
        padded[: len(embeds)] = embeds
        return padded, torch.arange(self.max_length) < len(embeds)

    def _read(self, text: str) -> torch.Tensor | None:
        import torch
        from safetensors import SafetensorError
        from safetensors.torch import load

        try:
            embeds = load(self.path(text).read_bytes())[_NAME]
        except (OSError, SafetensorError, KeyError):
            return None
        fits = embeds.ndim == 2 and embeds.shape[1] == self.width and 0 < len(embeds) <= self.max_length
        return embeds if fits and embeds.dtype == getattr(torch, self.dtype) else None
