"""What the card says of questions; every number is counted on their rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from equime_builder.card_prose import table, type_name
from equime_builder.manifest import Manifest
from equime_builder.reading import read_rows
from equime_builder.schema import features
from equime_builder.vqa_rows import VQA, VQA_COLUMNS
from equime_builder.vqa_templates import CHALLENGE_KINDS, KINDS

"""A clip has about ten questions; those of a whole shard of small clips would be a gigabyte of objects."""


def vqa_section(root: Path, manifest: Manifest) -> str:
    """Return the section in Markdown.

    Raises:
        DatasetError: A shard cannot be read.
    """
    questions: Counter[str] = Counter()
    examples: dict[str, tuple[str, str]] = {}
    for entry in manifest.files:
        for record in _records(root, entry.path) if entry.vqa_split else ():
            questions[record["kind"]] += 1
            examples.setdefault(record["kind"], (record["question"], record["answer"]))
    kinds = [[f"`{kind}`", str(questions[kind]), *examples[kind]] for kind in KINDS if questions[kind]]
    types = features(VQA_COLUMNS)
    columns = [[f"`{column.name}`", type_name(types[column.name]), column.meaning] for column in VQA_COLUMNS]
    return f"""\
## Questions

The configuration `{VQA}` holds the same clips with {questions.total()} questions and their answers, a clip a row. The
kinds {", ".join(f"`{kind}`" for kind in CHALLENGE_KINDS)} are those of the ME-VQA challenge (MEGC 2025), word for word
and in its record format; the others ask what only known truth can answer. Sides are the person's own.

{table(["split", "clips"], [[split, str(clips)] for split, clips in manifest.vqa.items()])}

{table(["kind", "questions", "example", "its answer"], kinds)}

{table(["column", "type", "meaning"], columns)}"""


def _records(root: Path, path: str) -> Iterator[dict[str, Any]]:
    for row in read_rows(root / path, VQA_COLUMNS, only=["questions"], where=path):
        yield from row["questions"]
