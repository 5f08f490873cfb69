from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from equime_builder.decode import decode_frames
from equime_builder.errors import DatasetError, UsageError
from equime_builder.folder import shard_paths
from equime_builder.gallery import write_contact_sheet
from equime_builder.gallery.choice import candidates, choose_clips, rows_of

FACE = (0.14 * 512, 0.2 * 512, 0.86 * 512, 0.92 * 512)
EDGE, CELL, NAME, TOP, LABEL, TAG = 64, 3 * 64 + 2 * 3 + 20, 96, 10, 24, 20


def pixels_of(path: Path) -> np.ndarray:
    with Image.open(path) as sheet:
        return np.asarray(sheet.convert("RGB")).astype(int)


def picture(sheet: np.ndarray, row: int, column: int, place: int) -> np.ndarray:
    top, left = TOP + row * (EDGE + LABEL), NAME + column * CELL + place * (EDGE + 3)
    return sheet[top + TAG : top + EDGE, left : left + EDGE]


def test_each_row_is_an_emotion_and_each_cell_three_pictures(tiny_dataset: Path, tmp_path: Path) -> None:
    path = write_contact_sheet(tiny_dataset, tmp_path / "sheet.png", columns=2, picture_px=EDGE)
    sheet = pixels_of(path)
    assert sheet.shape == (TOP + 3 * (EDGE + LABEL), NAME + 2 * CELL, 3)
    chosen = choose_clips(candidates(tiny_dataset, shard_paths(tiny_dataset)), per_emotion=2)
    for clip, row in rows_of(tiny_dataset, chosen):
        place = (
            ["fear", "anger", "neutral"].index(clip.emotion),
            [c for c in chosen if c.emotion == clip.emotion].index(clip),
        )
        moments = (10, 72) if clip.emotion == "neutral" else (57, 62)
        for number, frame in enumerate(decode_frames(row["video"]["bytes"], moments)):
            small = np.asarray(Image.fromarray(frame).resize((EDGE, EDGE), Image.Resampling.LANCZOS, box=FACE))
            assert np.array_equal(picture(sheet, *place, number), small[TAG:])
        if clip.emotion == "neutral":
            assert np.abs(picture(sheet, *place, 2) - 128).max() <= 1


def test_rows_can_be_chosen(tiny_dataset: Path, tmp_path: Path) -> None:
    path = write_contact_sheet(tiny_dataset, tmp_path / "s.jpg", columns=1, picture_px=EDGE, emotions=["anger"])
    with Image.open(path) as sheet:
        assert (sheet.format, sheet.size) == ("JPEG", (NAME + CELL, TOP + EDGE + LABEL))


def test_the_same_bytes_each_time(tiny_dataset: Path, tmp_path: Path) -> None:
    first, second = (write_contact_sheet(tiny_dataset, tmp_path / name, picture_px=EDGE) for name in ("a.jpg", "b.jpg"))
    assert first.read_bytes() == second.read_bytes()


def test_wrong_wishes_are_refused(tiny_dataset: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"'.gif' is unknown; choose from: .jpg, .png"):
        write_contact_sheet(tiny_dataset, tmp_path / "s.gif")
    with pytest.raises(UsageError, match="emotion 'joy' is unknown"):
        write_contact_sheet(tiny_dataset, tmp_path / "s.jpg", emotions=["joy"])
    with pytest.raises(UsageError, match="got 0 and 152"):
        write_contact_sheet(tiny_dataset, tmp_path / "s.jpg", columns=0)
    with pytest.raises(DatasetError, match="no clip"):
        write_contact_sheet(tiny_dataset, tmp_path / "s.jpg", emotions=["surprise"])
