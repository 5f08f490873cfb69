"""An export and the dataset that it was made from show the same frames under the same labels."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from equime_builder.export import export_dataset
from equime_evaluation.recordings import open_source

pytest.importorskip("openpyxl", reason="install equime[sheets]")


@pytest.mark.parametrize("format", ["casme2", "samm"])
def test_onset_apex_and_offset_are_the_dataset_s(tiny_dataset: Path, tmp_path: Path, format: str) -> None:
    export_dataset(tiny_dataset, tmp_path, format=format, images="png")
    with (tmp_path / "equime-key.csv").open(encoding="utf-8", newline="") as file:
        ids = {(line["subject_id"], line["filename"]): line["id"] for line in csv.DictReader(file)}
    true = {item.name: item for item in open_source(f"equime:{tiny_dataset}").recordings}
    recordings = open_source(f"{format}:{tmp_path}").recordings
    assert len(recordings) == 12
    for item in recordings:
        original = true[ids[item.subject, item.name]]
        assert (item.emotion, item.person) == (original.emotion, original.person)
        here, there = ([one.onset_frame or 0, one.apex_frame or 0, one.offset_frame or 0] for one in (item, original))
        np.testing.assert_array_equal(item.frames.read(here), original.frames.read(there))
