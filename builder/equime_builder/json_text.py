"""JSON that others wrote, where Python reads more than it can write again."""

from __future__ import annotations

import json
from typing import Any


def parse_json(text: str | bytes) -> Any:
    """Return the value of a JSON text, which can be written as JSON again.

    Raises:
        ValueError: The text is no JSON, or holds what no file may: NaN, a number beyond all floats, or half a character
            (a lone surrogate; RFC 8259, section 8.2).
        RecursionError: It is nested too deeply.
    """
    value = json.loads(text)
    json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    return value
