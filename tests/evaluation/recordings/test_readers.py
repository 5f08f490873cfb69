from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from equime_builder.errors import DatasetError
from equime_builder.export import export_dataset
from equime_evaluation.protocols import CLASS_SETS
from equime_evaluation.recordings import Listing, open_source
from tests.evaluation.recordings import folders

Span = tuple[int | None, int | None, int | None]


def spans(listing: Listing) -> dict[str, tuple[str | None, Span]]:
    return {
        item.id: (item.emotion, (item.onset_frame, item.apex_frame, item.offset_frame)) for item in listing.recordings
    }


def test_casme2_with_its_oddities(tmp_path: Path) -> None:
    listing = open_source(f"casme2:{folders.casme2(tmp_path)}")
    assert spans(listing) == {
        "casme2/01/EP02_01f": ("disgust", (0, 4, 6)),
        "casme2/01/EP03_02": ("happiness", (0, 2, 4)),
        "casme2/17/EP05_09": ("repression", (0, 4, 6)),
        "casme2/17/EP06_01": ("others", (0, 2, 4)),
    }
    assert listing.mended == {
        "casme2/01/EP03_02": "apex is missing or out of order; 12 was taken",
        "casme2/17/EP05_09": "offset is missing or out of order; 26 was taken",
    }
    assert listing.left_out == {
        "casme2/02/EP09_01": "casme2/02/EP09_01: there are no images in sub02/EP09_01",
        "casme2/02/EP09_02": "casme2/02/EP09_02: emotion 'bored' is none that is known",
    }
    # raw images, not the cropped ones
    assert listing.recordings[0].frames.read([0, 2])[:, 0, 0, 0].tolist() == [40, 48]
    classes = [CLASS_SETS["3class"].label_of(item.emotion) for item in listing.recordings]
    assert classes == [0, 1, 0, None]


def test_samm_with_its_oddities(tmp_path: Path) -> None:
    listing = open_source(f"samm:{folders.samm(tmp_path)}")
    assert spans(listing) == {
        "samm/006/006_1_2": ("happiness", (0, 3, 6)),
        "samm/007/007_3_1": ("surprise", (0, 5, 10)),
        "samm/007/007_3_2": ("others", (0, 3, 10)),
    }
    assert listing.mended == {
        "samm/007/007_3_1": "apex is missing or out of order; 105 was taken",
        "samm/007/007_3_2": "offset 140 has no image; 110 was taken",
    }


def test_smic_is_labelled_by_its_folders(tmp_path: Path) -> None:
    listing = open_source(f"smic:{folders.smic(tmp_path)}")
    assert spans(listing) == {
        "smic/s01/s1_ne_01": ("negative", (0, 2, 4)),
        "smic/s01/s1_sur_01": ("surprise", (0, 2, 4)),
        "smic/s11/s11_po_02": ("positive", (0, 2, 4)),
    }
    folders.smic(tmp_path, "VIS")
    with pytest.raises(DatasetError, match="several recordings: HS, VIS; name one"):
        open_source(f"smic:{tmp_path}")
    assert len(open_source(f"smic:{tmp_path / 'VIS'}").recordings) == 3


def test_mmew_reads_micro_and_not_macro(tmp_path: Path) -> None:
    listing = open_source(f"mmew:{folders.mmew(tmp_path)}")
    assert spans(listing) == {
        "mmew/1/S01-05-001": ("anger", (0, 3, 6)),
        "mmew/12/S12-02-003": ("surprise", (1, 2, 4)),
    }
    assert listing.recordings[0].frames.count == 8


def test_casme3_as_clips_and_as_whole_videos(tmp_path: Path) -> None:
    listing = open_source(f"casme3:{folders.casme3(tmp_path)}")
    assert spans(listing) == {
        "casme3/spNO.1/spNO.1_a_355": ("happiness", (0, 3, 6)),
        "casme3/spNO.2/spNO.2_b_10": ("anger", (9, 11, 14)),
        "casme3/spNO.2/spNO.2_b_30": ("surprise", (29, 32, 35)),
        "casme3/spNO.2/spNO.2_e_0": ("sadness", (0, 12, 24)),
    }
    assert "onset 0 has no image; 1 was taken" in listing.mended["casme3/spNO.2/spNO.2_e_0"]


def test_miex_has_the_classes_of_its_authors(tmp_path: Path) -> None:
    listing = open_source(f"miex:{folders.miex(tmp_path)}")
    assert spans(listing) == {
        "miex/000106/000106_mmew_0": ("negative", (0, 1, 1)),
        "miex/000106/000106_mmew_1": ("positive", (0, 1, 1)),
    }
    assert list(listing.left_out.values()) == ["miex/000203/000203_mmew_2: onset and apex are the same image"]


@pytest.mark.parametrize("format", ["casme2", "samm"])
def test_an_export_is_read_as_the_set_whose_layout_it_has(tiny_dataset: Path, tmp_path: Path, format: str) -> None:
    out = tmp_path / "export"
    export_dataset(tiny_dataset, out, format=format)
    listing = open_source(f"{format}:{out}")
    assert not listing.left_out
    assert not listing.mended
    true = {item.name: item for item in open_source(f"equime:{tiny_dataset}").recordings if item.emotion != "neutral"}
    assert len(listing.recordings) == len(true) == 12
    assert {item.emotion for item in listing.recordings} == {"fear", "anger"}
    # exports hold the frames from onset to offset alone
    assert {(item.onset_frame, item.apex_frame, item.offset_frame) for item in listing.recordings} == {(0, 2, 5)}
    # and its people are EquiME's, so that nobody is trained on and tested under two names
    assert {item.person for item in listing.recordings} == {item.person for item in true.values()}
    key = out / "equime-key.csv"
    key.write_text(key.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    with pytest.raises(DatasetError, match="does not say who"):
        open_source(f"{format}:{out}")


@pytest.mark.parametrize(
    ("name", "make"),
    [("casme2", folders.casme2), ("samm", folders.samm), ("mmew", folders.mmew), ("casme3", folders.casme3)],
)
def test_a_folder_without_a_sheet_is_said(tmp_path: Path, name: str, make: Callable[[Path], Path]) -> None:
    make(tmp_path)
    for sheet in tmp_path.rglob("*.xlsx"):
        sheet.rename(sheet.with_suffix(".xls"))
    with pytest.raises(DatasetError, match=r"holds no sheet .* is in the old format: save it as"):
        open_source(f"{name}:{tmp_path}")


@pytest.mark.parametrize("name", ["smic", "miex", "videos"])
def test_an_empty_folder_is_said(tmp_path: Path, name: str) -> None:
    with pytest.raises(DatasetError, match="holds no"):
        open_source(f"{name}:{tmp_path}")


def test_a_set_without_any_images_is_said(tmp_path: Path) -> None:
    folders.mmew(tmp_path)
    for image in tmp_path.rglob("*.jpg"):
        image.unlink()
    with pytest.raises(DatasetError, match="no clip of mmew can be read; mmew/1/S01-05-001: there are no images"):
        open_source(f"mmew:{tmp_path}")


def test_equime_s_own_clips_carry_what_training_needs(tiny_dataset: Path) -> None:
    listing = open_source(f"equime:{tiny_dataset}")
    assert len(listing.recordings) == 18
    clip = next(item for item in listing.recordings if item.emotion == "fear")
    assert (clip.onset_frame, clip.apex_frame, clip.offset_frame) == (60, 62, 65)
    assert clip.groups["skin tone band"] in ("light", "medium", "dark")
    assert (clip.level, clip.frames.count) == ("C", 144)
    assert {item.split for item in listing.recordings} == {"train", "validation", "test"}
    rest, apex = clip.frames.read([0, 62])
    np.testing.assert_allclose(np.roll(rest, 8, axis=1).astype(int), apex, atol=40)
    neutral = next(item for item in listing.recordings if item.emotion == "neutral")
    assert (neutral.onset_frame, neutral.level) == (None, None)


def test_videos_without_labels_are_listed_and_damaged_ones_left_out(tiny_dataset: Path, tmp_path: Path) -> None:
    from equime_builder.reading import read_rows

    shard = next((tiny_dataset / "data").rglob("*.parquet"))
    (tmp_path / "holiday").mkdir()
    (tmp_path / "holiday/a.mp4").write_bytes(next(read_rows(shard))["video"]["bytes"])
    (tmp_path / "b.mov").write_bytes(b"not a video")
    folders.images(tmp_path / "frames", (f"f{n}.png" for n in range(4)))
    listing = open_source(f"videos:{tmp_path}")
    assert {item.name: item.frames.count for item in listing.recordings} == {"frames": 4, "holiday/a.mp4": 144}
    assert {item.emotion for item in listing.recordings} == {None}
    assert list(listing.left_out) == ["b.mov"]
