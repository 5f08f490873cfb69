"""Random numbers that depend on a key alone: not on order, process or machine."""

from __future__ import annotations

import hashlib

import numpy as np


def key_of(*parts: object) -> int:
    """Return a 128-bit number that names a stream, from the parts' text."""
    text = "/".join(str(part) for part in parts)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "big")


def stream(*parts: object) -> np.random.Generator:
    """Return the counter-based generator of a stream.

    Source: Philox, Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
    """
    return np.random.Generator(np.random.Philox(key=key_of(*parts)))
