"""What a trained baseline is not made for; printed wherever one answers."""

from __future__ import annotations

from typing import Final

NOT_MADE_FOR: Final = (
    "It is a baseline to compare models with. It is not made to tell what anybody feels: it names the class whose "
    "synthetic clips look most alike, also where a face shows no expression at all.",
    "It is not made for decisions about people: not at work, at school, in court, at borders or in care; not to detect "
    "deception, and not to identify anyone.",
    "It has learned from synthetic clips of few people. How well it does on recordings, on other people and on other "
    "cameras is unknown until it is tested on labelled recordings.",
)
"""One sentence a line or two."""
