"""What a plan says of size, disk and time, worked out by hand."""

from __future__ import annotations

import pytest

from equime_builder.records import Demographics, Placement, Subject
from equime_generation.config import RunConfig
from equime_generation.outlook import Outlook
from equime_generation.run import draw_plans

PEOPLE = [
    Subject(
        id=f"p{number:03d}",
        demographics=Demographics(gender=("female", "male")[number % 2], skin_tone="II", source="declared"),
        source="test",
        source_sha256=f"{number:064x}",
        source_license="CC0-1.0",
    )
    for number in range(2)
]


def outlook_of(clips_per_emotion: int) -> Outlook:
    config = RunConfig(emotions=("fear", "neutral"), clips_per_emotion=clips_per_emotion, workers=4)
    return Outlook(
        config=config,
        subjects={person.id: person for person in PEOPLE},
        placements={person.id: Placement(split="train", fold=0) for person in PEOPLE},
        plans=draw_plans(config, PEOPLE),
    )


@pytest.mark.parametrize(
    ("clips_per_emotion", "lines"),
    [
        # clips stand in data/ and in vqa/ at 260 kB each; a part, a shard and a question each ask for 300 kB
        (20, ("40 clips, about 21 MB; 36 MB of disk", "108 seconds of one core, 27 seconds of 4 here")),
        (2000, ("4000 clips, about 2.1 GB; 3.6 GB of disk", "3.0 hours of one core, 45 minutes of 4 here")),
    ],
)
def test_size_disk_and_time(clips_per_emotion: int, lines: tuple[str, str]) -> None:
    outlook = outlook_of(clips_per_emotion)
    found = outlook.notes()
    assert found[0] == f"2 subjects, {lines[0]} while they are made"
    assert found[1] == f"about {lines[1]}"
    assert found[2] == f"balance over people: {clips_per_emotion} to {clips_per_emotion} clips a person, " + (
        f"{clips_per_emotion} to {clips_per_emotion} a group"
    )
    told = outlook.as_json()
    assert (told["cores"], told["cpu_s"]) == (4, pytest.approx(2 * clips_per_emotion * 2.7))
    assert told["room_bytes"] == 3 * 2 * clips_per_emotion * 300_000
