"""``datasheet.md``: the questions of *Datasheets for Datasets*, answered from the folder.

Source: Gebru, Morgenstern, Vecchione, Vaughan, Wallach, Daumé III, Crawford, "Datasheets for Datasets", 2018
(arXiv:1803.09010).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from equime_builder import datasheet_answers as answers
from equime_builder.datasheet_facts import Facts, facts_of
from equime_builder.layout import DATASHEET_FILE
from equime_builder.manifest import Manifest
from equime_builder.publish import publish_text
from equime_builder.summary import Summary

_HEAD: Final = """\
# Datasheet

It answers the questions of *Datasheets for Datasets* (Gebru et al. 2018, arXiv:1803.09010). Every number was counted in
this folder when it was written; nothing was typed by hand. Contents: `{contents}`."""


def write_datasheet(root: Path, manifest: Manifest, summary: Summary) -> Path:
    """Write the datasheet of a dataset folder from its side tables, its manifest and its figures.

    Args:
        summary: Figures of the manifest's ``clip_files``.

    Raises:
        DatasetError: A side table cannot be read.
        OutputError: The place cannot be written.
    """
    return publish_text(root / DATASHEET_FILE, datasheet(facts_of(root, manifest, summary)))


def datasheet(facts: Facts) -> str:
    """Return the datasheet in Markdown."""
    sections = (
        ("Motivation", answers.motivation(facts)),
        ("Composition", answers.composition(facts)),
        ("Collection process", answers.collection(facts)),
        ("Preprocessing, cleaning, labelling", answers.preprocessing(facts)),
        ("Uses", answers.uses(facts)),
        ("Distribution", answers.distribution(facts)),
        ("Maintenance", answers.maintenance(facts)),
    )
    parts = [_HEAD.format(contents=facts.manifest.contents), *(_section(name, found) for name, found in sections)]
    return "\n\n".join(parts) + "\n"


def _section(name: str, found: Iterable[answers.Answer]) -> str:
    return "\n\n".join([f"## {name}", *(f"**{question}**\n\n{answer}" for question, answer in found)])
