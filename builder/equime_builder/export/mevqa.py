"""The layout of the ME-VQA challenge: questions and answers as JSON lines, and the videos that they are about.

Source of the records: MEGC 2025, task 2 (visual question answering on micro-expressions), as its entrants' readers use
them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from equime_builder.export.clips import Clip
from equime_builder.export.layouts import Pairs, videos_size_bytes, write_video
from equime_builder.export.names import safe_name
from equime_builder.publish import publish_text
from equime_builder.vqa import questions_of
from equime_builder.vqa_templates import CHALLENGE_KINDS, TRUTH_KINDS

VIDEOS_FOLDER: Final = "videos"
RECORD_FIELDS: Final = ("id", "dataset", "image_id", "subject", "filename", "question", "answer")
FRAME_FIELDS: Final = ("onset_frame", "offset_frame")
"""Records of the test split have them as well."""


class MeVqa:
    """Writes ``me_vqa_equime_train.jsonl``, ``me_vqa_equime_truth_train.jsonl`` and ``videos/<filename>.mp4``."""

    takes_negatives = True
    about = f"""\
Layout: me_vqa_equime_<split>.jsonl holds the challenge's questions, word for word, with the fields of its records
({", ".join(RECORD_FIELDS)}; on the test split {" and ".join(FRAME_FIELDS)} as well, with the answers filled in).
me_vqa_equime_truth_<split>.jsonl holds, with the same fields, questions that only known truth answers: when, how long,
how strong, on which side, where. {VIDEOS_FOLDER}/<filename>.mp4 is the clip. Frames are counted from 0. Left and right
are the person's.
"""

    def __init__(self, out: Path, images: str) -> None:
        self._out = out
        self._lines: dict[str, list[str]] = {}

    def size_bytes(self, clips: Sequence[Clip]) -> int:
        """Return about how much room so many clips take."""
        return videos_size_bytes(clips)

    def write_shard(self, shard: str, pairs: Pairs) -> None:
        """Write videos, and keep the questions about them.

        Raises:
            OutputError: The place cannot be written.
        """
        for clip, row in pairs:
            filename = safe_name(clip.id)
            write_video(self._out / VIDEOS_FOLDER / f"{filename}.mp4", row)
            frames = {name: row[name] for name in FRAME_FIELDS} if clip.split == "test" else {}
            for file, kinds in ((clip.split, CHALLENGE_KINDS), (f"truth_{clip.split}", TRUTH_KINDS)):
                for question in questions_of(row, kinds):
                    record = {name: question[name] for name in RECORD_FIELDS}
                    record |= {"image_id": filename, "filename": filename}
                    line = json.dumps(record | frames, ensure_ascii=False)
                    self._lines.setdefault(file, []).append(line)

    def finish(self) -> None:
        """Write the questions.

        Raises:
            OutputError: The place cannot be written.
        """
        for file, lines in self._lines.items():
            publish_text(self._out / f"me_vqa_equime_{file}.jsonl", "\n".join(lines) + "\n")
