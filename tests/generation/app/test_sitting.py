"""A reviewer's sitting: what comes next, what is written, and what stays hidden."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from equime_builder.errors import DatasetError, UsageError
from equime_builder.layout import tar_twin
from equime_builder.reading import read_rows
from equime_builder.tars import write_tar
from equime_evaluation.reviews import candidates, read_reviews
from equime_evaluation.reviews.case import open_case
from equime_generation.app.sitting import Seen, Sitting


@pytest.fixture
def copy(tiny_dataset: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_dataset, tmp_path / "equime"))


def begin(root: Path, who: str = "heron", *, blind: bool = False) -> Sitting:
    return Sitting.begin(root, who, count=6, seed=0, blind=blind)


def test_what_was_said_is_on_the_disk_and_the_next_clip_comes(copy: Path) -> None:
    sitting = begin(copy)
    first, second = sitting.waiting[:2]
    sitting.say(first, "accept", Seen(), "")
    seen = Seen(emotion="anger", units=[5, 4], frames=(60.0, 62.0, 66.0))
    sitting.say(second, "correct", seen, " brows only ")
    one, two = read_reviews(copy)
    assert (one.clip_id, one.decision, one.says_something) == (first.clip_id, "accept", False)
    assert (two.emotion, two.aus, two.note) == ("anger", ((4, "left"), (4, "right")), "brows only")
    assert (two.onset_frame, two.apex_frame, two.offset_frame) == (60, 62, 66)
    assert begin(copy).waiting == list(sitting.clips[2:])
    assert begin(copy, "wren").waiting == list(begin(copy, "wren").clips)


def test_undo_puts_the_clip_back(copy: Path) -> None:
    sitting = begin(copy)
    first = sitting.waiting[0]
    sitting.say(first, "reject", Seen(), "")
    assert sitting.take_back().clip_id == first.clip_id
    assert sitting.waiting[0] == first
    with pytest.raises(UsageError, match="nothing that could be taken back"):
        sitting.take_back()


def test_words_that_contradict_each_other_write_nothing(copy: Path) -> None:
    sitting = begin(copy)
    for decision, seen, rule in (
        ("accept", Seen(emotion="fear"), "accepts its plan"),
        ("correct", Seen(), "what is shown instead"),
        ("correct", Seen(units=[3], nothing=True), "clear one of the two"),
        ("correct", Seen(frames=(None, 60, None)), "said together"),
    ):
        with pytest.raises(UsageError, match=rule):
            sitting.say(sitting.waiting[0], decision, seen, "")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="pseudonym"):
        begin(copy, "ann@example.org")
    with pytest.raises(UsageError, match="at least one"):
        Sitting.begin(copy, "heron", count=0, seed=0, blind=True)
    assert read_reviews(copy) == []


def test_blind_hides_everything_but_the_picture(copy: Path) -> None:
    clip = next(clip for clip in candidates(copy) if clip.emotion == "fear")
    shown, hidden = (open_case(copy, clip, blind=blind) for blind in (False, True))
    assert hidden.plan is None
    assert hidden.video == shown.video
    assert shown.plan is not None
    assert (shown.plan.emotion, shown.plan.frames) == ("fear", (60, 62, 65))
    assert shown.plan.units[:2] == ("AU1 left C", "AU1 right C")
    assert shown.plan.person == ("female", "35-45", "III")


def test_clips_are_found_in_tar_files_too_and_missed_where_they_are_not(copy: Path) -> None:
    clip = candidates(copy)[1]
    from_parquet = open_case(copy, clip, blind=False)
    write_tar(copy / tar_twin(clip.shard), read_rows(copy / clip.shard))
    (copy / clip.shard).unlink()
    assert open_case(copy, clip, blind=False) == from_parquet
    with pytest.raises(DatasetError, match="lacks fear-nobody-00"):
        open_case(copy, replace(clip, clip_id="fear-nobody-00"), blind=True)
