"""Valid bytes made hostile: flipped, cut, spliced and repeated, with numbers grown and names that point elsewhere."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import Any, Final

NUMBERS: Final = (
    0,
    1,
    2,
    0x7F,
    0x80,
    0xFF,
    0x7FFF,
    0xFFFF,
    0x7FFFFFFF,
    0x80000000,
    0xFFFFFFFE,
    0xFFFFFFFF,
    2**63,
    2**64 - 1,
)
VALUES: Final[tuple[object, ...]] = (
    None, True, False, -1, 0, 1, 143, 144, 2**31, 2**63, 2**64, -(2**70), 10**400, 0.5, -0.0, 1e308, float("nan"),
    float("inf"), float("-inf"), "", " ", "\x00", "\ud800", "ü", "\u202e", "a" * 70_000, "9" * 5_000, "1e999", "-1",
    [], {}, [[]], [None], {"": None}, {"a": {"b": []}},
)  # fmt: skip
DEEP: Final = 100_000
"""Brackets of a nesting that no recursion survives."""


@dataclass(frozen=True)
class Material:
    """What mutations draw on.

    Attributes:
        samples: Valid files.
        words: Texts that name a place which no reader may look at.
        marks: Bytes that stand before what decides the layout of a file.
    """

    samples: Sequence[bytes]
    words: Sequence[str] = ()
    marks: Sequence[bytes] = ()


def mutated(random: Random, data: bytes, material: Material) -> bytes:
    """Return the bytes after one to five edits."""
    for _ in range(random.randint(1, 5)):
        edit = random.choice(EDITS)
        data = edit(random, data, material)
    return data


def mutated_tree(random: Random, tree: Any, material: Material) -> Any:
    """Return JSON values after one to four edits of its leaves, names and branches."""
    tree = copy.deepcopy(tree)
    for _ in range(random.randint(1, 4)):
        tree = _edited(random, tree, material)
    return tree


def mutated_json(random: Random, data: bytes, material: Material) -> bytes:
    """Return a JSON text whose values were edited, or, one time in four, its bytes."""
    if not random.randint(0, 3):
        return mutated(random, data, material)
    text = json.dumps(mutated_tree(random, json.loads(data), material)).encode("utf-8", "surrogatepass")
    if random.randint(0, 15):
        return text
    at = random.randint(0, len(text))
    return text[:at] + random.choice((b"[", b'{"a":')) * DEEP + text[at:]


def hostile(random: Random, material: Material) -> Any:
    """Return a value that a reader may not expect."""
    choices = (*VALUES, *material.words)
    return copy.deepcopy(choices[random.randint(0, len(choices) - 1)])


def _edited(random: Random, tree: Any, material: Material) -> Any:
    if isinstance(tree, str) and tree[:1] in ("{", "[") and random.randint(0, 3):
        with suppress(ValueError, RecursionError):  # of a text that was damaged before
            return mutated_json(random, tree.encode(), material).decode("utf-8", "replace")
    if not isinstance(tree, dict | list) or not tree or not random.randint(0, 6):
        return hostile(random, material)
    key = random.choice(list(tree)) if isinstance(tree, dict) else random.randint(0, len(tree) - 1)
    action = random.randint(0, 9)
    if action < 7:
        tree[key] = _edited(random, tree[key], material)
    elif action == 7:
        del tree[key]
    elif isinstance(tree, dict):
        tree[str(hostile(random, material))[:200]] = tree[key]
    else:
        tree.insert(key, copy.deepcopy(tree[key]))
    return tree


def _place(random: Random, data: bytes, material: Material) -> int:
    """Return where to edit: anywhere, or shortly before or behind a mark."""
    marks = [mark for mark in material.marks if mark in data]
    if not marks or not random.randint(0, 2):
        return random.randint(0, len(data))
    mark = random.choice(marks)
    found = random.randint(0, len(data))
    at = data.find(mark, found)
    return max(0, (at if at >= 0 else data.find(mark)) + random.randint(-4, 40))


def _flip(random: Random, data: bytes, material: Material) -> bytes:
    at = _place(random, data, material)
    return data if at >= len(data) else data[:at] + bytes([data[at] ^ 1 << random.randint(0, 7)]) + data[at + 1 :]


def _number(random: Random, data: bytes, material: Material) -> bytes:
    at, size = _place(random, data, material), random.choice((1, 2, 4, 8))
    value = random.choice(NUMBERS) % 256**size
    written: bytes = value.to_bytes(size, "big") if random.randint(0, 1) else value.to_bytes(size, "little")
    return data[:at] + written + data[at + size :]


def _cut(random: Random, data: bytes, material: Material) -> bytes:
    return data[: _place(random, data, material)]


def _drop(random: Random, data: bytes, material: Material) -> bytes:
    at = _place(random, data, material)
    return data[:at] + data[at + random.randint(1, 64) :]


def _repeat(random: Random, data: bytes, material: Material) -> bytes:
    at = _place(random, data, material)
    piece = data[at : at + random.randint(1, 512)]
    return data[:at] + piece * random.choice((2, 3, 300)) + data[at + len(piece) :]


def _splice(random: Random, data: bytes, material: Material) -> bytes:
    other = random.choice(material.samples)
    at, start = _place(random, data, material), random.randint(0, len(other))
    return data[:at] + other[start : start + random.choice((8, 64, 4096))] + data[at:]


def _name(random: Random, data: bytes, material: Material) -> bytes:
    if not material.words:
        return data
    at, word = _place(random, data, material), random.choice(material.words).encode()
    return data[:at] + word + data[at + random.choice((0, len(word))) :]


EDITS: Final[tuple[Callable[[Random, bytes, Material], bytes], ...]] = (
    _flip, _flip, _number, _number, _number, _cut, _drop, _repeat, _splice, _name,
)  # fmt: skip
