"""What every export says about itself: what it holds, how its numbers count, and who may have it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from textwrap import fill
from typing import Final

from equime_builder.export.clips import Clip
from equime_builder.licenses import may_be_passed_on
from equime_builder.publish import publish_text
from equime_builder.records import FPS

NOTICE_FILE: Final = "NOTICE.txt"

_HEAD: Final = """\
These clips are synthetic: no frame is a recording, and nobody in them felt anything. They were made with EquiME, and
exported in the layout of {format}. An emotion is the one that was asked for, an Action Unit one that was rendered.
All clips run at {fps} frames a second.
"""
_LICENCE: Final = """\
Licence
-------
Clips and annotations are licensed under the Creative Commons Attribution-NonCommercial 4.0 International Public
License (CC BY-NC 4.0): https://creativecommons.org/licenses/by-nc/4.0/legalcode
They were made from photos, whose licences hold beside it and are never widened by it:
"""
_VERDICTS: Final = {
    True: "may be passed on under CC BY-NC 4.0",
    None: "does not say whether clips may be passed on: ask whoever holds the rights first",
    False: "MUST NOT BE PASSED ON: keep these clips on this machine",
}


def write_notice(out: Path, *, format: str, about: str, clips: Sequence[Clip], left_out: int) -> Path:
    """Write the notice of an export.

    Args:
        about: What the layout is, and where it differs from its model.
        clips: All that were exported.
        left_out: Negatives that the layout has no place for.

    Raises:
        OutputError: The place cannot be written.
    """
    counts = Counter(clip.emotion for clip in clips)
    people = len({clip.subject_id for clip in clips})
    lines = [
        _HEAD.format(format=format, fps=FPS),
        f"{len(clips)} clips of {people} people: {', '.join(f'{name} {count}' for name, count in counts.items())}.",
        *(
            [f"{left_out} clips without an expression were left out: the layout has no place for them."]
            * bool(left_out)
        ),
        "",
        *(f"{fill(paragraph, 100, break_long_words=False)}\n" for paragraph in about.split("\n\n")),
        _LICENCE,
        *licence_lines(clips),
        "",
    ]
    return publish_text(out / NOTICE_FILE, "\n".join(lines))


def licence_lines(clips: Sequence[Clip]) -> list[str]:
    """Return for each source and licence of photos how many clips came of it, and whether they may be passed on."""
    counts = Counter((" ".join(clip.source.split()), " ".join(clip.source_license.split())) for clip in clips)
    return [
        f"- {source}, {licence}: {count} clips; {_VERDICTS[may_be_passed_on(licence)]}"
        for (source, licence), count in sorted(counts.items())
    ]


def held_back(clips: Sequence[Clip]) -> int:
    """Return the number of clips that must not leave the machine."""
    return sum(may_be_passed_on(clip.source_license) is False for clip in clips)
