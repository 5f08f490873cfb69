import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from equime_builder.errors import DatasetError, DatasetMissingError
from equime_builder.records import Plan
from equime_evaluation.equity.audit import Audit, Repeats, audit, audit_of
from equime_evaluation.equity.facts import facts_of_plan, facts_of_row
from equime_evaluation.equity.people import groups_of, members
from equime_evaluation.equity.reading import Material, read_material
from tests.evaluation.equity.material import material_of, plans_of, ten_people
from tests.samples import byte_row, person, plan

REPEATS = Repeats(resamples=200, permutations=499)


def slope_of(plan: Plan) -> dict[str, float]:
    """Give women (numbers 0-3, 5, 8, 9) less slope by the estimator, and everybody the same motion."""
    woman = plan.subject_id in {"t000", "t001", "t002", "t003", "t005", "t008", "t009"}
    return {"slope": 0.78 if woman else 0.89, "true_motion_iod": 0.03, "apex_hit": 1.0} if plan.aus else {}


@pytest.fixture(scope="module")
def crossed() -> Audit:
    people = ten_people()
    plans = plans_of(people, design="crossed")
    return audit_of(material_of(people, plans, numbers=slope_of), REPEATS)


def test_a_crossed_build_of_600_clips_has_no_association_at_all(crossed: Audit) -> None:
    assert (crossed.people, crossed.clips_planned, crossed.clips_accepted) == (10, 600, 600)
    for family in (crossed.planned, crossed.accepted):
        known = [item for item in family if item.strengths[0].value is not None]
        named = {item.outcome for item in known}
        assert {"emotion", "AU combination", "peak intensity", "duration (frames)", "onset share"} <= named
        assert {"apex frame", "prompt words", "AU12 present"} <= named
        for item in known:
            assert [(strength.value, strength.low, strength.high) for strength in item.strengths] == [(0, 0, 0)] * 2
            assert item.p in (1, None)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_random_build_of_600_clips_passes(seed: int) -> None:
    people = ten_people()
    plans = plans_of(people, design="independent", seed=seed)
    kept = {plan.clip_id for number, plan in enumerate(plans) if number % 7}
    found = audit_of(material_of(people, plans, kept=lambda plan: plan.clip_id in kept), REPEATS)
    tested = [item for family in (found.planned, found.accepted) for item in family if item.p is not None]
    assert len(tested) > 100
    assert min(item.p_holm or 0 for item in tested) > 0.05
    assert not any(item.is_found for item in tested)
    assert found.gaps == ()
    assert any("No two groups share a programme" in line for line in found.limits)


@pytest.fixture(scope="module")
def sixty() -> Material:
    """600 random plans of sixty people: enough of them for a corrected p-value to be small."""
    crowd = [replace(subject, id=f"{subject.id}-{copy}") for copy in range(6) for subject in ten_people()]
    return material_of(crowd, plans_of(crowd, design="independent", seed=4))


def test_a_random_build_of_many_people_passes_where_a_finding_is_within_reach(sixty: Material) -> None:
    found = audit_of(sixty, Repeats(resamples=100))
    assert not any("no test against gender" in line for line in found.limits)
    tested = [item for family in (found.planned, found.accepted) for item in family if item.p is not None]
    assert min(item.p_holm or 0 for item in tested) > 0.05


def test_a_cut_that_failed_is_found(sixty: Material) -> None:
    # Women's expressions a fifth stronger: what a generator does that has learned from people.
    women = {who for who, subject in sixty.subjects.items() if subject.demographics.gender == "female"}
    stronger = [
        replace(clip, peak=1.2 * clip.peak) if clip.peak and clip.subject_id in women else clip
        for clip in sixty.planned
    ]
    found = audit_of(replace(sixty, planned=stronger), Repeats(resamples=100))
    called = {(item.outcome, item.attribute) for item in found.planned if item.is_found}
    assert ("peak intensity", "gender") in called
    assert {outcome for outcome, _ in called} == {"peak intensity"}


def test_the_estimators_bias_shows_in_slope_and_not_in_true_motion(crossed: Audit) -> None:
    by_name = {gap.outcome: gap for gap in crossed.gaps if gap.attribute == "gender"}
    slope, true = by_name["slope (measured / true)"], by_name["true motion (interocular)"]
    assert slope.difference == pytest.approx(-0.11)
    assert (slope.people, slope.sets, slope.clips) == ((7, 3), 50, 500)
    assert [true.difference, true.low, true.high, true.percent] == [0, 0, 0, 0]
    (means,) = [item for item in crossed.means if (item.outcome, item.attribute) == (slope.outcome, "gender")]
    assert [(group.group, round(group.mean, 4), group.clips) for group in means.groups] == [
        ("female", 0.78, 350),
        ("male", 0.89, 150),
    ]


def test_representation_counts_and_names_what_is_missing(crossed: Audit) -> None:
    shares = {(share.attribute, share.group): share for share in crossed.representation}
    women = shares["gender", "female"]
    assert (women.people, women.planned, women.accepted) == (7, 420, 420)
    assert women.emotions == dict.fromkeys(("happiness", "sadness", "surprise", "fear", "anger", "neutral"), 70)
    assert shares["gender and band", "male light"].people == 0
    assert "gender and band male light: nobody" in crossed.empty
    assert "Fitzpatrick type VI: nobody" in crossed.empty
    assert not any("no accepted clip" in line for line in crossed.empty)


def test_clips_that_a_screen_drops_in_one_group_are_seen() -> None:
    people = ten_people()
    plans = plans_of(people, design="crossed", clips_per_emotion=20)
    dark = {"t003", "t006"}

    def dropped(plan: Plan) -> list[str]:
        return ["weak_motion"] * 4 if plan.subject_id in dark and plan.emotion == "fear" else []

    material = material_of(people, plans, dropped=dropped, kept=lambda plan: not dropped(plan))
    found = audit_of(material, REPEATS)
    assert "skin tone band dark: no accepted clip of fear" in found.empty
    by_key = {(item.outcome, item.attribute): item for item in (*found.found, *found.accepted)}
    # two of ten people can be chosen in 45 ways, and so can the labels of the band: 1 in 45 is as clean
    assert by_key["accepted", "skin tone band"].p == pytest.approx(1 / 45)
    assert by_key["attempts", "skin tone band"].p == pytest.approx(1 / 45)
    assert by_key["emotion", "skin tone band"].p == pytest.approx(1 / 45)
    (gap,) = [gap for gap in found.gaps if (gap.outcome, gap.first, gap.second) == ("accepted", "dark", "light")]
    assert gap.difference == pytest.approx(-1 / 6)
    assert by_key["reason of a drop", "skin tone band"].note == "fewer than two groups"


def test_limits_name_the_few_and_what_cannot_be_reached(crossed: Audit) -> None:
    text = " ".join(crossed.limits)
    assert "There are 10 people" in text
    assert "male (3)" in text
    assert "no test against gender can reach a corrected p of 0.05" in text


def test_the_same_material_gives_the_same_figures(crossed: Audit) -> None:
    people = ten_people()
    again = audit_of(material_of(people, plans_of(people, design="crossed"), numbers=slope_of), REPEATS)
    assert json.dumps(again.as_json()) == json.dumps(crossed.as_json())


def test_a_folder_is_read_without_its_videos(tiny_dataset: Path) -> None:
    material = read_material(tiny_dataset)
    assert sorted(material.subjects) == ["t001", "t002", "t003"]
    assert (len(material.planned), len(material.accepted)) == (18, 18)
    planned = {clip.clip_id: clip for clip in material.planned}
    for clip in material.accepted:
        same = planned[clip.clip_id]
        assert (clip.emotion, clip.combination, clip.sides, clip.peak) == (
            same.emotion,
            same.combination,
            same.sides,
            same.peak,
        )
        moving = {"true_motion_iod"} if clip.combination else set()
        measured = (
            {"motion_iod", "slope", "correlation", "outside_px", "apex_hit"} if clip.combination else {"false_peaks"}
        )
        assert set(clip.numbers) == moving | (measured if clip.clip_id.endswith("01") else set())


def test_facts_of_a_plan_and_of_its_row() -> None:
    found = facts_of_row(byte_row(1, b"abc"))
    assert (found.combination, found.sides, found.peak, found.duration_frames) == ("1+2+4", "both", 0.5, 5)
    assert found.onset_share == pytest.approx(2 / 5)
    assert found.aus == {"1", "2", "4"}
    assert found.numbers["apex_hit"] == 1
    assert found.numbers["true_motion_iod"] == 0.0125
    still = facts_of_plan(plan(person(1), "neutral"))
    assert (still.combination, still.sides, still.peak, still.duration_frames, still.onset_share) == (
        "",
        "",
        None,
        None,
        None,
    )


def test_a_small_folder_is_audited_with_care(tiny_dataset: Path) -> None:
    found = audit(tiny_dataset, REPEATS)
    assert {item.p for item in (*found.planned, *found.found)} == {None}
    assert any((item.note or "").startswith("no test: 3 arrangements") for item in found.planned)


def test_repeats_shrink_where_people_are_many() -> None:
    asked = Repeats(resamples=2000, permutations=4999)
    assert asked.for_people(10) == asked
    assert asked.for_people(2_000) == Repeats(resamples=2000, permutations=2500)
    assert asked.for_people(10**6) == Repeats(resamples=499, permutations=499)


def test_of_many_declared_texts_the_largest_stand() -> None:
    people = [replace(person(number), id=f"p{number}") for number in range(40)]
    names = {subject.id: f"text {max(0, number - 12):02d}" for number, subject in enumerate(people)}
    found = groups_of(people, lambda subject: names[subject.id])
    assert members(found) == {
        "all other groups": 17,
        "text 00": 13,
        **{f"text {place:02d}": 1 for place in range(1, 11)},
    }
    assert groups_of(people[:20], lambda subject: names[subject.id])["p19"] == "text 07"


def test_where_there_is_no_dataset_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(DatasetMissingError, match=r"holds no manifest\.json"):
        audit(tmp_path)


@pytest.fixture
def broken(tiny_dataset: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_dataset, tmp_path / "equime"))


def test_a_damaged_shard_is_named(broken: Path) -> None:
    shard = next(broken.glob("data/fear/*.parquet"))
    shard.write_bytes(shard.read_bytes()[:500])
    with pytest.raises(DatasetError, match=r"data/fear/\S+\.parquet: cannot be read: .*; run equime verify"):
        audit(broken)
