"""Hashes that name files and configurations."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_BLOCK_BYTES: Final = 1 << 20


def canonical_json(value: object) -> str:
    """Return the one JSON text of a value: keys sorted, no spaces, floats exact.

    Raises:
        ValueError: The value holds NaN or infinity, which JSON does not know.
        TypeError: The value holds something that JSON has no form for.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def fingerprint(config: Mapping[str, object]) -> str:
    """Return 16 hex digits that name exactly this configuration."""
    return hashlib.sha256(canonical_json(dict(config)).encode()).hexdigest()[:16]


def sha256_of_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, read in blocks.

    Raises:
        OSError: The file cannot be read.
    """
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()
