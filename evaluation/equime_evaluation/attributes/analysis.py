"""All clips behind some paths: frames chosen, faces estimated, votes counted, resumed, and written as tables."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final

from equime_builder.csv_text import csv_of_records
from equime_builder.errors import MediaError
from equime_builder.layout import ATTRIBUTES_FOLDER, MANIFEST_FILE
from equime_builder.pool import default_workers
from equime_builder.publish import publish_text
from equime_evaluation.attributes.choice import AGE_AND_GENDER, Choice, open_analyser
from equime_evaluation.attributes.estimate import ClipAttributes, FaceEstimate
from equime_evaluation.attributes.vote import vote
from equime_evaluation.clips import Clip, Journal, find_clips, open_reel, work_off

CLIPS_FILE: Final = "clips.csv"
FRAMES_FILE: Final = "frames.csv"
JSON_FILE: Final = "attributes.json"
JOURNAL_FILE: Final = "estimated.jsonl"

_SHARES: Final = ("genders", "ethnicities", "emotions")
Analysed = tuple[ClipAttributes, list[FaceEstimate]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """What was estimated, with what, and where it was written.

    Attributes:
        clips: In the order of the paths; each with the estimates of its frames.
        choice: With the analyser that worked.
        resumed: Clips that an earlier run had analysed.
    """

    out: Path
    clips: tuple[tuple[ClipAttributes, tuple[FaceEstimate, ...]], ...]
    choice: Choice
    resumed: int


def default_out(paths: Sequence[Path]) -> Path:
    """Return where results go: into the dataset folder where there is just one, else to ``equime-attributes``."""
    alone = paths[0] if len(paths) == 1 and (paths[0] / MANIFEST_FILE).is_file() else None
    return Path("equime-attributes") if alone is None else alone / ATTRIBUTES_FOLDER


def analyse(
    paths: Sequence[Path],
    choice: Choice,
    *,
    photos: bool = False,
    out: Path | None = None,
    workers: int = 0,
    progress: Callable[[int, int, str], None] = lambda done, total, name: None,
) -> Analysis:
    """Estimate attributes and write ``clips.csv``, ``frames.csv`` and ``attributes.json``.

    Stopped or killed, it goes on where it was when it is called with the same arguments.

    Args:
        paths: Dataset folders, folders and files, see `equime_evaluation.clips.find_clips`.
        photos: Whether each image is a person of its own rather than a frame of a sequence.
        out: Folder of the tables; ``None`` = `default_out`.
        workers: Processes; 0 = one a core for age-and-gender, and one for DeepFace, which uses all cores itself.
        progress: Told of clips done, all clips, and the name of the last one.

    Raises:
        UsageError: There is no clip.
        EquimeError: No analyser can work here, or a process was killed.
        DatasetError: A dataset is damaged.
        OutputError: The tables cannot be written.
    """
    choice = choice.settled()
    found, out = find_clips(paths, photos=photos), out or default_out(paths)
    done: dict[int, Analysed] = {}
    fresh: dict[tuple[str, str], int] = {}
    with Journal(out / JOURNAL_FILE, choice.fingerprint) as journal:

        def missing() -> Iterator[Clip]:
            for place, clip in enumerate(found):
                known = journal.found(clip.name, clip.key)
                if known is None:
                    fresh[clip.name, clip.key] = place
                    yield clip
                else:
                    done[place] = _from_json(known)
                    progress(len(done), len(found), clip.name)

        usual = default_workers() if choice.analyser == AGE_AND_GENDER else 1
        for clip, result in work_off(missing(), clip_analyser, choice, workers=min(workers or usual, len(found))):
            journal.add(clip.name, clip.key, _as_json(result))
            done[fresh[clip.name, clip.key]] = result
            progress(len(done), len(found), clip.name)
    results = [done[place] for place in sorted(done)]
    _write(out, results)
    clips = tuple((clip, tuple(estimates)) for clip, estimates in results)
    return Analysis(out=out, clips=clips, choice=choice, resumed=len(clips) - len(fresh))


def clip_analyser(choice: Choice) -> Callable[[Clip], Analysed]:
    """Load a settled choice's models, and return a function that analyses a clip.

    The function raises nothing for a clip that cannot be read: it says so in ``refused``.
    """
    analyser, tool = open_analyser(choice), choice.tool

    def analysed(clip: Clip) -> Analysed:
        try:
            with open_reel(clip) as reel:
                wanted = spread(reel.count, choice.frames)
                frames = [(number, frame) for number, frame in enumerate(reel.frames) if number in wanted]
        except MediaError as error:
            return ClipAttributes(video_path=clip.name, clip_id=clip.clip_id, tool=tool, refused=str(error)), []
        estimates = analyser(frames)
        return vote(clip, estimates, frames=len(frames), tool=tool), estimates

    return analysed


def spread(count: int, wanted: int) -> frozenset[int]:
    """Return numbers of frames in the middles of equal stretches; 0 wanted = all.

    Example:
        >>> sorted(spread(144, 4))
        [18, 54, 90, 126]
    """
    if wanted == 0 or wanted >= count:
        return frozenset(range(count))
    return frozenset(int((place + 0.5) * count / wanted) for place in range(wanted))


def _as_json(result: Analysed) -> dict[str, Any]:
    clip, estimates = result
    return {"clip": asdict(clip), "frames": [asdict(estimate) for estimate in estimates]}


def _from_json(value: dict[str, Any]) -> Analysed:
    return ClipAttributes(**value["clip"]), [FaceEstimate(**frame) for frame in value["frames"]]


def _write(out: Path, results: Sequence[Analysed]) -> None:
    columns = [field.name for field in fields(ClipAttributes)]
    publish_text(out / CLIPS_FILE, csv_of_records(columns, [asdict(clip) for clip, _ in results]))
    rows = [_frame_row(clip, estimate) for clip, estimates in results for estimate in estimates]
    names = dict.fromkeys(name for row in rows for name in row)
    publish_text(out / FRAMES_FILE, csv_of_records(list(names), rows))
    publish_text(out / JSON_FILE, json.dumps([_as_json(result) for result in results], indent=1) + "\n")


def _frame_row(clip: ClipAttributes, estimate: FaceEstimate) -> dict[str, Any]:
    values = asdict(estimate)
    shares = {name: values.pop(name) for name in _SHARES}
    leaders = {"gender": estimate.gender, "ethnicity": estimate.ethnicity, "emotion": estimate.emotion}
    apart = {f"share {name}": share for of_one in shares.values() for name, share in of_one.items()}
    return {"video_path": clip.video_path, "clip_id": clip.clip_id, **values, **leaders, **apart}
