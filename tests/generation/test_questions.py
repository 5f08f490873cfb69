"""What the wording of a question tells about its answer, over the programmes that are rendered."""

from __future__ import annotations

from collections import defaultdict

from equime_builder.vqa_templates import ABSENT_WEIGHTS
from equime_generation.programmes import COMBINATIONS


def test_the_question_alone_does_not_tell_whether_a_unit_is_shown() -> None:
    yes: dict[int, float] = defaultdict(float)
    no: dict[int, float] = defaultdict(float)
    for table in COMBINATIONS.values():
        for name, share in table.items():
            moving = {int(number) for number in name.removeprefix("U").split("+")} if name else set()
            absent = {au: weight for au, weight in ABSENT_WEIGHTS.items() if au not in moving}
            for au in moving:
                yes[au] += share / len(moving)
            for au, weight in absent.items():
                no[au] += share * weight / sum(absent.values())
    assert set(yes) == set(ABSENT_WEIGHTS)
    guessed = sum(max(yes[au], no[au]) for au in yes) / (sum(yes.values()) + sum(no.values()))
    always_no = sum(no.values()) / (sum(yes.values()) + sum(no.values()))
    assert guessed <= always_no + 0.01, "knowing which AU is asked about is worth nothing beyond saying no each time"
    assert always_no < 0.55
