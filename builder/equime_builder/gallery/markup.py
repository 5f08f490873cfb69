"""HTML and SVG in which nothing stands unescaped, because every element is made here."""

from __future__ import annotations

from html import escape
from typing import Final

_VOID: Final = frozenset({"img", "input", "meta"})

AttributeValue = str | int | float | bool | None


class Markup(str):
    """Text that is markup already; any other text is escaped when it becomes part of an element."""

    __slots__ = ()


def tag(name: str, /, *children: str, **attributes: AttributeValue) -> Markup:
    """Return an element.

    Args:
        name: Its name, written by us and not by a dataset.
        children: Plain text, which is escaped, or `Markup`.
        attributes: A trailing ``_`` falls away and other ``_`` become ``-``; ``True`` gives a bare attribute, ``None``
            and ``False`` give none.

    Example:
        ``tag("p", "1 < 2", class_="sum")`` is ``<p class="sum">1 &lt; 2</p>``.
    """
    words = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _VOID:
        return Markup(f"<{name}{words}>")
    return Markup(f"<{name}{words}>{joined(*children)}</{name}>")


def joined(*children: str) -> Markup:
    """Return children side by side, escaped where they are not markup."""
    return Markup("".join(child if isinstance(child, Markup) else escape(child) for child in children))


def _attribute(key: str, value: AttributeValue) -> str:
    name = key.removesuffix("_").replace("_", "-")
    if value is None or value is False:
        return ""
    return f" {name}" if value is True else f' {name}="{escape(str(value))}"'
