"""All clips behind some paths: measured by processes, resumed, and written as two tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from equime_builder.layout import MANIFEST_FILE, QUALITY_FOLDER
from equime_builder.pool import default_workers
from equime_evaluation.clips import Clip, Journal, find_clips, work_off
from equime_evaluation.quality.clip import quality_meter
from equime_evaluation.quality.instruments import Instruments
from equime_evaluation.quality.readings import ClipQuality
from equime_evaluation.quality.summary import Summary, summarise
from equime_evaluation.quality.tables import write_clips, write_summary

CLIPS_FILE: Final = "clips.csv"
SUMMARY_FILE: Final = "summary.csv"
JOURNAL_FILE: Final = "measured.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What was measured, and where it was written.

    Attributes:
        clips: In the order of the paths, and below each of names or shards.
        summaries: One a path.
        resumed: Clips that an earlier run had measured.
    """

    out: Path
    clips: tuple[ClipQuality, ...]
    summaries: tuple[Summary, ...]
    resumed: int


def default_out(paths: Sequence[Path]) -> Path:
    """Return where results go: into the dataset folder where there is just one, else to ``equime-quality``."""
    alone = paths[0] if len(paths) == 1 and (paths[0] / MANIFEST_FILE).is_file() else None
    return Path("equime-quality") if alone is None else alone / QUALITY_FOLDER


def evaluate(
    paths: Sequence[Path],
    instruments: Instruments,
    *,
    out: Path | None = None,
    workers: int = 0,
    progress: Callable[[int, int, str], None] = lambda done, total, name: None,
) -> Evaluation:
    """Measure clips and write ``clips.csv`` and ``summary.csv``.

    Stopped or killed, it goes on where it was when it is called with the same arguments.

    Args:
        paths: Dataset folders, folders and files, see `equime_evaluation.clips.find_clips`.
        out: Folder of the tables; ``None`` = `default_out`.
        workers: Processes; 0 = one a core, and one for a GPU.
        progress: Told of clips done, all clips, and the name of the last one.

    Raises:
        UsageError: There is no clip.
        DatasetError: A dataset is damaged.
        OutputError: The tables cannot be written.
        EquimeError: A process was killed.
    """
    found, out = find_clips(paths), out or default_out(paths)
    lines: dict[int, ClipQuality] = {}
    roots: dict[int, str] = {}
    fresh: dict[tuple[str, str], int] = {}
    with Journal(out / JOURNAL_FILE, instruments.fingerprint) as journal:

        def missing() -> Iterator[Clip]:
            for place, clip in enumerate(found):
                roots[place] = clip.root
                known = journal.found(clip.name, clip.key)
                if known is None:
                    fresh[clip.name, clip.key] = place
                    yield clip
                else:
                    lines[place] = ClipQuality(**known)
                    progress(len(lines), len(found), clip.name)

        number = 1 if instruments.device != "cpu" else min(workers or default_workers(), len(found))
        for clip, line in work_off(missing(), quality_meter, instruments, workers=number):
            journal.add(clip.name, clip.key, asdict(line))
            lines[fresh[clip.name, clip.key]] = line
            progress(len(lines), len(found), clip.name)
    clips = tuple(lines[place] for place in sorted(lines))
    summaries = tuple(
        summarise(root, [lines[place] for place in sorted(lines) if roots[place] == root])
        for root in dict.fromkeys(roots.values())
    )
    write_clips(out / CLIPS_FILE, clips)
    write_summary(out / SUMMARY_FILE, summaries)
    return Evaluation(out=out, clips=clips, summaries=summaries, resumed=len(clips) - len(fresh))
