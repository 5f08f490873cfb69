"""What the card says of clips of several events; every number is counted on their rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median
from typing import Any

from equime_builder.card_prose import figure, share, table, type_name
from equime_builder.facs import EMOTIONS
from equime_builder.layout import tar_place_of
from equime_builder.manifest import Manifest
from equime_builder.reading import read_rows
from equime_builder.records import SPOTTING
from equime_builder.schema import features
from equime_builder.spotting import SPOTTING_COLUMNS
from equime_builder.tars import read_tar


def spotting_section(root: Path, manifest: Manifest) -> str:
    """Return the section in Markdown.

    Raises:
        DatasetError: A shard cannot be read.
    """
    rows = [row for entry in manifest.spotting_files for row in _rows(root, entry.path)]
    events = [event for row in rows for event in row["events"]]
    emotions = Counter(event["emotion"] for event in events)
    kinds = Counter(distractor["kind"] for row in rows for distractor in row["distractors"])
    types = features(SPOTTING_COLUMNS)
    columns = [[f"`{column.name}`", type_name(types[column.name]), column.meaning] for column in SPOTTING_COLUMNS]
    return f"""\
## Spotting

The configuration `{SPOTTING}` holds {len(rows)} further clips, which no other configuration has. In them
{len(events)} micro-expressions happen one after the other, among {kinds["blink"]} blinks and {kinds["head"]} motions
of the head.

{table(["split", "clips"], [[split, str(clips)] for split, clips in manifest.spotting.items()])}

{table(["emotion", "events"], [[name, str(emotions[name])] for name in EMOTIONS if emotions[name]])}

{table(["figure", "value"], _figures(events))}

{table(["column", "type", "meaning"], columns)}"""


def _figures(events: list[Mapping[str, Any]]) -> list[list[str]]:
    measured = [event for event in events if event["measured"] is not None]
    found = [event for event in measured if event["measured"]["apex_frame"] is not None]
    hits = sum(abs(event["measured"]["apex_frame"] - event["apex_frame"]) <= 1 for event in found)
    overlaps = sum(_overlap(event) >= 0.5 for event in found)
    fits = [event["measured"]["correlation"] for event in found if event["measured"]["correlation"] is not None]
    return [
        ["events measured", str(len(measured))],
        ["median correlation with the planned motion", figure(median(fits) if fits else None)],
        ["apex within 1 frame", share(hits, len(measured))],
        ["measured interval overlaps the planned one by half of their union or more", share(overlaps, len(measured))],
    ]


def _overlap(event: Mapping[str, Any]) -> float:
    """Return the shared part of the union of two intervals, as the spotting challenges of MEGC count it."""
    spans = [(span["onset_frame"], span["offset_frame"]) for span in (event, event["measured"])]
    shared = min(end for _, end in spans) - max(start for start, _ in spans)
    union = max(end for _, end in spans) - min(start for start, _ in spans)
    return float(max(shared, 0) / union)


def _rows(root: Path, path: str) -> Iterator[dict[str, Any]]:
    if tar_place_of(path):
        return read_tar(root / path, SPOTTING_COLUMNS)
    return read_rows(root / path, SPOTTING_COLUMNS, only=["events", "distractors"], where=path)
