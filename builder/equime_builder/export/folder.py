"""The published folder layout of EquiME: a video and a JSON file of metadata a clip, by emotion."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from equime_builder.export.clips import Clip
from equime_builder.export.layouts import Pairs, videos_size_bytes, write_video
from equime_builder.export.names import safe_name
from equime_builder.publish import publish_text
from equime_builder.rows import Row

ROOT_FOLDER: Final = "ME-VLM/emotion_categories"
GENDER_LETTERS: Final = {"female": "f", "male": "m", None: "u"}
"""``x`` stands for any other declared word, ``u`` for none."""

_GROUPS: Final[dict[str, dict[str, str]]] = {
    "demographics": {
        name: name
        for name in (
            "gender", "age", "age_group", "ethnicity", "ethnicity_distribution", "skin_tone", "skin_ita",
            "demographics_source", "estimated",
        )
    },
    "technical": {
        "file_size_bytes": "size_bytes", "bitrate_kbps": "bitrate_kbps", "duration_s": "duration_s",
        "frame_count": "num_frames", "fps": "fps", "width": "width", "height": "height", "codec": "codec",
        "encoder_profile": "encoder_profile", "sha256": "sha256",
    },
    "generation": {
        "renderer": "renderer", "model": "model", "model_revision": "model_revision", "random_seed": "seed",
        "configuration": "recipe", "generated_with": "generated_with", "source": "source",
        "source_sha256": "source_sha256", "source_license": "source_license", "synthetic": "synthetic",
    },
    "quality": {
        name: name
        for name in (
            "psnr", "ssim", "tv", "brisque", "clip_iqa", "motion_survival", "true_motion", "measured",
        )
    },
    "prompt": {"prompt": "prompt", "negative_prompt": "negative_prompt", "muscle_movements": "caption"},
    "action_units": {
        name: name
        for name in (
            "aus", "onset_frame", "apex_frame", "offset_frame", "objective_class", "distractors",
        )
    },
}  # fmt: skip
"""Group to name in the file to column of the row."""


class Folder:
    """Writes ``ME-VLM/emotion_categories/fear/f_p001_001.mp4`` and ``fear/metadata/f_p001_001_metadata.json``."""

    takes_negatives = True
    about = f"""\
Layout: {ROOT_FOLDER}/<emotion>/<gender>_<subject>_<sequence>.mp4, and beside it metadata/<video>_metadata.json with
demographics, technical facts, generation, quality, prompt and Action Units. Gender is m, f, u (undeclared) or x
(another word, which stands in the JSON file). Frames are counted from 0. null is not measured, or not declared.
"""

    def __init__(self, out: Path, images: str) -> None:
        self._root = out / ROOT_FOLDER

    def size_bytes(self, clips: Sequence[Clip]) -> int:
        """Return about how much room so many clips take."""
        return videos_size_bytes(clips)

    def write_shard(self, shard: str, pairs: Pairs) -> None:
        """Write videos, and the metadata of each after it.

        Raises:
            OutputError: The place cannot be written.
        """
        for clip, row in pairs:
            letter = GENDER_LETTERS.get(row["gender"], "x")
            name = f"{letter}_{safe_name(clip.subject_id)}_{clip.sequence:03d}"
            folder = self._root / clip.emotion
            write_video(folder / f"{name}.mp4", row)
            metadata = folder / "metadata" / f"{name}_metadata.json"
            if not metadata.exists():
                publish_text(metadata, json.dumps(metadata_of(clip, row, f"{name}.mp4"), indent=1) + "\n")

    def finish(self) -> None:
        """Do nothing: every clip has its own labels."""


def metadata_of(clip: Clip, row: Row, video: str) -> dict[str, Any]:
    """Return what the metadata file of a clip holds, in the groups that the published description names.

    Args:
        video: Name of the video file.
    """
    own = {
        "video": video,
        "id": clip.id,
        "emotion": clip.emotion,
        "emotion_3class": row["emotion_3class"],
        "negative_kind": row["negative_kind"],
        "split": clip.split,
        "fold": row["fold"],
    }
    groups = {group: {name: row[column] for name, column in names.items()} for group, names in _GROUPS.items()}
    return own | groups
