from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equime_builder.gallery.choice import Candidate, choose_clips, stem_of

TONES = ("I", "II", "III", "IV", "V", "VI", None)


def clip(subject: int, take: int, emotion: str = "fear", **changes: str) -> Candidate:
    fields = {
        "id": f"{emotion}-s{subject:03d}-{take:03d}",
        "plan_id": f"{emotion}-{take:03d}",
        "subject_id": f"s{subject:03d}",
        "gender": ("female", "male")[subject % 2],
        "skin_tone": TONES[subject % len(TONES)],
        "emotion": emotion,
        "split": ("train", "train", "train", "validation", "test")[subject % 5],
        "shard": f"data/{emotion}/train-00000.parquet",
    } | changes
    return Candidate(**fields, row=take)  # type: ignore[arg-type]


def crossed(subjects: int, takes: int, *emotions: str) -> list[Candidate]:
    return [clip(s, take, emotion) for emotion in emotions for s in range(subjects) for take in range(takes)]


@given(
    subjects=st.integers(1, 9),
    takes=st.integers(1, 4),
    wanted=st.integers(1, 20),
    order=st.randoms(use_true_random=False),
)
def test_people_are_shown_equally_often_whatever_the_order(
    subjects: int, takes: int, wanted: int, order: random.Random
) -> None:
    clips = crossed(subjects, takes, "fear", "anger")
    chosen = choose_clips(clips, per_emotion=wanted)
    for emotion in ("fear", "anger"):
        shown = Counter(one.subject_id for one in chosen if one.emotion == emotion)
        assert shown.total() == min(wanted, subjects * takes)
        assert max(shown.values()) - min(shown[f"s{s:03d}"] for s in range(subjects)) <= 1
    assert len({one.id for one in chosen}) == len(chosen)
    order.shuffle(clips)
    assert choose_clips(clips, per_emotion=wanted) == chosen


def test_skin_tones_come_before_repeats() -> None:
    chosen = choose_clips(crossed(70, 2, "fear"), per_emotion=7)
    assert {one.skin_tone for one in chosen} == set(TONES)
    assert {one.split for one in chosen} == {"train", "validation", "test"}
    assert len({one.subject_id for one in chosen}) == 7


def test_emotions_show_other_people_and_programmes_where_there_are_enough() -> None:
    chosen = choose_clips(crossed(20, 5, "fear", "anger"), per_emotion=5)
    assert [one.emotion for one in chosen] == ["fear"] * 5 + ["anger"] * 5
    assert len({one.subject_id for one in chosen}) == 10
    assert len({one.plan_id for one in chosen}) == 10


def test_an_id_that_stands_twice_is_shown_once() -> None:
    assert len(choose_clips([clip(1, 1), clip(2, 1, id=clip(1, 1).id)], per_emotion=5)) == 1


@pytest.mark.parametrize("clip_id", ["p001-fear-000", "t001x", "0" * 100])
def test_plain_ids_stay(clip_id: str) -> None:
    assert stem_of(clip_id) == clip_id


@given(st.text(max_size=120))
def test_a_stem_is_a_plain_name(clip_id: str) -> None:
    stem = stem_of(clip_id)
    assert 5 <= len(stem) <= 100
    assert set(stem) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_")
    assert (stem == clip_id) == (not stem.startswith("id_"))
