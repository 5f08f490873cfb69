"""A set that left with one of its clips is no set that the screen refused: the others passed, and count as passed."""

from __future__ import annotations

from dataclasses import replace

from equime_builder.records import INCOMPLETE_SET, Plan
from equime_evaluation.equity.outcomes import ACCEPTED, found_values
from tests.evaluation.equity.material import material_of, plans_of, ten_people


def test_the_screen_decided_on_one_person_alone() -> None:
    people = ten_people()
    plans = plans_of(people, design="crossed", clips_per_emotion=20)
    refused = plans[0]
    same = [plan for plan in plans if plan.plan_id == refused.plan_id]
    assert len(same) == len(people)

    def why(plan: Plan) -> list[str]:
        return ["wrong_motion"] if plan is refused else []

    material = material_of(people, plans, dropped=why, kept=lambda plan: plan not in same)
    material = replace(material, left_out=frozenset(plan.clip_id for plan in same if plan is not refused))
    decided = {who: value for plan_id, who, value in found_values(material)[ACCEPTED] if plan_id == refused.plan_id}
    assert decided == {subject.id: float(subject.id != refused.subject_id) for subject in people}
    assert INCOMPLETE_SET not in {reason for reasons in material.reasons.values() for reason in reasons}
